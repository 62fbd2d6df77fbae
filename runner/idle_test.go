package runner

import (
	"runtime"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// TestIdleUsersAreAStack does whatever is done to idle users, beside a slice.
func TestIdleUsersAreAStack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var l idle
		var want []*user // the top last
		all := make([]*user, 6)
		for i := range all {
			all[i] = &user{id: i}
		}
		var now time.Duration
		t.Repeat(map[string]func(*rapid.T){
			"join": func(t *rapid.T) {
				u := rapid.SampledFrom(all).Draw(t, "user")
				if u.in {
					t.Skip("it is in the list")
				}
				now++
				l.push(u, now)
				want = append(want, u)
			},
			"next": func(t *rapid.T) {
				u := l.pop()
				if n := len(want); n == 0 && u != nil || n > 0 && u != want[n-1] {
					t.Fatalf("took %v", u)
				} else if n > 0 {
					want = want[:n-1]
				}
			},
			"leave": func(t *rapid.T) {
				u := rapid.SampledFrom(all).Draw(t, "user")
				l.remove(u)
				want = slices.DeleteFunc(want, func(o *user) bool { return o == u })
			},
			"": func(t *rapid.T) {
				var down, up []*user
				for u := l.top; u != nil; u = u.below {
					down = append(down, u)
				}
				for u := l.bottom; u != nil; u = u.above {
					up = append(up, u)
				}
				slices.Reverse(down)
				if !slices.Equal(up, want) || !slices.Equal(down, want) {
					t.Fatalf("from below %d users, from above %d, there are %d", len(up), len(down), len(want))
				}
				for _, u := range all {
					if u.in != slices.Contains(want, u) {
						t.Fatalf("user %d says of itself %v", u.id, u.in)
					}
				}
				if !slices.IsSortedFunc(want, func(a, b *user) int { return int(a.since - b.since) }) {
					t.Fatal("one below another was idle for less long")
				}
			},
		})
	})
}

// TestArrivalsWaitInTheirOrder: none is lost and none overtakes, and the memory
// of those gone is used again.
func TestArrivalsWaitInTheirOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var l line
		var came, went, most time.Duration
		for range rapid.IntRange(0, 200).Draw(t, "deeds") {
			if rapid.IntRange(0, 2).Draw(t, "come") > 0 {
				l.push(came)
				came++
			} else if due, ok := l.pop(); ok != (went < came) || ok && due != went {
				t.Fatalf("%d, %v came out after %d of %d", due, ok, went, came)
			} else if ok {
				went++
			}
			if n := l.len(); n != int(came-went) {
				t.Fatalf("%d wait, %d came and %d went", n, came, went)
			}
			if most = max(most, came-went); cap(l.dues) > 4*int(most)+8 {
				t.Fatalf("memory for %d where at most %d waited", cap(l.dues), most)
			}
		}
	})
}

// TestAnArrivalAllocatesNothing: neither handing it out nor taking it does.
func TestAnArrivalAllocatesNothing(t *testing.T) {
	p, end := crewOf(t, 64)
	defer end()
	var n time.Duration
	before := p.env.sent.Load()
	allocated := testing.AllocsPerRun(1000, func() {
		n++
		p.arrive(n)
		for p.env.sent.Load()-before < int64(n) {
			// The users run in goroutines of their own.
			runtime.Gosched()
		}
	})
	if allocated != 0 {
		t.Errorf("%v allocations an arrival, want 0", allocated)
	}
}

// TestTheUserIdleForTheShortestTimeIsNext: a stall needs 1 000 users; what
// comes after it is not spread over all of them.
func TestTheUserIdleForTheShortestTimeIsNext(t *testing.T) {
	tr := try(t, one, 20*time.Millisecond, openModel(100, 2000, 40*time.Second), func(tr *trial) {
		pass(5 * time.Second)
		tr.target.stall(15*time.Second, 20*time.Millisecond)
		pass(20 * time.Second)
		if n := tr.target.usedSince(16 * time.Second); n > 4 {
			tr.Errorf("%d connections carried 100 requests/s of 20 ms, 2 at a time", n)
		}
	})
	if n := tr.target.clients; n < 990 || n > 1010 {
		t.Errorf("the stall made %d users", n)
	}
	if n := tr.summary; n.Scheduled != 4000 || n.Sent != 4000 {
		t.Errorf("scheduled %d, sent %d; want 4000", n.Scheduled, n.Sent)
	}
}
