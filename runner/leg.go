package runner

import (
	"math"
	"time"
)

// leg is a straight piece of a Profile.
type leg struct {
	began    time.Duration
	over     time.Duration // its length; forever for the last leg of a profile without end
	from, to float64
	before   float64 // arrivals before it began
	stage    int     // index into stages; -1: none
}

const forever = time.Duration(math.MaxInt64 / 4)

// level returns the level after x of the leg.
func (l *leg) level(x time.Duration) float64 {
	switch {
	case l.from == l.to || x <= 0:
		return l.from
	case x >= l.over:
		return l.to
	}
	return l.from + (l.to-l.from)*float64(x)/float64(l.over)
}

// area returns the arrivals in the first x of the leg.
func (l *leg) area(x time.Duration) float64 {
	x = min(max(x, 0), l.over)
	return (l.from + l.level(x)) / 2 * x.Seconds()
}

// timeOf is the inverse of area: it solves from·x + slope·x²/2 = n for x, in
// the form that loses no digits where the slope is small.
func (l *leg) timeOf(n float64) time.Duration {
	if n <= 0 {
		return 0
	}
	slope := (l.to - l.from) / l.over.Seconds()
	root := math.Sqrt(max(0, l.from*l.from+2*slope*n))
	x := 2 * n / (l.from + root)
	return min(seconds(x), l.over)
}

// seconds turns a number of seconds, however large, into a Duration.
func seconds(s float64) time.Duration {
	if s >= forever.Seconds() {
		return forever
	}
	return time.Duration(math.Round(s * float64(time.Second)))
}
