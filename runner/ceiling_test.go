package runner

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"brink/runner/stats"
	"brink/scenarios"
)

func TestTheCeilingHoldsUsersBack(t *testing.T) {
	tr := try(t, one, time.Millisecond, func(c *Config) {
		c.Users, c.RunTime, c.Ceiling = 50, 10*time.Second, Ceiling{Rate: 200, Connections: 60}
	}, func(tr *trial) {
		many, fast := 61, 201.0
		if err := tr.runner.Set(stats.Wish{Users: &many}); err == nil || !strings.Contains(err.Error(), "the ceiling is 60") {
			tr.Errorf("61 users: %v", err)
		}
		if err := tr.runner.Set(stats.Wish{Rate: &fast}); err == nil || !strings.Contains(err.Error(), "the ceiling is 200") {
			tr.Errorf("201/s: %v", err)
		}
	})
	for seq := range 9 {
		if n := tr.target.startsWithin(time.Duration(seq)*time.Second, time.Duration(seq+1)*time.Second); n != 200 {
			t.Errorf("%d requests in second %d, the ceiling is 200", n, seq)
		}
	}
	if got := tr.summary.Total.OK.Max(); got != time.Millisecond {
		t.Errorf("a response took %s: waiting at the ceiling is not the target's time", got)
	}
	if got := tr.sink.events(stats.EventWarning); !slices.Equal(got, []string{"the ceiling of 200 requests/s holds users back"}) {
		t.Errorf("told %q", got)
	}
	for _, p := range []scenarios.Profile{{Users: 61}, {Rate: 201}} {
		if _, err := New(Config{Scenario: parse(t, one), Profile: &p, Ceiling: Ceiling{Rate: 200, Connections: 60}}); err == nil {
			t.Errorf("%+v is within a ceiling of 200/s and 60 users", p)
		}
	}
}

// TestTheCeilingCountsConnections: a user whose steps ask for two kinds of
// client has two connections, so that there is room for half as many users.
func TestTheCeilingCountsConnections(t *testing.T) {
	s := parse(t, `
name: two clients
target: http://127.0.0.1:1
users:
  - tasks: [ { name: a, get: /a }, { name: b, get: /b, client: std } ]
  - on_start: [ { name: c, get: /c } ]
    tasks: [ { name: d, get: /d } ]
`)
	tries := func(p scenarios.Profile) (*Runner, error) {
		return New(Config{Scenario: s, Profile: &p, Ceiling: Ceiling{Rate: 200, Connections: 61}})
	}
	if _, err := tries(scenarios.Profile{Users: 31}); err == nil || !strings.Contains(err.Error(), "31 users are wanted, of 2 connections each") {
		t.Errorf("31 users of two connections: %v", err)
	}
	r, err := tries(scenarios.Profile{Users: 30})
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Set(stats.Wish{Users: new(31)}); err == nil || !strings.Contains(err.Error(), "the ceiling is 61 connections: 30 users") {
		t.Errorf("31 users by hand: %v", err)
	}
	if r, err = tries(scenarios.Profile{Rate: 100, MaxUsers: 500}); err != nil || r.Profile().MaxUsers() != 30 {
		t.Errorf("an open model: up to %d users, %v", r.Profile().MaxUsers(), err)
	}
}

// TestNeverMoreConnectionsThanTheCeiling: users go to two hosts, which nobody
// counted beforehand. What would be one connection too many is not made.
func TestNeverMoreConnectionsThanTheCeiling(t *testing.T) {
	const most = 10
	one, other := startSluggish(t, time.Minute), startSluggish(t, time.Minute)
	scenario := fmt.Sprintf("allow_hosts: [ %q ]\ntasks: [ { name: one, get: / }, { name: other, get: %s/ } ]", other.Listener.Addr(), other.URL)
	sum, _ := real(t, one.URL, scenario, func(c *Config) {
		c.Users, c.RunTime, c.Ceiling = most, 700*time.Millisecond, Ceiling{Connections: most}
	}, nil)
	var refused int64
	for _, k := range sum.Total.Classes {
		if k.Key == stats.Forbidden {
			refused = k.N
		}
	}
	seen := one.seen.Load() + other.seen.Load()
	if n := one.accepted.Load() + other.accepted.Load(); n != most || sum.Total.NewConns != most {
		t.Errorf("the servers accepted %d connections, %d were counted; the ceiling is %d", n, sum.Total.NewConns, most)
	}
	if refused == 0 || sum.Total.Failures != refused || sum.Total.Requests != seen+refused {
		t.Errorf("%d requests, %d failed, %d of them at the ceiling; the servers saw %d", sum.Total.Requests, sum.Total.Failures, refused, seen)
	}
}

// TestTheCeilingBoundsConnections: also in the open model, by plan and by hand,
// no more users are made than it allows, each of which has a connection.
func TestTheCeilingBoundsConnections(t *testing.T) {
	for name, c := range map[string]struct {
		profile scenarios.Profile
		wishes  []stats.Wish
	}{
		"by plan": {scenarios.Profile{Rate: 100, MaxUsers: 200}, nil},
		"by hand": {scenarios.Profile{Users: 1}, []stats.Wish{{Rate: new(100.0)}}},
	} {
		tr := try(t, one, 10*time.Second, func(cfg *Config) {
			cfg.Profile, cfg.Ceiling = &c.profile, Ceiling{Rate: 200, Connections: 60}
		}, func(tr *trial) {
			for _, w := range append(c.wishes, stats.Wish{Stop: true}) {
				pass(5 * time.Second)
				if err := tr.runner.Set(w); err != nil {
					tr.Error(err)
				}
			}
		})
		if tr.target.peak != 60 || tr.summary.Dropped == 0 {
			t.Errorf("%s: %d requests in flight at once, %d dropped; the ceiling is 60", name, tr.target.peak, tr.summary.Dropped)
		}
	}
}

// TestRedirectsCountForTheCeiling: a target that redirects nine times makes one
// request ten, which the ceiling holds back as ten.
func TestRedirectsCountForTheCeiling(t *testing.T) {
	tr := try(t, one, time.Millisecond, func(c *Config) {
		c.Users, c.RunTime, c.Ceiling = 5, 10*time.Second, Ceiling{Rate: 200}
	}, func(tr *trial) {
		tr.target.redirects = 9
	})
	if n := tr.target.total(); n < 195 || n > 205 {
		t.Errorf("%d requests of ten each in 10 s, the ceiling is 200/s", n)
	}
}

// TestNoRequestLeavesTheCeilingAfterAStop: users that wait at the ceiling when
// the run ends, gracefully or at once, make their requests no more, and these
// are not said to have been in flight.
func TestNoRequestLeavesTheCeilingAfterAStop(t *testing.T) {
	for name, end := range map[string]stats.Wish{"stop": {Stop: true}, "cut": {Cut: true}} {
		for model, profile := range map[string]*scenarios.Profile{
			"closed": {Users: 50},
			"open":   {Rate: 200, MaxUsers: 50, Poisson: true},
		} {
			t.Run(name+" "+model, func(t *testing.T) {
				tr := try(t, one, time.Nanosecond, func(c *Config) {
					c.Profile, c.Ceiling = profile, Ceiling{Rate: 200}
				}, func(tr *trial) {
					pass(2*time.Second + time.Millisecond)
					if err := tr.runner.Set(end); err != nil {
						t.Error(err)
					}
				})
				if n := tr.target.startsWithin(2*time.Second+time.Millisecond, time.Hour); n > 0 {
					t.Errorf("%d requests began after the end", n)
				}
				if n := tr.summary.Total.Unfinished; n > 0 {
					t.Errorf("%d requests are said to have been in flight", n)
				}
			})
		}
	}
}
