// Package stats holds the numbers of a run: what one request was (Sample),
// what a second of a worker was (Snapshot), what a stretch of time comes to
// (Summary), whether thresholds hold (Threshold) and whether the numbers can
// be trusted (Verdict).
//
// Snapshots are the waist of the program: screens, journal and reports read
// nothing else. They are immutable once made, can be merged in any order, and
// have one binary form that is both a journal frame and a message.
//
// The package imports nothing else of brink.
package stats
