package reports

import (
	"iter"
	"time"

	"brink/runner/stats"
)

// maxBins bounds the points of a chart: more than a screen has pixels for.
const maxBins = 720

// bin is a stretch of a run: one point of the charts.
type bin struct {
	start, end time.Duration
	load       stats.Load // at its end
	dropped    int64
	cpu        float64     // share of the cores, the highest second
	grade      stats.Grade // of the worst second
	total      stats.Tally
	routes     map[stats.Route]*stats.Tally
}

// binSeconds returns how many seconds are in a bin of the record: 1, 2, 4, …, so
// that there are at most maxBins.
func (r *Record) binSeconds() int {
	per := 1
	for per*maxBins < r.Seconds {
		per *= 2
	}
	return per
}

// bins returns the run in bins of equal length. Counts stay exact, and
// percentiles are those of the merged histograms. It streams: there is one bin
// in memory at a time, or two. A last one that is a rest of a second belongs to
// the one before, with that one's load: its own rates would say nothing.
func (r *Record) bins() iter.Seq2[*bin, error] {
	return func(yield func(*bin, error) bool) {
		per := r.binSeconds()
		var before, last *bin
		n := 0
		for s, err := range r.All() {
			if err != nil {
				yield(nil, err)
				return
			}
			if n++; n%per != 1%per {
				last.merge(binOf(s))
				continue
			}
			if before != nil && !yield(before, nil) {
				return
			}
			before, last = last, binOf(s)
		}
		if before != nil && last.end-last.start < time.Second/2 {
			last.load = before.load
			before.merge(last)
			last = nil
		}
		for _, b := range []*bin{before, last} {
			if b != nil && !yield(b, nil) {
				return
			}
		}
	}
}

func binOf(o *stats.Snapshot) *bin {
	b := &bin{
		start: o.Start, end: o.End, load: o.Load, dropped: o.Load.Dropped,
		cpu: cpuShare(&o.Health), grade: stats.Judge(o).Grade,
		routes: make(map[stats.Route]*stats.Tally, len(o.Routes)),
	}
	for i := range o.Routes {
		r := &o.Routes[i]
		c := stats.TallyOf(r)
		b.routes[r.Route] = &c
		b.total.Merge(&c)
	}
	return b
}

// merge adds the bin that follows.
func (b *bin) merge(o *bin) {
	b.end, b.load = o.end, o.load
	b.dropped += o.dropped
	b.cpu, b.grade = max(b.cpu, o.cpu), max(b.grade, o.grade)
	b.total.Merge(&o.total)
	for r, c := range o.routes {
		if b.routes[r] == nil {
			b.routes[r] = new(stats.Tally)
		}
		b.routes[r].Merge(c)
	}
}
