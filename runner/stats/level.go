package stats

import (
	"cmp"
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

// Capacity is what a table of levels says about a target.
type Capacity struct {
	Holds  int // index of the highest level that met every threshold; -1: none
	Breaks int // index of the lowest level above it that did not; -1: none
	Knee   int // index of the level at the knee of load → throughput; -1: none seen
}

// FindCapacity reads a table of levels of one model: those of the last row's.
// Without thresholds Holds and Breaks are -1. The knee is found by Kneedle
// (Satopää et al., ICDCSW 2011): the level farthest above the line from the
// first to the last one.
func FindCapacity(rows []Level, thresholds []Threshold) Capacity {
	c := Capacity{-1, -1, -1}
	order := byLoad(rows)
	for _, i := range order {
		if len(thresholds) == 0 {
			break
		}
		if met(&rows[i], thresholds) {
			if c.Breaks < 0 {
				c.Holds = i
			}
		} else if c.Breaks < 0 {
			c.Breaks = i
		}
	}
	c.Knee = knee(rows, order)
	return c
}

// byLoad returns the indexes of the rows of the last row's model, ascending
// by load, the latest of equal ones only.
func byLoad(rows []Level) []int {
	latest := map[float64]int{}
	for i := range rows {
		if rows[i].Model == rows[len(rows)-1].Model {
			latest[rows[i].Load()] = i
		}
	}
	order := make([]int, 0, len(latest))
	for _, i := range latest {
		order = append(order, i)
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(rows[a].Load(), rows[b].Load()) })
	return order
}

// met reports whether a level breaks none of the thresholds; one that cannot
// be told for want of samples, or that bounds a whole run's count, is left
// aside.
func met(l *Level, thresholds []Threshold) bool {
	for i := range thresholds {
		t := &thresholds[i]
		if t.Metric == MetricCount || t.Metric == MetricFailures || t.Metric == MetricRPS {
			continue
		}
		if held, known := t.HoldsFor(l.Summary); known && !held {
			return false
		}
	}
	return true
}

// kneeHeight is how far above the line a level must lie to be a knee, as a
// share of the whole rise: less is noise.
const kneeHeight = 0.1

func knee(rows []Level, order []int) int {
	if len(order) < 3 {
		return -1
	}
	first, last := &rows[order[0]], &rows[order[len(order)-1]]
	top := first.Throughput()
	for _, i := range order {
		top = max(top, rows[i].Throughput())
	}
	dx, dy := last.Load()-first.Load(), top-first.Throughput()
	if dx <= 0 || dy <= 0 {
		return -1
	}
	best, height := -1, kneeHeight
	for _, i := range order {
		x := (rows[i].Load() - first.Load()) / dx
		y := (rows[i].Throughput() - first.Throughput()) / dy
		if y-x > height {
			best, height = i, y-x
		}
	}
	return best
}
