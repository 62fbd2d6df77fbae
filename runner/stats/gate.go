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
	sum      stretch  // the whole run without the warm-up; unused with a window
	window   []second // the seconds of the running window
	filled   bool     // the window was full at least once
	worst    float64  // worst window so far
	measured bool     // worst is set
	broken   bool     // it does not hold, and later seconds cannot mend it
}

// second is a stretch of one second within a window.
type second struct {
	stretch
	start time.Duration
}

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
	if c.Over == 0 {
		c.addTo(&c.sum, s)
		return
	}
	next := second{start: s.Start}
	c.addTo(&next.stretch, s)
	c.window = append(c.window, next)
	for len(c.window) > 1 && s.End-c.window[1].start >= c.Over {
		c.window[0] = second{}
		c.window = c.window[1:]
	}
	if s.End-c.window[0].start >= c.Over {
		c.filled = true
		c.take(c.inWindow())
	}
}

// inWindow adds up the running window.
func (c *check) inWindow() *stretch {
	st := new(stretch)
	for i := range c.window {
		st.span += c.window[i].span
		st.stats.Merge(&c.window[i].stats)
	}
	return st
}

// take folds a full window in.
func (c *check) take(window *stretch) {
	v, enough := c.measure(window)
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
	sum := &c.sum
	if c.Over > 0 {
		sum = c.inWindow()
		r.Note = fmt.Sprintf("the run was shorter than the window of %s", c.Over)
	}
	v, enough := c.measure(sum)
	if r.Measured = c.Format(v); !enough && sum.stats.Requests == 0 {
		r.Measured = "nothing"
	}
	r.Held = enough && c.Op.Holds(v, c.Value)
	if !enough {
		r.Note = c.tooFew(sum)
	}
	return r
}

// tooFew says that there were too few samples.
func (c *check) tooFew(st *stretch) string {
	need := int64(1)
	if c.Metric == MetricPercentile {
		need = MinSamples(c.Rank)
	}
	have := st.stats.Requests
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
