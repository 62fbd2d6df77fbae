package runner

import (
	"math/rand/v2"
	"runtime"
	"sync"
	"time"
)

// pacer says when arrivals are due, on an operating system thread of its own:
// the runtime's timers are late by half a millisecond, the kernel's by a tenth
// of that. Each arrival is handed out with its intended time, however late it
// is; none is skipped.
//
// The pacer counts in arrivals, not in time: the profile says when the count
// reaches the next one. A step between two is 1, or exponentially distributed
// with mean 1 for arrivals of a Poisson process; so a change of rate, even in
// the middle of a step, changes when the next is due and never how many are.
type pacer struct {
	clock func() time.Duration
	sleep func(time.Duration) // precise; of at most patience
	hand  func(due time.Duration)
	rng   *rand.Rand

	mu      sync.Mutex
	courses []course // not yet taken on
	changed chan struct{}
}

// course is a profile laid on the run's time.
type course struct {
	profile *Profile      // nil: nothing is due
	from    time.Duration // when it begins to hold, in the run's time
	shift   time.Duration // the run's time less the profile's
	over    bool          // the pacer ends when it comes here
}

// patience is how long the pacer sleeps at most without looking for another
// course. Longer waits are left to the runtime's timers up to this much before
// the end.
const patience = 10 * time.Millisecond

// rest is how long it sleeps at least: at high rates several arrivals are then
// handed out together, each up to this late, instead of a wake-up for each.
const rest = 100 * time.Microsecond

// lull is how long it must be quiet for the runtime's processors to doze off.
const lull = 200 * time.Microsecond

func newPacer(clock func() time.Duration, sleep func(time.Duration), seed uint64, hand func(time.Duration)) *pacer {
	return &pacer{
		clock: clock, sleep: sleep, hand: hand, changed: make(chan struct{}, 1),
		rng: rand.New(rand.NewPCG(seed, 0x9acE12)),
	}
}

// follow gives the pacer its next course. It does not wait.
func (p *pacer) follow(c course) {
	p.mu.Lock()
	p.courses = append(p.courses, c)
	p.mu.Unlock()
	poke(p.changed)
}

// run paces until it is given a course that is over. The thread is not used
// for anything else afterwards.
//
// While it sleeps, the thread keeps one of the runtime's processors for a
// moment, and needs one as it wakes. So it brings one along: without it, on a
// single core, users and pacer wait for each other by the hundred milliseconds.
func (p *pacer) run() {
	runtime.LockOSThread()
	tuneThread()
	moreProcessors(1)
	defer moreProcessors(-1)
	var now course
	goal := 0.5 // in the middle of a step, so that whole seconds have whole counts
	handed := false
	for first := true; ; {
		for _, next := range p.taken() {
			goal = p.turn(now, next, goal)
			if next.over {
				return
			}
			now = next
			if first && now.profile != nil {
				first = false
				if now.profile.poisson {
					goal = now.arrivals(now.from) + p.step(now)
				}
			}
		}
		due, ok := now.when(goal)
		switch late := p.clock() - due; {
		case !ok:
			<-p.changed
		case -late > lull && handed:
			// The users that were woken queue where this goroutine runs: they
			// go first, before the thread takes the processor to sleep with.
			// At higher rates other processors are awake, and take them.
			handed = false
			runtime.Gosched()
		case late < 0:
			p.wait(-late)
		default:
			handed = true
			p.hand(due)
			goal += p.step(now)
		}
	}
}

// moreProcessors changes how many processors the runtime has. Runs beside one
// another each bring theirs and take it away, in whatever order they end.
func moreProcessors(n int) {
	processors.Lock()
	defer processors.Unlock()
	runtime.GOMAXPROCS(runtime.GOMAXPROCS(0) + n)
}

var processors sync.Mutex

// turn hands out what was due before the next course begins and returns the
// goal in the next one's count.
func (p *pacer) turn(now, next course, goal float64) float64 {
	for {
		due, ok := now.when(goal)
		if !ok || due >= next.from {
			break
		}
		p.hand(due)
		goal += p.step(now)
	}
	return next.arrivals(next.from) + max(0, goal-now.arrivals(next.from))
}

func (p *pacer) taken() []course {
	p.mu.Lock()
	defer p.mu.Unlock()
	c := p.courses
	p.courses = nil
	return c
}

func (p *pacer) step(c course) float64 {
	if c.profile.poisson {
		return p.rng.ExpFloat64()
	}
	return 1
}

// wait lets about d pass, or returns early where there is another course.
func (p *pacer) wait(d time.Duration) {
	if d > 2*patience {
		t := time.NewTimer(d - patience)
		defer t.Stop()
		select {
		case <-t.C:
		case <-p.changed:
		}
		return
	}
	p.sleep(min(max(d, rest), patience))
}

// when returns the run's time at which n arrivals are due.
func (c course) when(n float64) (time.Duration, bool) {
	if c.profile == nil {
		return 0, false
	}
	t, ok := c.profile.When(n)
	return t + c.shift, ok
}

// arrivals returns how many arrivals are due before a time of the run.
func (c course) arrivals(t time.Duration) float64 {
	if c.profile == nil {
		return 0
	}
	return c.profile.Arrivals(t - c.shift)
}
