package tui

import (
	"time"

	"brink/runner/stats"
)

// The bounds of what a screen remembers.
const (
	trendPoints = 60 // of two seconds each
	maxEvents   = 2000
	maxFailures = 500
)

// tally is what the screens show of a run: everything in it is folded from
// Snapshots, in bounded memory.
type tally struct {
	last    *stats.Snapshot // nil before the first
	version int             // grows with every change

	total  *stats.Summary // since the start, or since the last reset
	window window         // the last seconds
	course series
	trends map[stats.Route][]float64 // requests a second of the last two minutes, in points of two seconds
	events []stats.Event
	levels stats.Levels

	since    time.Duration // total counts from here
	unseen   int           // seconds that never reached this screen
	silent   time.Duration // for how long nothing was answered while something was in flight
	mostLoad float64       // the most users, or arrivals a second, wanted so far
	overran  int           // events forgotten
}

func newTally() *tally {
	return &tally{total: new(stats.Summary), trends: map[stats.Route][]float64{}}
}

// add folds the next second in. One that came before is ignored.
func (t *tally) add(s *stats.Snapshot) {
	if t.last != nil && s.Seq <= t.last.Seq {
		return
	}
	if next := t.next(); s.Seq > next {
		t.unseen += s.Seq - next
	}
	t.last = s
	t.version++
	t.total.Add(s)
	if len(t.total.Failures) > maxFailures {
		t.total.Failures = t.total.Failures[:maxFailures]
	}
	p := newPoint(s)
	t.window.add(s, p)
	t.course.add(p)
	t.levels.Add(s)
	t.addTrends(s)
	t.addEvents(s.Events)
	t.listen(s)
	t.mostLoad = max(t.mostLoad, wanted(&s.Load))
}

// next returns the number of the second that should come next.
func (t *tally) next() int {
	if t.last == nil {
		return 0
	}
	return t.last.Seq + 1
}

// addTrends appends a point every other second, so that the pictures of the
// trends change no more often.
func (t *tally) addTrends(s *stats.Snapshot) {
	for i := range s.Routes {
		if r := s.Routes[i].Route; t.trends[r] == nil {
			t.trends[r] = []float64{}
		}
	}
	seconds := (s.End - s.Start).Seconds()
	for route, values := range t.trends {
		rate := 0.0
		if r := s.Find(route); r != nil && seconds > 0 {
			rate = float64(r.Requests) / seconds
		}
		if n := len(values); s.Seq%2 == 1 && n > 0 {
			values[n-1] = (values[n-1] + rate) / 2
			continue
		}
		values = append(values, rate)
		t.trends[route] = values[max(0, len(values)-trendPoints):]
	}
}

func (t *tally) addEvents(events []stats.Event) {
	t.events = append(t.events, events...)
	if over := len(t.events) - maxEvents; over > 0 {
		t.overran += over
		t.events = append(t.events[:0:0], t.events[over:]...)
	}
}

// listen notices a target that has gone silent: requests in flight, and no
// answer.
func (t *tally) listen(s *stats.Snapshot) {
	var finished int64
	for i := range s.Routes {
		finished += s.Routes[i].Requests
	}
	switch {
	case finished > 0 || s.Load.Busy == 0:
		t.silent = 0
	default:
		t.silent += s.End - s.Start
	}
}

// reset empties the statistics shown; the record keeps all, and charts, levels
// and log go on.
func (t *tally) reset() {
	t.total, t.window = new(stats.Summary), window{}
	if t.last != nil {
		t.since = t.last.End
	}
	t.version++
}

// now returns how far the run is.
func (t *tally) now() time.Duration {
	if t.last == nil {
		return 0
	}
	return t.last.End
}

// load returns the last second's load.
func (t *tally) load() stats.Load {
	if t.last == nil {
		return stats.Load{}
	}
	return t.last.Load
}

// wanted returns the load wanted as one number: users, or arrivals a second.
func wanted(l *stats.Load) float64 {
	if l.Model == stats.OpenModel {
		return l.WantedRate
	}
	return float64(l.WantedUsers)
}
