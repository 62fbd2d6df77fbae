package runner

import (
	"math/rand/v2"
	"sort"

	"brink/scenarios"
)

// mix is the tasks that users of a class choose from, by weight. It is never
// changed: other weights make another mix.
type mix struct {
	tasks []*scenarios.Task
	sums  []int // of the weights up to each task
}

// newMix leaves out what has no weight, and tasks of which every route is
// switched off.
func newMix(tasks []*scenarios.Task, weight func(*scenarios.Task) int, muted func(route int) bool) *mix {
	m := new(mix)
	sum := 0
	for _, t := range tasks {
		w := weight(t)
		if w <= 0 || !anyOn(t, muted) {
			continue
		}
		sum += w
		m.tasks = append(m.tasks, t)
		m.sums = append(m.sums, sum)
	}
	return m
}

func anyOn(t *scenarios.Task, muted func(route int) bool) bool {
	for _, st := range t.Steps {
		if !muted(st.Route) {
			return true
		}
	}
	return false
}

func (m *mix) empty() bool { return len(m.tasks) == 0 }

// pick chooses a task, nil where there is none.
func (m *mix) pick(r *rand.Rand) *scenarios.Task {
	switch n := len(m.tasks); n {
	case 0:
		return nil
	case 1:
		return m.tasks[0]
	default:
		at := r.IntN(m.sums[n-1])
		return m.tasks[sort.SearchInts(m.sums, at+1)]
	}
}
