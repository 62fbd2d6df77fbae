package stats

import (
	"cmp"
	"slices"
)

// Mix is what was changed by hand of what users do; whatever is not in it is as
// the scenario says. Its lists are never changed once made.
type Mix struct {
	Weights []Count[string] // weights of tasks, ascending by name; 0: switched off
	Muted   []Route         // routes switched off, ascending
}

// Weight returns the weight set for a task, and whether one was set.
func (m *Mix) Weight(task string) (int, bool) {
	i, set := slices.BinarySearchFunc(m.Weights, task, func(c Count[string], task string) int { return cmp.Compare(c.Key, task) })
	if !set {
		return 0, false
	}
	return int(m.Weights[i].N), true
}

// empty reports whether all is as the scenario says.
func (m *Mix) empty() bool { return len(m.Weights)+len(m.Muted) == 0 }

// merge adds what another worker's users do. All workers are told the same; in
// the second in which one has not heard yet, the greater weight counts.
func (m *Mix) merge(o *Mix) {
	m.Weights = append(slices.Clone(m.Weights), o.Weights...)
	slices.SortFunc(m.Weights, func(a, b Count[string]) int { return cmp.Or(cmp.Compare(a.Key, b.Key), cmp.Compare(b.N, a.N)) })
	m.Weights = slices.CompactFunc(m.Weights, func(a, b Count[string]) bool { return a.Key == b.Key })
	m.Muted = append(slices.Clone(m.Muted), o.Muted...)
	slices.SortFunc(m.Muted, Route.Compare)
	m.Muted = slices.Compact(m.Muted)
}

func (w *writer) mix(m *Mix) {
	w.count(len(m.Weights))
	for _, c := range m.Weights {
		w.text(c.Key)
		w.ints(c.N)
	}
	w.count(len(m.Muted))
	for _, r := range m.Muted {
		w.text(r.Method)
		w.text(r.Name)
	}
}

func (r *reader) mix() Mix {
	return Mix{
		Weights: list(r, func(r *reader) Count[string] { return Count[string]{r.text(), r.int()} }),
		Muted:   list(r, func(r *reader) Route { return Route{r.text(), r.text()} }),
	}
}
