package runner

import (
	"fmt"
	"math"
	"sync/atomic"
	"time"

	"brink/runner/stats"
)

// Ceiling is the most that a run may do to its target, whatever its profile
// or a hand on the keyboard asks for. The zero value has no bounds.
//
// Users is also the bound of connections: each user has one to the target.
type Ceiling struct {
	Rate  float64 // requests a second; 0: no bound
	Users int     // 0: no bound
}

// check says what a profile wants beyond the ceiling.
func (c Ceiling) check(p *Profile) error {
	peak := p.Peak()
	if p.Model() == stats.OpenModel && c.Rate > 0 && peak > c.Rate {
		return fmt.Errorf("%s arrivals/s are wanted and the ceiling is %s requests/s", number(peak), number(c.Rate))
	}
	if users := math.Ceil(peak); p.Model() == stats.ClosedModel && c.Users > 0 && users > float64(c.Users) {
		return fmt.Errorf("%s users are wanted and the ceiling is %d", number(users), c.Users)
	}
	return nil
}

// bound returns p with its users in the open model bounded.
func (c Ceiling) bound(p *Profile) *Profile {
	if c.Users == 0 || p.maxUsers <= c.Users {
		return p
	}
	bounded := *p
	bounded.maxUsers = c.Users
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
