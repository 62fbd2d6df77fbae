package scenarios

import (
	"math/rand/v2"
	"time"
)

// Wait is the time between two tasks of a user. The zero value is no wait.
type Wait struct {
	Kind      WaitKind
	Min, Max  time.Duration // bounds of WaitUniform and WaitNormal; Max 0: none
	Mean, Dev time.Duration // WaitFixed, WaitPace (its period), WaitNormal, WaitExponential
}

// WaitKind says how a Wait is chosen.
type WaitKind uint8

// The kinds of waits.
const (
	WaitFixed       WaitKind = iota // Mean each time
	WaitUniform                     // between Min and Max, evenly
	WaitPace                        // a task each Mean, counted from one's start to the next
	WaitNormal                      // normally distributed around Mean with deviation Dev, never below 0
	WaitExponential                 // exponentially distributed with Mean: a memoryless user
)

// Next returns how long to wait at now after a task that began at taskBegan.
// It is pure arithmetic and draws from r only where the kind is random.
func (w Wait) Next(r *rand.Rand, taskBegan, now time.Duration) time.Duration {
	switch w.Kind {
	case WaitUniform:
		if w.Max <= w.Min {
			return w.Min
		}
		return w.Min + time.Duration(r.Int64N(int64(w.Max-w.Min)+1))
	case WaitPace:
		return max(0, taskBegan+w.Mean-now)
	case WaitNormal:
		d := w.Mean + time.Duration(r.NormFloat64()*float64(w.Dev))
		if w.Max > 0 {
			d = min(d, w.Max)
		}
		return max(d, w.Min, 0)
	case WaitExponential:
		d := time.Duration(r.ExpFloat64() * float64(w.Mean))
		if w.Max > 0 {
			d = min(d, w.Max)
		}
		return max(d, w.Min)
	default:
		return w.Mean
	}
}
