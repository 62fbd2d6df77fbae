package runner

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"brink/runner/stats"
)

// conductor owns the load of a run: what drives it, how many users there are,
// what they are ordered to do. It works in Run's goroutine; the collector asks
// it for the load once a second.
//
// What drives the load is a course: the plan, or a level held by hand. Its
// clock stands still while the run is paused, and the plan's clock also while
// the load is held by hand; so handing back goes on where the plan was left.
type conductor struct {
	env   *env
	pool  *pool
	pacer *pacer
	clock func() time.Duration
	cfg   *Config
	plan  *Profile
	asked *inbox

	pacing sync.WaitGroup // the pacer, once arrivals were first wanted
	paced  bool

	mu       sync.Mutex // guards the rest
	course   *Profile
	shift    time.Duration // the run's time less the course's, while it runs
	frozen   time.Duration // the course's time, while paused
	paused   bool
	manual   bool
	left     time.Duration // where the plan was left, while held by hand
	idle     time.Duration // time paused before the pause that is on
	pausedAt time.Duration
	stopping bool
	stage    int
	target   int // users wanted, as last looked at
	weights  map[string]int
	warned   bool // of limits that the users wanted do not fit in
	events   []stats.Event
}

// tick is how often the load is looked at while it changes steadily.
const tick = 10 * time.Millisecond

// errCut is why requests in flight end: data for whoever reads a context's
// cause.
var errCut = errors.New("cut off: the run is over")

// conduct drives the load after begin to its end: the plan's or the run
// time's, a stop that was asked for, ctx's end, or that of all data. It returns
// when every user has ended.
func (c *conductor) conduct(ctx context.Context, cut context.CancelCauseFunc) {
	timer := time.NewTimer(forever)
	defer timer.Stop()
	for !c.stopping {
		wishes := c.asked.take()
		next := c.step(wishes)
		if ctx.Err() != nil || slices.ContainsFunc(wishes, func(w stats.Wish) bool { return w.Cut }) {
			cut(errCut)
		}
		if c.stopping {
			break
		}
		if next > 0 {
			timer.Reset(max(0, next-c.clock()))
		} else {
			timer.Stop()
		}
		select {
		case <-timer.C:
		case <-c.asked.waiting:
		case <-c.pool.needed:
		case <-ctx.Done():
			c.asked.add(stats.Wish{Stop: true, Mark: "cut off: the run was ended from outside"})
		}
	}
	c.drain(ctx, cut, timer)
}

// begin gives the first orders.
func (c *conductor) begin() {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.clock()
	c.course, c.shift = c.plan, now
	c.mixAll()
	c.note(stats.EventStart, "load began: "+c.course.describe())
	c.warnOfLimits(c.course)
	c.give(now)
}

// step fulfils wishes and brings the load to where it should be now. It
// returns when to look again, 0 where nothing changes by itself.
func (c *conductor) step(wishes []stats.Wish) time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	for i := range wishes {
		c.fulfil(&wishes[i])
	}
	now := c.clock()
	t := c.courseTime(now)
	limit := c.limit(now)
	switch {
	case c.stopping:
	case !c.manual && c.course.over(t):
		c.stop("the profile is over")
	case limit > 0 && now >= limit:
		c.stop("the run time of " + span(c.cfg.limit()) + " is over")
	case c.usedUp():
		c.stop("the data is used up: no user has anything left to do")
	}
	if c.stopping {
		return 0
	}
	c.man(t)
	c.noteStage(t)
	if c.paused {
		return 0
	}
	next := c.course.NextChange(t, tick)
	if next > 0 {
		next += c.shift
	}
	if c.course.model == stats.OpenModel {
		next = earliest(next, c.pool.retire(now))
	}
	return earliest(next, limit)
}

// man makes the users as many as wanted.
func (c *conductor) man(t time.Duration) {
	if c.course.model == stats.OpenModel {
		c.pool.grow()
		return
	}
	c.target = c.course.Users(t)
	if limit, limited := c.pool.seats.limit(); limited {
		c.target = min(c.target, limit)
	}
	c.pool.resize(c.target)
}

// give tells users and pacer what to do from now on: after every change of
// course, pause or tasks. now is the moment of that change, not a later look at
// the clock: what came due in between would be lost.
func (c *conductor) give(now time.Duration) {
	order := ordersUsers
	lay := course{from: now}
	switch {
	case c.stopping:
		order, lay.over = ordersStop, true
	case c.course.model == stats.OpenModel:
		// Users go on while paused: what came due before is still to be sent.
		order = ordersArrivals
		if !c.paused && !c.nothingToDo() {
			lay.profile, lay.shift = c.course, c.shift
		}
	case c.paused:
		order = ordersPause
	}
	c.pool.max.Store(int64(c.course.maxUsers))
	c.env.order.Store(order)
	if lay.profile != nil && !c.paced {
		c.paced = true
		c.pacing.Go(c.pacer.run)
	}
	c.pacer.follow(lay)
	if !c.env.taking() {
		c.env.dropped.Add(c.pool.dropWaiting())
	}
	c.pool.pokeAll()
}

// usedUp reports whether the run ends because data that is read once has no
// rows left: in the closed model when all users have ended, in the open model
// with the first, whose arrivals nobody could take.
func (c *conductor) usedUp() bool {
	switch {
	case c.pool.usedUp.Load() == 0:
		return false
	case c.course.model == stats.OpenModel:
		return true
	}
	return c.target > 0 && c.pool.live.Load() == 0 && c.pool.look(c.clock()).usedUp == c.target
}

// stop begins the end. The first reason is the one that counts.
func (c *conductor) stop(reason string) {
	if c.stopping {
		return
	}
	c.stopping = true
	c.note(stats.EventStop, reason)
	c.give(c.clock())
}

// drain waits for the users: for the grace period, then it cuts what is still
// in flight.
func (c *conductor) drain(ctx context.Context, cut context.CancelCauseFunc, timer *time.Timer) {
	timer.Reset(c.cfg.grace())
	for c.pool.live.Load() > 0 {
		select {
		case <-timer.C:
			if n := c.pool.look(c.clock()).busy; n > 0 {
				c.event(stats.EventWarning, fmt.Sprintf("%s cut off after the grace period of %s", count(n, "request was", "requests were"), span(c.cfg.grace())))
			}
			cut(errCut)
		case <-ctx.Done():
			cut(errCut)
			ctx = context.WithoutCancel(ctx)
		case <-c.asked.waiting:
			for _, w := range c.asked.take() {
				if w.Mark != "" {
					c.event(stats.EventMark, w.Mark)
				}
				if w.Cut {
					cut(errCut)
				}
			}
		case <-c.pool.needed:
		}
	}
	c.env.users.Wait()
	c.pacing.Wait()
}
