package stats

import (
	"strconv"
	"time"
)

// rough writes a duration for people, with three digits: "4.23 ms", "403 ms",
// "1.25 s", "3600 s".
func rough(d time.Duration) string {
	v, unit := timed(d)
	if v >= 1000 {
		return strconv.FormatFloat(v, 'f', 0, 64) + unit
	}
	return strconv.FormatFloat(v, 'g', 3, 64) + unit
}

// fine writes a duration so that it can be held against a bound: to 0.01 of its
// unit, "300.02 ms", or 0.001 where it is less than one.
func fine(d time.Duration) string {
	v, unit := timed(d)
	decimals := 2
	if v < 1 {
		decimals = 3
	}
	v, _ = strconv.ParseFloat(strconv.FormatFloat(v, 'f', decimals, 64), 64)
	return strconv.FormatFloat(v, 'f', -1, 64) + unit
}

// timed returns a duration in ms or, from one on, in s.
func timed(d time.Duration) (v float64, unit string) {
	if d < time.Second-time.Millisecond/2 {
		return float64(d) / float64(time.Millisecond), " ms"
	}
	return d.Seconds(), " s"
}
