package runner

import (
	"strings"
	"testing"
	"time"

	"brink/runner/stats"
)

// withLogin is users who have something to do when they come and when they go.
const withLogin = `
name: with login
target: http://127.0.0.1:1
users:
  - on_start: [ { name: login, post: "/login/{{ user.id }}" } ]
    tasks: [ { name: root, get: / } ]
    on_stop: [ { name: logout, post: /logout } ]
`

// TestUsersThatNobodyNeedsGo: 500 users are there after a stall, and one is
// needed. They go after a minute, some each second, as users do who are not
// wanted any more, and come back with the next stall.
func TestUsersThatNobodyNeedsGo(t *testing.T) {
	const latency = 10 * time.Millisecond
	tr := try(t, withLogin, latency, openModel(50, 1000, 320*time.Second), func(tr *trial) {
		pass(5 * time.Second)
		tr.target.stall(15*time.Second, latency)
		pass(65 * time.Second)
		peak := tr.load().Users
		if n := tr.target.connected(); peak < 495 || peak > 505 || n != peak {
			tr.Errorf("%d users with %d connections within a minute of the stall", peak, n)
		}
		if n := tr.target.startsWithin(69*time.Second, 70*time.Second); n != 50 {
			tr.Errorf("%d requests in a second, 50 arrived: users left within a minute of the stall", n)
		}
		pass(20 * time.Second)
		for seq := 76; seq < 90; seq++ {
			n := tr.target.startsWithin(time.Duration(seq)*time.Second, time.Duration(seq+1)*time.Second) - 50
			if n < 5 || n > peak/departing+1 {
				tr.Errorf("%d users left in second %d", n, seq)
			}
		}
		pass(210 * time.Second)
		few := tr.load().Users
		if n := tr.target.connected(); few >= departing || few < departing-5 || n != few {
			tr.Errorf("%d users with %d connections", few, n)
		}
		tr.target.stall(310*time.Second, latency)
		pass(11 * time.Second)
		if n := tr.load().Users; n < 495 || n > 505 {
			tr.Errorf("%d users came for the second stall", n)
		}
	})
	if n := tr.summary; n.Scheduled != 16000 || n.Sent != 16000 || n.Total.Failures != 0 {
		t.Errorf("scheduled %d, sent %d, failed %d; want 16 000 and none", n.Scheduled, n.Sent, n.Total.Failures)
	}
	// The same people come back.
	logins, people := 0, 0
	for path, n := range tr.target.asked {
		if strings.HasPrefix(path, "/login/") {
			logins += n
			people++
		}
	}
	if out := tr.target.asked["/logout"]; logins != out || logins < 930 || people > 505 {
		t.Errorf("%d logins of %d people and %d logouts; 500 came twice", logins, people, out)
	}
}

// TestFewUsersStay: a rate that seldom needs a user does not have it log in for
// each arrival.
func TestFewUsersStay(t *testing.T) {
	tr := try(t, withLogin, time.Second, openModel(0.005, 1000, 20*time.Minute), nil)
	if n := tr.summary.Sent; n != 6 || tr.target.clients != 1 {
		t.Errorf("%d arrivals, %d connections, want 6 on one", n, tr.target.clients)
	}
}

// TestAPausedRunKeepsItsUsers: who waits for the end of a pause is not idle.
func TestAPausedRunKeepsItsUsers(t *testing.T) {
	on, off, before := true, false, 0
	tr := try(t, one, time.Second, openModel(200, 1000, 15*time.Second), func(tr *trial) {
		pass(5 * time.Second)
		tr.set(stats.Wish{Pause: &on})
		pass(10 * time.Minute)
		if before = tr.target.connected(); before < 200 || before > 210 || tr.load().Users != before {
			tr.Errorf("%d users with %d connections in the pause", tr.load().Users, before)
		}
		tr.set(stats.Wish{Pause: &off})
	})
	if tr.target.clients != before {
		t.Errorf("%d connections before the pause, %d in all: users had to come again", before, tr.target.clients)
	}
}

// TestUsersComeBackWhoWereNotNeeded: of 200 users most go while a rate needs
// one of each class; asked for again, they are there, each class its share.
func TestUsersComeBackWhoWereNotNeeded(t *testing.T) {
	rate := 10.0
	tr := try(t, `
name: classes
target: http://127.0.0.1:1
wait: 990ms
users:
  - { name: many, weight: 3, tasks: [ { name: a, get: /a } ] }
  - { name: few, weight: 1, tasks: [ { name: b, get: /b } ] }
`, 10*time.Millisecond, users(400), func(tr *trial) {
		pass(10 * time.Second)
		tr.set(stats.Wish{Rate: &rate})
		pass(5 * time.Minute)
		if n := tr.load().Users; n >= 2*departing || n < 2*departing-5 || tr.target.connected() != n {
			tr.Errorf("%d users with %d connections after five minutes", n, tr.target.connected())
		}
		tr.set(stats.Wish{HandBack: true})
		pass(10 * time.Second)
		if n := tr.load().Users; n != 400 {
			tr.Errorf("%d users, 400 were wanted", n)
		}
		tr.stop()
	})
	// Two seconds before the end, since users that come back spread out.
	last := tr.sink.snapshots[len(tr.sink.snapshots)-3]
	for _, r := range last.Routes {
		if want := map[string]int64{"a": 300, "b": 100}[r.Route.Name]; r.Requests < want-5 || r.Requests > want+5 {
			t.Errorf("%d requests of class %q in a second, each of its %d users makes one", r.Requests, r.Route.Name, want)
		}
	}
	if n := tr.target.clients; n > 400+290 {
		t.Errorf("%d connections in all", n)
	}
}
