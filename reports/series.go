package reports

import (
	"slices"
	"time"

	"brink/runner/stats"
)

// series is a run over time for charts, in bins of equal length. Where a run
// has more seconds than maxBins, bins are merged in pairs, so memory does not
// grow with its length; counts stay exact, and percentiles are those of the
// merged histograms.
type series struct {
	routes  []stats.Route // sorted
	bins    []bin
	per     int // seconds in a full bin
	filling int // seconds in the last bin
	health  healthSum
}

// maxBins bounds the points of a chart: more than a screen has pixels for.
const maxBins = 720

// bin is one point of the charts.
type bin struct {
	start, end time.Duration
	load       stats.Load // at its end
	dropped    int64
	cpu        float64     // share of the cores, the highest second
	grade      stats.Grade // of the worst second
	total      cell
	routes     map[stats.Route]*cell
}

// cell is what a route did in a bin.
type cell struct {
	requests, failures int64
	all                stats.Histogram
}

func (c *cell) merge(o *cell) {
	c.requests += o.requests
	c.failures += o.failures
	c.all.Merge(&o.all)
}

func seriesOf(rec *Record) (*series, error) {
	s := &series{per: 1}
	for second, err := range rec.All() {
		if err != nil {
			return nil, err
		}
		s.add(second)
	}
	s.tidy()
	return s, nil
}

// tidy merges a last bin that is a rest of a second into the one before, with
// that one's load: its own rates would say nothing.
func (s *series) tidy() {
	last := len(s.bins) - 1
	if last > 0 && s.bins[last].end-s.bins[last].start < time.Second/2 {
		rest := s.bins[last]
		rest.load = s.bins[last-1].load
		s.bins[last-1].merge(&rest)
		s.bins = s.bins[:last]
	}
}

func (s *series) add(o *stats.Snapshot) {
	b := binOf(o)
	for r := range b.routes {
		if i, found := slices.BinarySearchFunc(s.routes, r, stats.Route.Compare); !found {
			s.routes = slices.Insert(s.routes, i, r)
		}
	}
	s.health.add(&o.Health, b.cpu)
	if s.filling > 0 && s.filling < s.per {
		s.bins[len(s.bins)-1].merge(b)
		s.filling++
		return
	}
	if len(s.bins) == maxBins {
		s.halve()
	}
	s.bins = append(s.bins, *b)
	s.filling = 1
}

// halve merges the bins in pairs.
func (s *series) halve() {
	for i := range maxBins / 2 {
		pair := s.bins[2*i]
		pair.merge(&s.bins[2*i+1])
		s.bins[i] = pair
	}
	clear(s.bins[maxBins/2:])
	s.bins = s.bins[:maxBins/2]
	s.per *= 2
}

func binOf(o *stats.Snapshot) *bin {
	b := &bin{
		start: o.Start, end: o.End,
		load:    o.Load,
		dropped: o.Load.Dropped, grade: stats.Judge(o).Grade,
		routes: make(map[stats.Route]*cell, len(o.Routes)),
	}
	if o.Health.Cores > 0 {
		b.cpu = o.Health.CPU / o.Health.Cores
	}
	for i := range o.Routes {
		r := &o.Routes[i]
		c := &cell{requests: r.Requests, failures: r.Failures, all: *r.All()}
		b.routes[r.Route] = c
		b.total.merge(c)
	}
	return b
}

// merge adds the bin that follows.
func (b *bin) merge(o *bin) {
	b.end = o.end
	b.load = o.load
	b.dropped += o.dropped
	b.cpu, b.grade = max(b.cpu, o.cpu), max(b.grade, o.grade)
	b.total.merge(&o.total)
	for r, c := range o.routes {
		if b.routes[r] == nil {
			b.routes[r] = new(cell)
		}
		b.routes[r].merge(c)
	}
}

// healthSum is how the generator did in the whole run.
type healthSum struct {
	seconds          int
	cpu, peakCPU     float64 // shares of the cores; cpu is summed
	cores, busiest   float64
	throttled, pause time.Duration // summed; the longest of a second
	sched            time.Duration // p99 of the worst second
	lag              stats.Histogram
	memory           int64
	files, fileLimit int
	ports, portLimit int
	goroutines       int
}

func (h *healthSum) add(o *stats.Health, cpu float64) {
	h.seconds++
	h.cpu += cpu
	h.peakCPU = max(h.peakCPU, cpu)
	h.cores = max(h.cores, o.Cores)
	h.busiest = max(h.busiest, o.BusiestCore)
	h.throttled += o.Throttled
	h.pause = max(h.pause, o.GCPause)
	h.sched = max(h.sched, o.SchedLatency)
	h.lag.Merge(&o.Lag)
	h.memory = max(h.memory, o.Memory)
	h.files, h.fileLimit = max(h.files, o.OpenFiles), max(h.fileLimit, o.FileLimit)
	h.ports, h.portLimit = max(h.ports, o.Ports), max(h.portLimit, o.PortLimit)
	h.goroutines = max(h.goroutines, o.Goroutines)
}

// mean returns the mean share of the cores that was used.
func (h *healthSum) mean() float64 { return h.cpu / float64(max(1, h.seconds)) }
