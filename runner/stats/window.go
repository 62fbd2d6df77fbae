package stats

import "time"

// Tally is what some requests came to.
type Tally struct {
	Requests, Failures int64
	Times              Histogram // response times, failures included
}

// TallyOf returns the tally of a route's requests; they share no memory.
func TallyOf(r *RouteStats) Tally { return Tally{r.Requests, r.Failures, *r.All()} }

// Merge adds another, which is not changed.
func (t *Tally) Merge(o *Tally) {
	t.Requests += o.Requests
	t.Failures += o.Failures
	t.Times.Merge(&o.Times)
}

// plus returns what both come to; the result is the caller's.
func (t *Tally) plus(o *Tally) *Tally {
	return &Tally{t.Requests + o.Requests, t.Failures + o.Failures, *t.Times.plus(&o.Times)}
}

// Window is a queue of tallies that knows their sum. Histograms can be added
// but not taken away again, so it keeps two stacks: old, where some parts know
// the sum of themselves and all that are younger in it; and young, with one sum.
// So each tally is merged a few times in all, however long the window is, and
// few sums are kept. The zero value is empty; not safe for concurrent use.
type Window struct {
	old      []part // the oldest last
	young    []part // the oldest first
	youngSum Tally
}

type part struct {
	at    time.Duration
	tally Tally
	since *Tally // the sum of this and all younger ones in old; nil where not kept
}

// keptSums is about how many sums a window keeps: more take memory, fewer time.
const keptSums = 64

// Push adds a tally of a time after the last one's. The window keeps it.
func (w *Window) Push(at time.Duration, t Tally) {
	w.young = append(w.young, part{at: at, tally: t})
	w.youngSum.Merge(&t)
}

// Forget drops the tallies of that time and before.
func (w *Window) Forget(at time.Duration) {
	for {
		if len(w.old) == 0 {
			if len(w.young) == 0 || w.young[0].at > at {
				return
			}
			w.turn()
		}
		last := len(w.old) - 1
		if w.old[last].at > at {
			return
		}
		w.old[last] = part{}
		w.old = w.old[:last]
	}
}

// turn moves what is young to old.
func (w *Window) turn() {
	every := 1 + len(w.young)/keptSums
	var sum Tally
	for i := len(w.young) - 1; i >= 0; i-- {
		p := w.young[i]
		sum.Merge(&p.tally)
		if len(w.old)%every == 0 {
			p.since = sum.plus(new(Tally))
		}
		w.old = append(w.old, p)
	}
	clear(w.young)
	w.young, w.youngSum = w.young[:0], Tally{}
}

// Sum returns what the tallies come to. It is the caller's.
func (w *Window) Sum() *Tally {
	sum := new(Tally)
	for i := len(w.old) - 1; i >= 0; i-- {
		if since := w.old[i].since; since != nil {
			sum = sum.plus(since)
			break
		}
		sum.Merge(&w.old[i].tally)
	}
	return sum.plus(&w.youngSum)
}
