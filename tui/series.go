package tui

import (
	"math"
	"time"

	"brink/runner/stats"
)

// point is what a stretch of time comes to in a chart.
type point struct {
	from, to   time.Duration
	ok, failed int64
	users      float64 // running, mean over the stretch
	wanted     float64 // wanted rate, mean over the stretch
	busy       float64 // in flight, mean over the stretch
	times      stats.Histogram
	marks      [3]time.Duration // p50, p95, p99 of times
}

// chartPercentiles are those the latency chart shows.
var chartPercentiles = []float64{50, 95, 99}

func newPoint(s *stats.Snapshot) point {
	p := point{
		from: s.Start, to: s.End,
		users: float64(s.Load.Users), wanted: s.Load.WantedRate, busy: float64(s.Load.Busy),
	}
	for i := range s.Routes {
		r := &s.Routes[i]
		p.ok += r.Requests - r.Failures
		p.failed += r.Failures
		p.times.Merge(&r.OK)
		p.times.Merge(&r.Failed)
	}
	p.settle()
	return p
}

// settle computes the percentiles.
func (p *point) settle() { copy(p.marks[:], p.times.Percentiles(chartPercentiles)) }

// join returns two neighbouring stretches as one, percentiles exact.
func (p point) join(o point) point {
	a, b := (p.to - p.from).Seconds(), (o.to - o.from).Seconds()
	mean := func(x, y float64) float64 {
		if a+b == 0 {
			return y
		}
		return (x*a + y*b) / (a + b)
	}
	times := *p.times.Clone()
	times.Merge(&o.times)
	return point{
		from: p.from, to: o.to, ok: p.ok + o.ok, failed: p.failed + o.failed,
		users: mean(p.users, o.users), wanted: mean(p.wanted, o.wanted), busy: mean(p.busy, o.busy),
		times: times,
	}
}

// rate returns n a second over the stretch.
func (p *point) rate(n int64) float64 {
	if p.to <= p.from {
		return 0
	}
	return float64(n) / (p.to - p.from).Seconds()
}

// The bounds of a series' memory.
const (
	fineSeconds  = 6 * 60 // seconds kept one by one
	coarsePoints = 512    // points kept for the whole run
)

// series is the course of a run for the charts, in bounded memory: the last
// minutes second by second, and the whole run in points whose width doubles
// when there are too many of them.
type series struct {
	fine   []point
	coarse []point
	width  int // seconds a coarse point holds
	filled int // seconds the last coarse point holds so far
}

// add takes the next second.
func (s *series) add(p point) {
	s.fine = append(s.fine, p)
	if len(s.fine) > fineSeconds {
		s.fine = append(s.fine[:0], s.fine[len(s.fine)-fineSeconds:]...)
	}
	s.width = max(1, s.width)
	if s.filled > 0 && s.filled < s.width {
		last := &s.coarse[len(s.coarse)-1]
		*last = last.join(p)
		last.settle()
		s.filled++
		return
	}
	if len(s.coarse) == coarsePoints {
		s.halve()
	}
	s.coarse, s.filled = append(s.coarse, p), 1
}

// halve joins the coarse points two by two.
func (s *series) halve() {
	for i := 0; i < len(s.coarse)/2; i++ {
		s.coarse[i] = s.coarse[2*i].join(s.coarse[2*i+1])
		s.coarse[i].settle()
	}
	s.coarse = s.coarse[:len(s.coarse)/2]
	s.width *= 2
}

// columns returns the course from from to from+long in n columns: nil where
// there is nothing. Every column's percentiles are those of all its requests.
func (s *series) columns(from, long time.Duration, n int) []*point {
	points := s.fine
	if len(points) == 0 || points[0].from > from {
		points = s.coarse
	}
	out := make([]*point, n)
	step := long.Seconds() / float64(n)
	joined := make([]bool, n)
	for i := range points {
		p := &points[i]
		middle := (p.from + p.to) / 2
		c := int(math.Floor((middle - from).Seconds() / step))
		switch {
		case middle < from || c >= n:
		case out[c] == nil:
			out[c] = p
		default:
			both := out[c].join(*p)
			out[c], joined[c] = &both, true
		}
	}
	for c, p := range out {
		if joined[c] {
			p.settle()
		}
	}
	return out
}

// plot returns one value a column, with the columns between two neighbours
// filled by a straight line and NaN where there is nothing, or nothing that
// counts; counts may be nil.
func plot(columns []*point, value func(*point) float64, counts func(*point) bool) []float64 {
	out := make([]float64, len(columns))
	last := -1
	for i, p := range columns {
		out[i] = math.NaN()
		if p == nil || counts != nil && !counts(p) {
			continue
		}
		out[i] = value(p)
		if last >= 0 && i-last > 1 && columns[i].from-columns[last].to < 1500*time.Millisecond {
			for j := last + 1; j < i; j++ {
				out[j] = out[last] + (out[i]-out[last])*float64(j-last)/float64(i-last)
			}
		}
		last = i
	}
	return out
}
