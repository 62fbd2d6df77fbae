package tui

import (
	"time"

	"brink/runner/stats"
)

// windowSeconds is how long "now" is: the header and the tables show what came
// in these last seconds.
const windowSeconds = 10

// window is the last seconds of a run. What every frame needs is counted as
// the seconds come; the routes' distributions only when somebody looks.
type window struct {
	seconds []*stats.Snapshot
	points  []point
	marks   [3]time.Duration // the chart's percentiles of all requests
	ok      int64
	failed  int64
	sum     *stats.Summary // of seconds; nil until it is asked for
}

// add takes the next second and forgets the oldest.
func (w *window) add(s *stats.Snapshot, p point) {
	w.seconds, w.points, w.sum = append(w.seconds, s), append(w.points, p), nil
	if len(w.seconds) > windowSeconds {
		w.seconds = append(w.seconds[:0:0], w.seconds[1:]...)
		w.points = append(w.points[:0:0], w.points[1:]...)
	}
	var times stats.Histogram
	w.ok, w.failed = 0, 0
	for i := range w.points {
		times.Merge(&w.points[i].times)
		w.ok += w.points[i].ok
		w.failed += w.points[i].failed
	}
	copy(w.marks[:], times.Percentiles(chartPercentiles))
}

// duration returns how much time the window spans.
func (w *window) duration() time.Duration {
	if len(w.seconds) == 0 {
		return 0
	}
	return w.seconds[len(w.seconds)-1].End - w.seconds[0].Start
}

// summary returns all that is known of the window.
func (w *window) summary() *stats.Summary {
	if w.sum == nil {
		w.sum = stats.Summarize(w.seconds...)
	}
	return w.sum
}

// counts returns how many requests a route had, and how many failed, without
// their times.
func (w *window) counts(route stats.Route) *stats.RouteStats {
	out := &stats.RouteStats{Route: route}
	for _, s := range w.seconds {
		for i := range s.Routes {
			if r := &s.Routes[i]; r.Route == route || route == stats.Aggregated {
				out.Requests += r.Requests
				out.Failures += r.Failures
			}
		}
	}
	return out
}

// failures returns how often a group came.
func (w *window) failures(g *stats.FailureGroup) (n int64) {
	for _, s := range w.seconds {
		for i := range s.Failures {
			if f := &s.Failures[i]; f.Route == g.Route && f.Failure == g.Failure {
				n += f.Count
			}
		}
	}
	return n
}

// perSecond returns n a second.
func (w *window) perSecond(n int64) float64 {
	if d := w.duration(); d > 0 {
		return float64(n) / d.Seconds()
	}
	return 0
}
