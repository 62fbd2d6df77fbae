package runner

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"math"
	"sync"

	"brink/runner/stats"
)

// ErrOver says that a run is over and cannot be changed any more.
var ErrOver = errors.New("the run is over")

// inbox holds wishes until the conductor takes them. Adding never waits.
type inbox struct {
	mu      sync.Mutex
	wishes  []stats.Wish
	waiting chan struct{} // poked where there are some
}

func newInbox() *inbox { return &inbox{waiting: make(chan struct{}, 1)} }

func (b *inbox) add(w stats.Wish) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if n := len(b.wishes); n > 0 && onlyLevel(&b.wishes[n-1]) && onlyLevel(&w) {
		// A key held down asks faster than anybody could follow.
		b.wishes[n-1] = w
	} else {
		b.wishes = append(b.wishes, w)
	}
	poke(b.waiting)
}

func (b *inbox) take() []stats.Wish {
	b.mu.Lock()
	defer b.mu.Unlock()
	wishes := b.wishes
	b.wishes = nil
	return wishes
}

// ownCopy returns the wish without memory that is the asker's.
func ownCopy(w stats.Wish) stats.Wish {
	w.Users, w.Rate, w.Pause = clone(w.Users), clone(w.Rate), clone(w.Pause)
	w.Weights, w.Mute = maps.Clone(w.Weights), maps.Clone(w.Mute)
	return w
}

func clone[T any](p *T) *T {
	if p == nil {
		return nil
	}
	v := *p
	return &v
}

// onlyLevel reports whether all that is asked is a level, which the next one
// makes void.
func onlyLevel(w *stats.Wish) bool {
	return (w.Users != nil || w.Rate != nil) && w.Pause == nil && !w.HandBack &&
		w.Weights == nil && w.Mute == nil && w.Mark == "" && !w.Stop && !w.Cut
}

// check says what is wrong with a wish for this scenario.
func (r *Runner) check(w *stats.Wish) error {
	var problems []error
	add := func(format string, args ...any) { problems = append(problems, fmt.Errorf(format, args...)) }
	if w.Users != nil && (*w.Users < 0 || *w.Users > maxUsers) {
		add("%d users: between 0 and %d can be asked for", *w.Users, maxUsers)
	}
	if w.Rate != nil && !(*w.Rate >= 0 && *w.Rate <= maxRate) || w.Rate != nil && math.IsNaN(*w.Rate) {
		add("a rate of %v: between 0 and %d a second can be asked for", *w.Rate, maxRate)
	}
	if w.Users != nil && w.Rate != nil {
		add("users and a rate cannot be held at once: ask for one of them")
	}
	if w.HandBack && (w.Users != nil || w.Rate != nil) {
		add("a level by hand and handing back to the profile exclude each other: ask for one of them")
	}
	if w.Users != nil {
		if err := r.cfg.enough(float64(*w.Users)); err != nil {
			problems = append(problems, err)
		}
	}
	if most := r.cfg.Ceiling.Rate; w.Rate != nil && most > 0 && *w.Rate > most {
		add("a rate of %s/s: the ceiling is %s requests/s", number(*w.Rate), number(most))
	}
	for name, weight := range w.Weights {
		switch {
		case !r.hasTask(name):
			add("there is no task %q", name)
		case weight < 0 || weight > maxUsers:
			add("a weight of %d for task %q: between 0 and %d can be asked for", weight, name, maxUsers)
		}
	}
	for route := range w.Mute {
		if !r.hasRoute(route) {
			add("there is no route %q", route)
		}
	}
	return errors.Join(problems...)
}

func (r *Runner) hasTask(name string) bool {
	for _, c := range r.cfg.Scenario.Users {
		for _, t := range c.Tasks {
			if t.Name == name {
				return true
			}
		}
	}
	return false
}

func (r *Runner) hasRoute(route stats.Route) bool {
	for _, known := range r.cfg.Scenario.Routes {
		if known == route {
			return true
		}
	}
	return false
}

// fulfil does what is asked, in this order. The mark of a stop is its reason.
func (c *conductor) fulfil(w *stats.Wish) {
	if w.Weights != nil || w.Mute != nil {
		c.setWeights(w.Weights)
		c.mute(w.Mute)
		c.mixAll()
		c.give(c.clock())
	}
	if w.Users != nil {
		c.note(stats.EventUsers, fmt.Sprintf("users set to %d by hand", *w.Users))
		c.hold(stats.ClosedModel, float64(*w.Users))
	}
	if w.Rate != nil {
		c.note(stats.EventRate, fmt.Sprintf("rate set to %s/s by hand", number(*w.Rate)))
		c.hold(stats.OpenModel, *w.Rate)
	}
	if w.HandBack {
		c.handBack()
	}
	if w.Pause != nil {
		c.pause(*w.Pause)
	}
	switch {
	case w.Stop || w.Cut:
		c.stop(cmp.Or(w.Mark, "stopped by hand"))
	case w.Mark != "":
		c.note(stats.EventMark, w.Mark)
	}
}
