// Package reports keeps the record of a run and makes every report from it.
//
// A Journal writes the record while the run goes on; a Record reads it back,
// also where the run ended in a crash. Each report is a function of a Record
// (Reporter), so a report made on quitting and one made a year later from the
// journal are the same. Write saves them all.
package reports
