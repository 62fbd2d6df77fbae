// Package scenarios turns a scenario file into a checked value: what to
// request, by whom, how often, and what to expect. It sends nothing.
package scenarios

import (
	"net/url"
	"slices"
	"time"

	"brink/runner/stats"
)

// Scenario is what a file says, checked. It is plain data, never changed after
// loading, and safe for concurrent use.
type Scenario struct {
	Name   string
	File   string // as given; empty for one made from a URL
	Source string // the file's text with secrets masked, for reports

	Target     *url.URL // scheme, host and perhaps a path prefix; scheme "unix" for a socket
	AllowHosts []string // hosts beside the target's that requests may go to: "host" or "host:port"
	Ready      *Ready   // no load before it holds; nil: none

	Users  []*UserClass  // at least one
	Routes []stats.Route // every route of every step; a Step's Route is an index
	Data   []*Data

	Profiles   []Profile // as in the file, in its order; the built-in ones follow
	Default    string    // name of the profile used when none is asked for; empty: by hand
	Thresholds []stats.Threshold

	Secrets []string // values that came from the environment, to be masked wherever they show
}

// UserClass is a kind of virtual user.
type UserClass struct {
	Name    string
	Weight  int // share among the classes without Fixed
	Fixed   int // this many users of it, whatever the total; 0: by Weight
	Wait    Wait
	OnStart []*Step // once, before the first task
	OnStop  []*Step // once, when the user ends
	Tasks   []*Task

	numValues int   // how many values its steps extract
	data      []int // data files its steps use, as indexes of Scenario.Data
}

// Steps returns every step of the class: on_start, the tasks, on_stop.
func (c *UserClass) Steps() []*Step {
	steps := slices.Clone(c.OnStart)
	for _, t := range c.Tasks {
		steps = append(steps, t.Steps...)
	}
	return append(steps, c.OnStop...)
}

// Task is what a user does in one go: a step, or a flow of several.
type Task struct {
	Name   string
	Weight int
	Tags   []string
	Steps  []*Step
}

// Ready is the gate before the load: a request repeated every Every until it
// is answered as expected, or Timeout has passed. Its step has no route.
type Ready struct {
	Step    *Step
	Timeout time.Duration
	Every   time.Duration
}

// Profile returns the profile of that name.
func (s *Scenario) Profile(name string) (*Profile, bool) {
	for i := range s.Profiles {
		if s.Profiles[i].Name == name {
			return &s.Profiles[i], true
		}
	}
	return nil, false
}
