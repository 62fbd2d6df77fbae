package stats

import (
	"fmt"
	"time"
)

// Gate holds thresholds against a run, second by second. Not safe for
// concurrent use.
type Gate struct {
	checks []check
}

// check is the state of one threshold.
type check struct {
	Threshold
	sum      stretch  // the whole run without the warm-up, or the running window
	seconds  []second // of the running window
	window   Window   // their requests
	filled   bool     // the window was full at least once
	worst    float64  // worst window so far
	measured bool     // worst is set
	broken   bool     // it does not hold, and later seconds cannot mend it
}

// second is when one within a window began, and how long it was.
type second struct{ start, span time.Duration }

// ThresholdResult is what became of a threshold so far.
type ThresholdResult struct {
	Threshold
	Held     bool
	Measured string // the value for people; of the worst window with `over`
	Note     string // why it cannot be said, or what else to know; may be empty
}

// NewGate returns a Gate for the thresholds.
func NewGate(thresholds []Threshold) *Gate {
	g := &Gate{checks: make([]check, len(thresholds))}
	for i, t := range thresholds {
		g.checks[i].Threshold = t
	}
	return g
}

// Add takes the next second.
func (g *Gate) Add(s *Snapshot) {
	for i := range g.checks {
		g.checks[i].add(s)
	}
}

// Results returns what became of each threshold so far, in their order.
func (g *Gate) Results() []ThresholdResult {
	out := make([]ThresholdResult, len(g.checks))
	for i := range g.checks {
		out[i] = g.checks[i].result()
	}
	return out
}

// Abort returns the sentence of the first threshold with `abort` that is
// broken, and whether there is one.
func (g *Gate) Abort() (string, bool) {
	for i := range g.checks {
		c := &g.checks[i]
		if c.Threshold.Abort && c.abortNow() {
			return fmt.Sprintf("threshold %q is broken: %s", c.Text, c.result().Measured), true
		}
	}
	return "", false
}

func (c *check) add(s *Snapshot) {
	if s.Start < c.After {
		return
	}
	tally := c.tally(s.Routes)
	c.sum.span += s.End - s.Start
	if c.Over == 0 {
		c.sum.Merge(&tally)
		return
	}
	c.seconds = append(c.seconds, second{s.Start, s.End - s.Start})
	for len(c.seconds) > 1 && s.End-c.seconds[1].start >= c.Over {
		c.sum.span -= c.seconds[0].span
		c.seconds = c.seconds[1:]
	}
	c.window.Push(s.Start, tally)
	c.window.Forget(c.seconds[0].start - 1)
	c.sum.Tally = *c.window.Sum()
	if s.End-c.seconds[0].start >= c.Over {
		c.filled = true
		c.take()
	}
}

// take folds a full window in.
func (c *check) take() {
	v, enough := c.measure(&c.sum)
	if !enough {
		return
	}
	if !c.measured || c.Op.upper() == (v > c.worst) {
		c.worst = v
	}
	c.measured = true
	c.broken = c.broken || !c.Op.Holds(v, c.Value)
}

func (c *check) result() ThresholdResult {
	r := ThresholdResult{Threshold: c.Threshold}
	if c.Over > 0 && c.filled {
		r.Held = c.measured && !c.broken
		if r.Measured = c.Format(c.worst); !c.measured {
			r.Measured = "nothing"
			r.Note = fmt.Sprintf("no window of %s had enough requests", c.Over)
		}
		return r
	}
	if c.Over > 0 {
		r.Note = fmt.Sprintf("the run was shorter than the window of %s", c.Over)
	}
	v, enough := c.measure(&c.sum)
	if r.Measured = c.Format(v); !enough && c.sum.Requests == 0 {
		r.Measured = "nothing"
	}
	r.Held = enough && c.Op.Holds(v, c.Value)
	if !enough {
		r.Note = c.tooFew()
	}
	return r
}

// tooFew says that there were too few samples.
func (c *check) tooFew() string {
	need := int64(1)
	if c.Metric == MetricPercentile {
		need = MinSamples(c.Rank)
	}
	have := c.sum.Requests
	if have == 0 && c.Route != "" {
		return fmt.Sprintf("no request of %q was counted", c.Route)
	}
	return TooFew(need, have)
}

// TooFew says that a threshold needs more requests than there were.
func TooFew(need, have int64) string {
	noun := "requests"
	if need == 1 {
		noun = "request"
	}
	return fmt.Sprintf("needs at least %d %s, there were %d", need, noun, have)
}

// abortNow reports whether the threshold is broken in a way that waiting does
// not mend: a lower bound on a count may still be reached.
func (c *check) abortNow() bool {
	if c.Over > 0 {
		return c.broken
	}
	if c.sum.span == 0 || !c.Op.upper() && (c.Metric == MetricCount || c.Metric == MetricFailures) {
		return false
	}
	v, enough := c.measure(&c.sum)
	return enough && !c.Op.Holds(v, c.Value)
}

// HoldsFor reports whether the threshold holds for a stretch of time by
// itself, such as a level, windows and warm-up left aside; known is false
// where there were too few samples.
func (t *Threshold) HoldsFor(s *Summary) (held, known bool) {
	v, enough := t.measure(t.of(s))
	return t.Op.Holds(v, t.Value), enough
}
