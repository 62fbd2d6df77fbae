package stats

import (
	"slices"
	"time"
)

// A Level is a stretch of a run in which the load was held: by hand or by a
// profile's plan. A session driven by hand thus yields a table of load →
// throughput, percentiles, errors.
type Level struct {
	Model  Model
	Users  int     // wanted, closed model
	Rate   float64 // wanted arrivals a second, open model
	Manual bool
	// Summary holds what was measured after the load had settled.
	Summary *Summary
}

// Load returns the load as one number: users, or arrivals a second.
func (l *Level) Load() float64 {
	if l.Model == OpenModel {
		return l.Rate
	}
	return float64(l.Users)
}

// Throughput returns requests that succeeded, a second: a refusal is no work
// done.
func (l *Level) Throughput() float64 {
	return l.Summary.Rate(l.Summary.Total.Requests - l.Summary.Total.Failures)
}

const (
	settling  = 2 * time.Second // left out after each change
	shortest  = 3 * time.Second // a level measured for less is not reported
	maxLevels = 1000
)

// Levels finds the levels in a run. The zero value is ready; not safe for
// concurrent use.
type Levels struct {
	// Thresholds are what the levels will be held against. Of the routes of a
	// level that is over those alone are kept that a threshold names.
	Thresholds []Threshold

	rows    []Level
	current Level
	key     levelKey
	since   time.Duration // when the current level began
	known   bool
}

// levelKey tells one level from the next.
type levelKey struct {
	model Model
	load  float64
	held  bool // neither paused nor stopping
}

// Add takes the next second.
func (l *Levels) Add(s *Snapshot) {
	key := keyOf(&s.Load)
	changed := slices.ContainsFunc(s.Events, func(e Event) bool { return e.Kind == EventWeights })
	if !l.known || key != l.key || changed {
		l.end()
		l.known, l.key, l.since = true, key, s.Start
		l.current = Level{Model: key.model, Manual: s.Load.Manual, Summary: new(Summary)}
		if key.model == OpenModel {
			l.current.Rate = key.load
		} else {
			l.current.Users = int(key.load)
		}
	}
	if settled := s.Start-l.since >= settling && reached(&s.Load); key.held && settled {
		l.current.Summary.Add(s)
	}
}

func keyOf(l *Load) levelKey {
	key := levelKey{model: l.Model, load: float64(l.WantedUsers), held: !l.Paused && !l.Stopping}
	if l.Model == OpenModel {
		key.load = l.WantedRate
	}
	key.held = key.held && key.load > 0
	return key
}

// reached reports whether the users wanted are running.
func reached(l *Load) bool { return l.Model == OpenModel || l.Users == l.WantedUsers }

// end closes the current level and keeps it if it was measured long enough.
func (l *Levels) end() {
	if l.long() && len(l.rows) < maxLevels {
		var named []RouteStats
		for _, r := range l.current.Summary.Routes {
			if slices.ContainsFunc(l.Thresholds, func(t Threshold) bool { return t.matches(r.Route) }) {
				named = append(named, r)
			}
		}
		l.current.Summary.Routes = named
		l.rows = append(l.rows, l.current)
	}
}

func (l *Levels) long() bool { return l.known && l.current.Summary.Duration() >= shortest }

// Rows returns the levels so far in the order of time, the running one last if
// it was measured long enough. The Summary of the running one goes on
// changing with Add.
func (l *Levels) Rows() []Level {
	rows := slices.Clone(l.rows)
	if l.long() {
		rows = append(rows, l.current)
	}
	return rows
}
