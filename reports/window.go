package reports

import (
	"time"

	"brink/runner/stats"
)

// cell is what a route did in a stretch of time.
type cell struct {
	requests, failures int64
	all                stats.Histogram
}

func cellOf(r *stats.RouteStats) cell { return cell{r.Requests, r.Failures, *r.All()} }

// merge adds another, which is not changed.
func (c *cell) merge(o *cell) {
	c.requests += o.requests
	c.failures += o.failures
	c.all.Merge(&o.all)
}

// moment is a cell that knows when it ended.
type moment struct {
	end time.Duration
	cell
}

func (m *moment) merge(o *moment) {
	m.end = max(m.end, o.end)
	m.cell.merge(&o.cell)
}

// window is a queue of moments that knows their sum. Histograms can be added
// but not taken away again, so it keeps two stacks: old holds, at each place,
// the sum of that moment and all that are younger in it; young holds the rest,
// with one sum. Each moment is merged about three times in all, however long
// the window is.
type window struct {
	old      []oldMoment // the oldest last
	young    []moment    // the oldest first
	youngSum moment
}

type oldMoment struct {
	end time.Duration // of this one alone
	sum moment
}

func (w *window) push(m moment) {
	w.young = append(w.young, m)
	w.youngSum.merge(&m)
}

// forget drops the moments that ended before the window begins.
func (w *window) forget(begin time.Duration) {
	for {
		if len(w.old) == 0 {
			if len(w.young) == 0 || w.young[0].end > begin {
				return
			}
			w.turn()
		}
		if last := len(w.old) - 1; w.old[last].end > begin {
			return
		} else {
			w.old[last] = oldMoment{}
			w.old = w.old[:last]
		}
	}
}

// turn moves what is young to old.
func (w *window) turn() {
	var sum moment
	for i := len(w.young) - 1; i >= 0; i-- {
		end := w.young[i].end
		sum.merge(&w.young[i])
		w.old = append(w.old, oldMoment{end, moment{sum.end, cell{sum.requests, sum.failures, *sum.all.Clone()}}})
	}
	clear(w.young)
	w.young, w.youngSum = w.young[:0], moment{}
}

// sum returns what the window's moments come to.
func (w *window) sum() *moment {
	if len(w.old) == 0 {
		return &w.youngSum
	}
	sum := w.old[len(w.old)-1].sum
	sum.all = *sum.all.Clone()
	sum.merge(&w.youngSum)
	return &sum
}
