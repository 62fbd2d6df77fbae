package runner

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"brink/runner/stats"
	"brink/scenarios"
)

const one = `
name: one
target: http://127.0.0.1:1
tasks:
  - { name: root, get: / }
`

const thinking = `
name: thinking
target: http://127.0.0.1:1
wait: 1s..3s
tasks:
  - { name: root, get: / }
`

func users(n int) func(*Config) { return func(c *Config) { c.Users = n } }

func TestUsersAskOneAfterTheOther(t *testing.T) {
	tr := try(t, one, 100*time.Millisecond, func(c *Config) { c.Users, c.RunTime = 5, 10*time.Second }, nil)
	if tr.target.peak != 5 {
		t.Errorf("at most %d requests at once, want 5", tr.target.peak)
	}
	// Each user asks each 100 ms; the last ones end a moment after the stop.
	if n := tr.summary.Total.Requests; n < 500 || n > 505 {
		t.Errorf("%d requests of 5 users in 10 s at 100 ms each", n)
	}
	if got := tr.summary.Total.OK.Percentile(50); got != 100*time.Millisecond {
		t.Errorf("median %s", got)
	}
	if n := len(tr.sink.snapshots); n != 11 {
		t.Errorf("%d snapshots of a run of 10 s and its end", n)
	}
	if got := tr.sink.events(stats.EventStop); !slices.Equal(got, []string{"the run time of 10 s is over"}) {
		t.Errorf("stopped because %q", got)
	}
}

// Little's law: users = throughput × (response time + think time).
func TestLittlesLaw(t *testing.T) {
	tr := try(t, thinking, 500*time.Millisecond, func(c *Config) { c.Users, c.RunTime = 200, 2*time.Minute }, nil)
	steady := new(stats.Summary)
	for _, s := range tr.sink.snapshots[20:110] {
		steady.Add(s)
	}
	throughput := steady.Rate(steady.Total.Requests)
	there := throughput * (0.5 + 2)
	if there < 196 || there > 204 {
		t.Errorf("%.1f requests/s × 2.5 s = %.1f users, there are 200", throughput, there)
	}
}

func TestUsersStartedTogetherDoNotFireTogether(t *testing.T) {
	tr := try(t, thinking, time.Millisecond, func(c *Config) { c.Users, c.RunTime = 1000, 3*time.Second }, nil)
	if n := tr.target.startsWithin(0, 100*time.Millisecond); n == 0 || n > 100 {
		t.Errorf("%d of 1000 users fired in the first 100 ms of 1 to 3 s of think time", n)
	}
	if n := tr.target.startsWithin(0, time.Second); n < 400 {
		t.Errorf("only %d of 1000 users fired in the first second", n)
	}
}

func TestOneUserFiresAtOnce(t *testing.T) {
	tr := try(t, thinking, time.Millisecond, func(c *Config) { c.Users, c.RunTime = 1, time.Second }, nil)
	if tr.target.starts[0] != 0 {
		t.Errorf("the only user waited %s before its first request", tr.target.starts[0])
	}
}

func TestSpawnRateStartsUsersEvenly(t *testing.T) {
	tr := try(t, one, 10*time.Millisecond, func(c *Config) {
		c.Profile = &scenarios.Profile{Users: 50, SpawnRate: 10, RunTime: 8 * time.Second}
	}, nil)
	for seq, want := range []int{10, 20, 30, 40, 50, 50, 50} {
		if l := tr.sink.at(t, seq).Load; l.Users != want || l.WantedUsers != want {
			t.Errorf("second %d: %d users of %d wanted, want %d", seq, l.Users, l.WantedUsers, want)
		}
	}
	if l := tr.sink.at(t, 2).Load; l.PlanEnd != 8*time.Second || l.Stage != "ramp 0 → 50 users" || l.Manual {
		t.Errorf("the load is %+v", l)
	}
}

func TestStagesAreFollowedAndTold(t *testing.T) {
	tr := try(t, one, 10*time.Millisecond, func(c *Config) {
		c.Profile = &scenarios.Profile{Stages: []scenarios.Stage{
			{Users: 20, For: 2500 * time.Millisecond},
			{Users: 60, Over: 2 * time.Second, For: 2 * time.Second},
			{Users: 10, For: 2 * time.Second},
		}}
	}, nil)
	for seq, want := range []int{20, 20, 30, 50, 60, 60, 10, 10} {
		if got := tr.sink.at(t, seq).Load.Users; got != want {
			t.Errorf("second %d: %d users, want %d", seq, got, want)
		}
	}
	want := []string{
		"profile stage 1 of 3: hold 20 users for 2.5 s",
		"profile stage 2 of 3: ramp 20 → 60 users over 2 s, then hold for 2 s",
		"profile stage 3 of 3: hold 10 users for 2 s",
	}
	if got := tr.sink.events(stats.EventStage); !slices.Equal(got, want) {
		t.Errorf("told %q", got)
	}
	if got := tr.sink.events(stats.EventStop); !slices.Equal(got, []string{"the profile is over"}) {
		t.Errorf("stopped because %q", got)
	}
}

func TestUsersByHand(t *testing.T) {
	tr := try(t, thinking, 200*time.Millisecond, users(1), func(tr *trial) {
		pass(500 * time.Millisecond)
		reach := func(n int) {
			tr.set(stats.Wish{Users: &n})
			pass(time.Second)
			// The Snapshot is half a second old, and was made half a second
			// after the wish.
			if got := tr.load(); got.Users != n || got.WantedUsers != n {
				tr.Errorf("%d users, %d wanted, half a second after %d were asked for", got.Users, got.WantedUsers, n)
			}
		}
		for _, n := range []int{1000, 3, 10000, 1, 0, 5} {
			reach(n)
		}
		tr.stop()
	})
	if tr.summary.Total.Failures != 0 || tr.summary.Total.Unfinished != 0 {
		t.Errorf("%d failures and %d unfinished: fewer users must kill no request", tr.summary.Total.Failures, tr.summary.Total.Unfinished)
	}
	want := []string{"users set to 1000 by hand", "users set to 3 by hand", "users set to 10000 by hand",
		"users set to 1 by hand", "users set to 0 by hand", "users set to 5 by hand"}
	if got := tr.sink.events(stats.EventUsers); !slices.Equal(got, want) {
		t.Errorf("told %q", got)
	}
}

func TestFewerUsersFinishTheirTask(t *testing.T) {
	tr := try(t, `
name: flow
target: http://127.0.0.1:1
tasks:
  - name: both
    steps:
      - { name: first, get: /first }
      - { name: second, get: /second }
`, time.Second, users(10), func(tr *trial) {
		pass(500 * time.Millisecond)
		none := 0
		tr.set(stats.Wish{Users: &none})
		pass(5 * time.Second)
		tr.stop()
	})
	if first, second := tr.target.asked["/first"], tr.target.asked["/second"]; first != 10 || second != 10 {
		t.Errorf("%d first and %d second steps, want 10 of each: a task is finished", first, second)
	}
}

func TestPauseAndResume(t *testing.T) {
	tr := try(t, one, 100*time.Millisecond, func(c *Config) {
		c.Profile = &scenarios.Profile{Users: 10, RunTime: 10 * time.Second}
	}, func(tr *trial) {
		on, off := true, false
		pass(3 * time.Second)
		tr.set(stats.Wish{Pause: &on})
		pass(20 * time.Second)
		tr.set(stats.Wish{Pause: &off})
	})
	if n := tr.target.startsWithin(3*time.Second+time.Millisecond, 23*time.Second); n != 0 {
		t.Errorf("%d requests began during the pause", n)
	}
	if n := tr.target.startsWithin(23*time.Second, time.Hour); n < 690 {
		t.Errorf("%d requests after the pause; the profile still had 7 s", n)
	}
	if l := tr.sink.at(t, 10).Load; !l.Paused || l.Users != 10 || l.Busy != 0 {
		t.Errorf("in the pause: %+v", l)
	}
	if end := tr.summary.To; end < 30*time.Second || end > 31*time.Second {
		t.Errorf("the run ended at %s: a profile of 10 s and a pause of 20 s", end)
	}
	if got := tr.sink.events(stats.EventPause, stats.EventResume); !slices.Equal(got, []string{"paused by hand", "went on after a pause of 20 s"}) {
		t.Errorf("told %q", got)
	}
}

func TestTakingOverAndHandingBack(t *testing.T) {
	tr := try(t, one, 100*time.Millisecond, func(c *Config) {
		c.Profile = &scenarios.Profile{Users: 10, SpawnRate: 1, RunTime: 20 * time.Second}
	}, func(tr *trial) {
		pass(5 * time.Second)
		n := 50
		tr.set(stats.Wish{Users: &n})
		pass(30 * time.Second)
		tr.set(stats.Wish{HandBack: true})
	})
	if l := tr.sink.at(t, 30).Load; l.Users != 50 || !l.Manual || l.PlanEnd != 0 {
		t.Errorf("by hand: %+v", l)
	}
	if l := tr.sink.at(t, 36).Load; l.Users != 7 || l.Manual || l.PlanEnd != 50*time.Second {
		t.Errorf("two seconds after handing back at 5 s into the profile: %+v", l)
	}
	if end := tr.summary.To; end < 50*time.Second || end > 51*time.Second {
		t.Errorf("the run ended at %s, want 50 s: 20 s of profile, 30 s by hand", end)
	}
	if got := tr.sink.events(stats.EventHandBack); !slices.Equal(got, []string{"the profile took over again, 5 s into it"}) {
		t.Errorf("told %q", got)
	}
}

func TestStopGivesGrace(t *testing.T) {
	tr := try(t, one, 3*time.Second, users(4), func(tr *trial) {
		pass(time.Second)
		tr.stop()
		<-tr.done
		if at := tr.target.clock(); at != 3*time.Second {
			tr.Errorf("ended at %s, when the requests in flight were answered at 3 s", at)
		}
	})
	if n := tr.summary.Total; n.Requests != 4 || n.Unfinished != 0 {
		t.Errorf("%d requests, %d unfinished", n.Requests, n.Unfinished)
	}
	if got := tr.sink.events(stats.EventStop); !slices.Equal(got, []string{"stopped by hand"}) {
		t.Errorf("stopped because %q", got)
	}
}

func TestStopCutsAfterTheGracePeriod(t *testing.T) {
	tr := try(t, one, time.Hour, func(c *Config) { c.Users, c.Grace = 3, 5*time.Second }, func(tr *trial) {
		pass(2 * time.Second)
		tr.set(stats.Wish{Stop: true, Mark: "the terminal is gone"})
		<-tr.done
		if at := tr.target.clock(); at != 7*time.Second {
			tr.Errorf("ended at %s, want 7 s", at)
		}
	})
	total := tr.summary.Total
	if total.Requests != 0 || total.Unfinished != 3 || total.Ages.Min() != 7*time.Second {
		t.Errorf("%d requests, %d unfinished of at least %s", total.Requests, total.Unfinished, total.Ages.Min())
	}
	want := []string{"the terminal is gone", "3 requests were cut off after the grace period of 5 s"}
	if got := tr.sink.events(stats.EventStop, stats.EventWarning); !slices.Equal(got, want) {
		t.Errorf("told %q", got)
	}
}

func TestCutIsAtOnce(t *testing.T) {
	tr := try(t, one, time.Hour, users(3), func(tr *trial) {
		pass(time.Second)
		tr.stop()
		pass(time.Second)
		tr.set(stats.Wish{Cut: true})
		<-tr.done
		if at := tr.target.clock(); at != 2*time.Second {
			tr.Errorf("ended at %s, cut at 2 s", at)
		}
	})
	if tr.summary.Total.Unfinished != 3 {
		t.Errorf("%d unfinished", tr.summary.Total.Unfinished)
	}
}

func TestContextEndsARunAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		target := newFakeTarget(time.Hour)
		r, err := New(Config{Scenario: parse(t, one), Users: 2, NewClient: target.client})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(context.Background(), 1500*time.Millisecond)
		defer cancel()
		var sink memory
		s, err := r.Run(ctx, &sink)
		if err != nil || s.Total.Unfinished != 2 || target.clock() != 1500*time.Millisecond {
			t.Errorf("%v, %d unfinished, ended at %s", err, s.Total.Unfinished, target.clock())
		}
		if _, err := r.Run(context.Background()); err == nil {
			t.Error("a Runner ran twice")
		}
		if err := r.Set(stats.Wish{Stop: true}); !errors.Is(err, ErrOver) {
			t.Errorf("a wish after the end: %v", err)
		}
	})
}

func TestWeightsAndRoutesLive(t *testing.T) {
	tr := try(t, `
name: two
target: http://127.0.0.1:1
tasks:
  - { name: a, get: /a, weight: 3 }
  - { name: b, get: /b }
`, 10*time.Millisecond, users(10), func(tr *trial) {
		seen := func() (a, b int) {
			tr.target.mu.Lock()
			defer tr.target.mu.Unlock()
			a, b = tr.target.asked["/a"], tr.target.asked["/b"]
			clear(tr.target.asked)
			return a, b
		}
		total := 0
		settle := func(w stats.Wish) (a, b int) {
			tr.set(w)
			pass(100 * time.Millisecond)
			a, b = seen()
			total += a + b
			pass(10 * time.Second)
			a, b = seen()
			total += a + b
			return a, b
		}
		if a, b := settle(stats.Wish{Mark: "as in the file"}); a+b < 9990 || a < 2*b || a > 4*b {
			tr.Errorf("weights 3 and 1: %d and %d", a, b)
		}
		if a, b := settle(stats.Wish{Weights: map[string]int{"b": 27}}); b < 7*a || b > 11*a {
			tr.Errorf("weights 3 and 27: %d and %d", a, b)
		}
		if a, b := settle(stats.Wish{Weights: map[string]int{"a": 0}}); a != 0 || b < 9990 {
			tr.Errorf("a switched off: %d and %d", a, b)
		}
		if a, b := settle(stats.Wish{Mute: map[stats.Route]bool{{Method: "GET", Name: "b"}: true}}); a+b != 0 {
			tr.Errorf("both switched off: %d and %d", a, b)
		}
		if a, b := settle(stats.Wish{Weights: map[string]int{"a": 1}}); a < 9900 || b != 0 {
			tr.Errorf("a on again: %d and %d", a, b)
		}
		tr.target.mu.Lock()
		tr.target.asked["/before"] = total
		tr.target.mu.Unlock()
		tr.stop()
	})
	want := []string{`weight of task "b" set to 27 by hand`, `task "a" switched off by hand`,
		"route GET b switched off by hand", `weight of task "a" set to 1 by hand`}
	if got := tr.sink.events(stats.EventWeights); !slices.Equal(got, want) {
		t.Errorf("told %q", got)
	}
	mix := tr.sink.snapshots[len(tr.sink.snapshots)-1].Load.Mix
	if !reflect.DeepEqual(mix, stats.Mix{
		Weights: []stats.Count[string]{{Key: "a", N: 1}, {Key: "b", N: 27}},
		Muted:   []stats.Route{{Method: "GET", Name: "b"}},
	}) {
		t.Errorf("the mix at the end is %+v", mix)
	}
}

func TestWishesThatCannotBe(t *testing.T) {
	r, err := New(Config{Scenario: parse(t, one)})
	if err != nil {
		t.Fatal(err)
	}
	minus, many, rate := -1, maxUsers+1, -0.5
	tests := []struct {
		wish stats.Wish
		want string
	}{
		{stats.Wish{Users: &minus}, "-1 users"},
		{stats.Wish{Users: &many}, "between 0 and"},
		{stats.Wish{Rate: &rate}, "a rate of -0.5"},
		{stats.Wish{Weights: map[string]int{"nothing": 1}}, `no task "nothing"`},
		{stats.Wish{Weights: map[string]int{"root": -1}}, "a weight of -1"},
		{stats.Wish{Mute: map[stats.Route]bool{{Name: "x"}: true}}, `no route "x"`},
	}
	for _, tt := range tests {
		if err := r.Set(tt.wish); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("error %v, want one with %q", err, tt.want)
		}
	}
}

func TestClassesKeepTheirShare(t *testing.T) {
	tr := try(t, `
name: shop
target: http://127.0.0.1:1
users:
  - name: buyer
    weight: 3
    on_start: [ { name: login, post: /login } ]
    on_stop: [ { name: logout, post: /logout } ]
    tasks: [ { name: buy, post: /buy } ]
  - name: browser
    tasks: [ { name: look, get: /look } ]
`, 100*time.Millisecond, func(c *Config) { c.Users, c.RunTime = 40, 10*time.Second }, nil)
	a := tr.target.asked
	if a["/login"] != 30 || a["/logout"] != 30 {
		t.Errorf("%d log-ins and %d log-outs of 30 buyers", a["/login"], a["/logout"])
	}
	if a["/buy"] < 30*98 || a["/buy"] > 30*100 || a["/look"] < 10*99 {
		t.Errorf("%d times bought by 30 users, %d looks by 10", a["/buy"], a["/look"])
	}
}

func TestViewersGetTheLatest(t *testing.T) {
	tr := try(t, one, 100*time.Millisecond, func(c *Config) { c.Users, c.RunTime = 1, 5*time.Second }, func(tr *trial) {
		watch := tr.runner.Snapshots(tr.Context())
		leaving, leave := context.WithCancel(tr.Context())
		left := tr.runner.Snapshots(leaving)
		pass(3500 * time.Millisecond)
		if s := <-watch; s.Seq != 2 {
			tr.Errorf("a slow viewer gets second %d, want the latest, 2", s.Seq)
		}
		leave()
		synctest.Wait()
		if s, ok := <-left; !ok || s.Seq != 2 {
			tr.Error("what was there before leaving is lost")
		}
		if _, ok := <-left; ok {
			tr.Error("the channel of one who left is still open")
		}
		last := -1
		for s := range watch {
			last = s.Seq
		}
		if last != 5 {
			tr.Errorf("the last Snapshot seen is that of second %d", last)
		}
	})
	if n := len(tr.runner.History()); n != len(tr.sink.snapshots) {
		t.Errorf("%d Snapshots remembered of %d", n, len(tr.sink.snapshots))
	}
	if _, ok := <-tr.runner.Snapshots(t.Context()); ok {
		t.Error("there is still something to see after the end")
	}
}

func TestFailingRunsAreStopped(t *testing.T) {
	tr := try(t, one, 100*time.Millisecond, func(c *Config) { c.Users, c.RunTime, c.Failing = 1, time.Minute, 10*time.Second }, func(tr *trial) {
		tr.target.answer(nil, func(string) int { return 503 })
	})
	if got := tr.sink.events(stats.EventStop); !slices.Equal(got, []string{"stopped: more than 90 % of the requests failed for 10 s"}) {
		t.Errorf("stopped because %q", got)
	}
	if failing := new(FailingError); !errors.As(tr.err, &failing) || failing.For != 10*time.Second {
		t.Errorf("error %v", tr.err)
	}
	if n := tr.summary.Total; n.Failures != n.Requests || n.Requests < 100 {
		t.Errorf("%d of %d requests failed", n.Failures, n.Requests)
	}
	if tr.summary.Failures[0].Exchange == nil {
		t.Error("no failing request is shown")
	}
}
