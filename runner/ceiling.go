package runner

import (
	"fmt"
	"math"
	"sync/atomic"
	"time"

	"brink/runner/stats"
	"brink/scenarios"
)

// Ceiling is the most that a run may do to its target, whatever its profile
// or a hand on the keyboard asks for. The zero value has no bounds.
type Ceiling struct {
	Rate        float64 // requests a second; 0: no bound
	Connections int     // at the same time, to all hosts together; 0: no bound
}

// within says what a profile wants beyond the ceiling.
func (c *Config) within(p *Profile) error {
	peak := p.Peak()
	if p.Model() == stats.OpenModel {
		if c.Ceiling.Rate > 0 && peak > c.Ceiling.Rate {
			return fmt.Errorf("%s arrivals/s are wanted and the ceiling is %s requests/s", number(peak), number(c.Ceiling.Rate))
		}
		return nil
	}
	return c.enough(math.Ceil(peak))
}

// enough says that the ceiling has no room for so many users, where it has
// none. What users do beyond what the scenario says beforehand, such as going
// to another of its hosts, is held against the ceiling when they connect.
func (c *Config) enough(users float64) error {
	most := c.mostUsers()
	switch each := connections(c.Scenario); {
	case most == 0 || users <= float64(most):
		return nil
	case each > 1:
		return fmt.Errorf("%s users are wanted, of %d connections each as the scenario has it, and the ceiling is %d connections: %d users",
			number(users), each, c.Ceiling.Connections, most)
	}
	return fmt.Errorf("%s users are wanted and the ceiling is %d connections", number(users), most)
}

// mostUsers returns how many users the ceiling has room for, 0 for no bound.
func (c *Config) mostUsers() int {
	if c.Ceiling.Connections == 0 {
		return 0
	}
	return max(1, c.Ceiling.Connections/connections(c.Scenario))
}

// connections returns how many connections a user has to one host: one for each
// kind of client that its steps ask for. It is that of the class with the most.
func connections(s *scenarios.Scenario) int {
	most := 1
	for _, u := range s.Users {
		kinds := map[clientKind]bool{}
		for _, st := range u.Steps() {
			var k clientKind
			k.client, k.version = st.Client()
			kinds[k] = true
		}
		most = max(most, len(kinds))
	}
	return most
}

// bound returns p with its users in the open model bounded.
func (c *Config) bound(p *Profile) *Profile {
	most := c.mostUsers()
	if most == 0 || p.maxUsers <= most {
		return p
	}
	bounded := *p
	bounded.maxUsers = most
	return &bounded
}

// valve lets requests through at a rate, evenly, whoever asks. The zero value
// lets all through.
type valve struct {
	interval time.Duration // between two requests; 0: no bound
	next     atomic.Int64  // when the next may go, in the run's time
	held     atomic.Int64  // requests that had to wait
}

// interval returns the time between two at a rate, 0 for no bound.
func interval(rate float64) time.Duration {
	if rate <= 0 {
		return 0
	}
	return max(1, seconds(1/rate))
}

// book takes places for n requests that went out already: redirects that were
// followed, and what was sent again. Those to come wait longer for it.
func (v *valve) book(n int, now time.Duration) {
	for range n {
		v.pass(now)
	}
}

// pass books a place for a request at now, and returns how long it must wait.
// Nothing is saved up: after an idle minute the rate is the same.
func (v *valve) pass(now time.Duration) time.Duration {
	if v.interval == 0 {
		return 0
	}
	for {
		next := v.next.Load()
		at := max(next, int64(now))
		if v.next.CompareAndSwap(next, at+int64(v.interval)) {
			if at > int64(now) {
				v.held.Add(1)
			}
			return time.Duration(at) - now
		}
	}
}
