package runner

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"sort"

	"brink/runner/stats"
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

// mixAll makes the tasks that users choose from, after a change of weights or
// of routes.
func (c *conductor) mixAll() {
	weight := func(t *scenarios.Task) int {
		if w, ok := c.weights[t.Name]; ok {
			return w
		}
		return t.Weight
	}
	for _, k := range c.pool.classes {
		k.mix.Store(newMix(k.Tasks, weight, c.env.muted))
	}
}

// nothingToDo reports whether every task of every class is switched off.
func (c *conductor) nothingToDo() bool {
	return !slices.ContainsFunc(c.pool.classes, func(k *class) bool { return !k.mix.Load().empty() })
}

// setWeights changes the weights of tasks by name.
func (c *conductor) setWeights(weights map[string]int) {
	if c.weights == nil {
		c.weights = map[string]int{}
	}
	for _, name := range slices.Sorted(maps.Keys(weights)) {
		c.weights[name] = weights[name]
		text := fmt.Sprintf("weight of task %q set to %d by hand", name, weights[name])
		if weights[name] == 0 {
			text = fmt.Sprintf("task %q switched off by hand", name)
		}
		c.note(stats.EventWeights, text)
	}
}

// mute switches routes off and on.
func (c *conductor) mute(routes map[stats.Route]bool) {
	for i, route := range c.env.scenario.Routes {
		off, asked := routes[route]
		if !asked || off == c.env.muted(i) {
			continue
		}
		c.env.mutes[i].Store(off)
		word := "on again"
		if off {
			word = "off"
		}
		c.note(stats.EventWeights, fmt.Sprintf("route %s switched %s by hand", route, word))
	}
}

// handMix is what was changed by hand of the mix.
func (c *conductor) handMix() stats.Mix {
	var m stats.Mix
	for _, name := range slices.Sorted(maps.Keys(c.weights)) {
		m.Weights = append(m.Weights, stats.Count[string]{Key: name, N: int64(c.weights[name])})
	}
	for i, route := range c.env.scenario.Routes {
		if c.env.muted(i) {
			m.Muted = append(m.Muted, route)
		}
	}
	slices.SortFunc(m.Muted, stats.Route.Compare)
	return m
}
