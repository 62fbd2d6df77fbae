package runner

import (
	"testing"
	"time"

	"brink/runner/stats"
	"brink/scenarios"
)

func openModel(rate float64, maxUsers int, runTime time.Duration) func(*Config) {
	return func(c *Config) {
		c.Profile = &scenarios.Profile{Rate: rate, MaxUsers: maxUsers, RunTime: runTime}
	}
}

func TestArrivalsAtAConstantRate(t *testing.T) {
	tr := try(t, one, 50*time.Millisecond, openModel(200, 100, 10*time.Second), nil)
	if n := tr.summary; n.Scheduled != 2000 || n.Sent != 2000 || n.Dropped != 0 || n.Total.Requests != 2000 {
		t.Errorf("scheduled %d, sent %d, dropped %d, finished %d; want 2000 each, none dropped", n.Scheduled, n.Sent, n.Dropped, n.Total.Requests)
	}
	for seq := range 10 {
		if l := tr.sink.at(t, seq).Load; l.Scheduled != 200 || l.WantedRate != 200 && seq < 9 || l.Model != stats.OpenModel {
			t.Errorf("second %d: %+v", seq, l)
		}
	}
	// Little's law again: 200/s of 50 ms need 10 users, and a few more while
	// the first are being started.
	if tr.target.clients < 10 || tr.target.clients > 15 {
		t.Errorf("%d users were made", tr.target.clients)
	}
	if lag := tr.sink.at(t, 5).Health.Lag; lag.Count() != 200 || lag.Max() > 2*rest {
		t.Errorf("lag of %d arrivals, at most %s", lag.Count(), lag.Max())
	}
}

func TestArrivalsAreDroppedAndCounted(t *testing.T) {
	tr := try(t, one, time.Second, openModel(100, 20, 10*time.Second), nil)
	// 20 users of a second each take 20 arrivals a second.
	if n := tr.summary; n.Scheduled != 1000 || n.Sent < 200 || n.Sent > 220 || n.Sent+n.Dropped != 1000 {
		t.Errorf("scheduled %d, sent %d, dropped %d", n.Scheduled, n.Sent, n.Dropped)
	}
	if tr.target.peak != 20 {
		t.Errorf("%d requests at once, max_users is 20", tr.target.peak)
	}
}

// The stall: the target stands still for 10 s of 60. In the open model every
// request that was due meanwhile shows its wait, as (S−x)/T of them wait longer
// than x; their service was slow, too, as each had a user of its own.
func TestAStallShowsInTheOpenModel(t *testing.T) {
	tr := try(t, one, 0, openModel(100, 2000, time.Minute), func(tr *trial) {
		tr.target.answer(func(string) time.Duration {
			if at := tr.target.clock(); at > 20*time.Second && at < 30*time.Second {
				return 30*time.Second - at
			}
			return time.Millisecond
		}, nil)
	})
	all := tr.summary.Total.All()
	for p, want := range map[float64]time.Duration{99: 9400 * time.Millisecond, 90: 4 * time.Second} {
		if got := all.Percentile(p); got < want*97/100 || got > want*103/100 {
			t.Errorf("p%v is %s, the stall makes it %s", p, got, want)
		}
	}
}

// Where users are few, the wait is for one of them: the service time is short,
// the response time tells.
func TestResponseTimeCountsFromTheIntendedStart(t *testing.T) {
	tr := try(t, `
name: login
target: http://127.0.0.1:1
users:
  - name: slow starter
    on_start: [ { name: login, post: /login } ]
    tasks: [ { name: root, get: / } ]
`, 0, openModel(10, 30, 2*time.Second), func(tr *trial) {
		tr.target.answer(func(path string) time.Duration {
			if path == "/login" {
				return time.Second
			}
			return time.Millisecond
		}, nil)
	})
	root := tr.summary.Find(stats.Route{Method: "GET", Name: "root"})
	if got := root.ServiceTimes().Max(); got != time.Millisecond {
		t.Errorf("service took up to %s, want 1 ms", got)
	}
	if got := root.OK.Max(); got < 990*time.Millisecond || got > 1010*time.Millisecond {
		t.Errorf("the first arrival waited %s for its user to log in, want about 1 s", got)
	}
	if n := tr.summary; n.Sent != 20 {
		t.Errorf("%d of 20 arrivals were sent", n.Sent)
	}
}

func TestRateByHand(t *testing.T) {
	tr := try(t, one, 10*time.Millisecond, openModel(10, 100, 0), func(tr *trial) {
		for _, rate := range []float64{10, 500, 0, 3} {
			tr.set(stats.Wish{Rate: &rate})
			pass(10 * time.Second)
		}
		tr.stop()
	})
	for second, want := range map[int]int64{5: 10, 15: 500, 25: 0, 35: 3} {
		if got := tr.sink.at(t, second).Load.Scheduled; got != want {
			t.Errorf("%d arrivals in second %d, want %d", got, second, want)
		}
	}
	if n := tr.summary; n.Scheduled != 5130 || n.Dropped != 0 {
		t.Errorf("%d arrivals, %d dropped, want 100 + 5000 + 0 + 30", n.Scheduled, n.Dropped)
	}
}

func TestPausedArrivalsDoNotComeLater(t *testing.T) {
	tr := try(t, one, 10*time.Millisecond, openModel(100, 100, 10*time.Second), func(tr *trial) {
		on, off := true, false
		pass(4 * time.Second)
		tr.set(stats.Wish{Pause: &on})
		pass(7 * time.Second)
		tr.set(stats.Wish{Pause: &off})
	})
	if n := tr.summary; n.Scheduled != 1000 || n.Sent != 1000 || n.To < 17*time.Second {
		t.Errorf("%d scheduled, %d sent, ended at %s; want 1000 in 10 s and a pause of 7 s", n.Scheduled, n.Sent, n.To)
	}
	if n := tr.target.startsWithin(4*time.Second+time.Millisecond, 11*time.Second); n != 0 {
		t.Errorf("%d requests in the pause", n)
	}
	if got := tr.summary.Total.OK.Max(); got > 11*time.Millisecond {
		t.Errorf("a response took %s: the pause is no wait", got)
	}
}

// A machine that is busy may let time pass between any two looks at the clock.
// A course is followed from where its clock begins, so that nothing that is due
// lies before it.
func TestACourseIsFollowedFromItsBeginning(t *testing.T) {
	r, err := New(Config{Scenario: parse(t, one), Profile: &scenarios.Profile{Rate: 100, RunTime: time.Minute}})
	if err != nil {
		t.Fatal(err)
	}
	var now time.Duration
	clock := func() time.Duration { now += time.Second; return now }
	e := r.newEnv(t.Context(), clock)
	c := &conductor{
		env: e, pool: e.pool, clock: clock, cfg: &r.cfg, plan: r.plan, asked: r.asked, paced: true,
		pacer: newPacer(clock, nil, 1, nil),
	}
	follows := func(what string, from time.Duration) {
		t.Helper()
		if lay := c.pacer.taken()[0]; lay.from-lay.shift != from {
			t.Errorf("%s: followed from %s of its time on, it was at %s", what, lay.from-lay.shift, from)
		}
	}
	c.begin()
	follows("the plan", 0)
	c.pause(true)
	c.pacer.taken()
	c.pause(false)
	follows("after a pause", c.frozen)
	c.hold(stats.OpenModel, 50)
	follows("by hand", c.left)
	c.handBack()
	follows("handed back", c.left)
}

func TestBetweenUsersAndRate(t *testing.T) {
	tr := try(t, thinking, 100*time.Millisecond, users(50), func(tr *trial) {
		rate, n := 100.0, 7
		pass(10*time.Second + 500*time.Millisecond)
		tr.set(stats.Wish{Rate: &rate})
		pass(10 * time.Second)
		if l := tr.load(); l.Model != stats.OpenModel || l.Scheduled != 100 || l.WantedRate != 100 {
			tr.Errorf("by rate: %+v", l)
		}
		tr.set(stats.Wish{Users: &n})
		pass(10 * time.Second)
		if l := tr.load(); l.Model != stats.ClosedModel || l.Users != 7 || l.Scheduled != 0 {
			tr.Errorf("by users: %+v", l)
		}
		tr.set(stats.Wish{HandBack: true})
		pass(10 * time.Second)
		if l := tr.load(); l.Users != 50 || l.Manual {
			tr.Errorf("handed back: %+v", l)
		}
		tr.stop()
	})
	if n := tr.summary; n.Scheduled != 1000 || n.Sent+n.Dropped != 1000 {
		t.Errorf("%d arrivals in 10 s at 100/s, %d sent and %d dropped", n.Scheduled, n.Sent, n.Dropped)
	}
}

func TestWaitingArrivalsAreNotSentAfterAStop(t *testing.T) {
	tr := try(t, `
name: login
target: http://127.0.0.1:1
users:
  - on_start: [ { name: login, post: /login } ]
    tasks: [ { name: root, get: / } ]
`, time.Hour, func(c *Config) {
		openModel(10, 100, 0)(c)
		c.Grace = time.Second
	}, func(tr *trial) {
		pass(3 * time.Second)
		tr.stop()
	})
	if n := tr.summary; n.Scheduled != 30 || n.Sent != 0 || n.Dropped != 0 || n.Load.NotYetSent != 30 {
		t.Errorf("scheduled %d, sent %d, dropped %d, not yet sent %d", n.Scheduled, n.Sent, n.Dropped, n.Load.NotYetSent)
	}
}

func TestArrivalsByClass(t *testing.T) {
	tr := try(t, `
name: classes
target: http://127.0.0.1:1
users:
  - { name: many, weight: 9, tasks: [ { name: fast, get: /fast } ] }
  - { name: few, weight: 1, tasks: [ { name: slow, get: /slow } ] }
`, 0, openModel(1000, 500, 10*time.Second), func(tr *trial) {
		tr.target.answer(func(path string) time.Duration {
			if path == "/slow" {
				return 300 * time.Millisecond
			}
			return time.Millisecond
		}, nil)
	})
	if n := tr.summary; n.Sent != 10000 || n.Dropped != 0 {
		t.Errorf("%d sent, %d dropped", n.Sent, n.Dropped)
	}
	// The slow class gets its share although its users are seldom free.
	if slow := tr.target.asked["/slow"]; slow < 900 || slow > 1100 {
		t.Errorf("%d of 10000 arrivals for the class of weight 1 of 10", slow)
	}
}

// TestArrivalsOfAnotherTime: what the pacer still hands out once users drive
// the load is dropped, not kept for the next time that a rate does; what it
// hands out after a stop is not sent, and waits.
func TestArrivalsOfAnotherTime(t *testing.T) {
	p, end := crewOf(t, 4)
	counts := func(what string, sent, dropped, waiting int64) {
		t.Helper()
		e := p.env
		if s, d, all := e.sent.Load(), e.dropped.Load(), e.scheduled.Load(); s != sent || d != dropped || all-s-d != waiting {
			t.Errorf("%s: %d sent, %d dropped, %d wait; want %d, %d, %d", what, s, d, all-s-d, sent, dropped, waiting)
		}
	}
	for _, order := range []int32{ordersUsers, ordersPause} {
		p.env.order.Store(order)
		p.arrive(1)
	}
	if n := p.classes[0].waiting.len(); n > 0 {
		t.Errorf("%d arrivals are kept", n)
	}
	counts("users drive the load, then nobody", 0, 2, 0)
	end()
	p.arrive(2)
	counts("after a stop", 0, 2, 1)
}

// TestNoArrivalIsLostBetweenTheModels: who waited for an arrival and then had
// something else to do waits for none in secret, and is not taken for free.
func TestNoArrivalIsLostBetweenTheModels(t *testing.T) {
	tr := try(t, thinking, 100*time.Millisecond, users(20), func(tr *trial) {
		rate, n := 100.0, 7
		for range 3 {
			tr.set(stats.Wish{Rate: &rate})
			pass(3 * time.Second)
			if l := tr.load(); l.NotYetSent > 0 || l.Sent != 100 {
				tr.Errorf("by rate: %+v", l)
			}
			tr.set(stats.Wish{Users: &n})
			pass(3 * time.Second)
		}
		tr.stop()
	})
	if n := tr.summary; n.Scheduled != 900 || n.Sent+n.Dropped != 900 {
		t.Errorf("%d arrivals in 9 s at 100/s, %d sent and %d dropped", n.Scheduled, n.Sent, n.Dropped)
	}
}
