package runner

import (
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"brink/scenarios"
)

// pool is all users, those who ended too: a stack for each class. Shrinking
// takes users off the top and growing brings the same ones back; a user that no
// arrival needs is put on the top first. Only the
// conductor changes it; the collector looks at it.
type pool struct {
	env     *env
	run     *scenarios.Run
	rng     *rand.Rand // the pacer's, to choose classes
	seats   *seats
	classes []*class
	max     atomic.Int64  // users that arrivals may add up to
	live    atomic.Int64  // users whose goroutine runs
	usedUp  atomic.Int64  // users that ended because their data is used up
	needed  chan struct{} // poked when the conductor should look at the pool

	mu      sync.Mutex    // guards the stacks
	ids     int           // given so far
	parting time.Duration // when users without need may next be let go
}

// class is the users of one kind.
type class struct {
	*scenarios.UserClass
	mix    atomic.Pointer[mix]
	users  []*user
	wanted int // those from here up are leaving or gone

	starting atomic.Int64 // users on their way to their first task or arrival

	// Either users wait for arrivals, or arrivals for users.
	mu      sync.Mutex // guards both, held for a few instructions; after pool.mu
	idle    idle
	waiting line
}

// newPool makes an empty pool.
func newPool(e *env, run *scenarios.Run) *pool {
	p := &pool{env: e, run: run, needed: make(chan struct{}, 1), rng: rand.New(rand.NewPCG(run.Seed, 0xc1a55))}
	var weights, fixed []int
	for _, c := range e.scenario.Users {
		p.classes = append(p.classes, &class{UserClass: c})
		weights, fixed = append(weights, c.Weight), append(fixed, c.Fixed)
	}
	p.seats = newSeats(weights, fixed)
	return p
}

// resize makes the users n, classes in proportion. Users too many end after
// their task, or at once in a think time.
func (p *pool) resize(n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	want := p.seats.counts(n)
	more := 0
	for i, c := range p.classes {
		p.shrink(c, want[i])
		more += max(0, want[i]-c.wanted)
	}
	// In the order of the seats, so that a user's id tells its class.
	started := 0
	have := make([]int, len(p.classes))
	for i := range n {
		k, ok := p.seats.class(i)
		if !ok {
			break
		}
		c := p.classes[k]
		if have[k]++; have[k] <= c.wanted {
			continue
		}
		p.bring(c, float64(started)/float64(more))
		started++
	}
}

// shrink lets the users of c beyond n end.
func (p *pool) shrink(c *class, n int) {
	for i := n; i < c.wanted; i++ {
		u := c.users[i]
		u.stage.CompareAndSwap(staying, leaving)
		u.poke()
	}
	c.wanted = min(c.wanted, n)
}

// bring adds one user to those wanted of c: one that is leaving stays, one
// that is gone comes back, and where there is none a new one starts. spread is
// the share of a think time it waits first.
func (p *pool) bring(c *class, spread float64) {
	c.wanted++
	if c.wanted <= len(c.users) {
		u := c.users[c.wanted-1]
		if u.stage.CompareAndSwap(leaving, staying) || u.stage.Load() == staying || u.usedUp.Load() {
			return
		}
		p.start(u, spread)
		return
	}
	p.ids++
	u := &user{id: p.ids, seat: len(c.users), class: c, env: p.env, wake: make(chan struct{}, 1)}
	u.session = p.env.scenario.NewSession(c.UserClass, u.id, p.run)
	c.users = append(c.users, u)
	p.start(u, spread)
}

func (p *pool) start(u *user, spread float64) {
	u.settled, u.spread = false, spread
	u.stage.Store(staying)
	u.class.starting.Add(1)
	p.live.Add(1)
	p.env.users.Add(1)
	go u.run()
}

// left is called by a user as it goes.
func (p *pool) left() {
	p.live.Add(-1)
	p.poke()
}

func (p *pool) poke() { poke(p.needed) }

func (u *user) poke() { poke(u.wake) }

// poke leaves a word for who waits on c, unless one is there already.
func poke(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// pokeAll makes every user look at its orders.
func (p *pool) pokeAll() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range p.classes {
		for _, u := range c.users {
			u.poke()
		}
	}
}

// crew is how the users are.
type crew struct {
	live   int
	busy   int
	oldest time.Duration // age of the oldest request in flight
	usedUp int           // users that are wanted and have ended, their data used up
}

// look counts the users at a time.
func (p *pool) look(now time.Duration) crew {
	out := crew{live: int(p.live.Load())}
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range p.classes {
		for i, u := range c.users {
			if since := u.busy.Load(); since > 0 {
				out.busy++
				out.oldest = max(out.oldest, now-time.Duration(since-1))
			}
			if i < c.wanted && u.usedUp.Load() {
				out.usedUp++
			}
		}
	}
	return out
}
