package runner

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"brink/runner/stats"
	"brink/scenarios"
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
	events   []stats.Event
}

// tick is how often the load is looked at while it changes steadily.
const tick = 10 * time.Millisecond

// errCut is why requests in flight end: data for whoever reads a context's
// cause.
var errCut = errors.New("cut off: the run is over")

// conduct drives the load from its start to its end: the plan's or the run
// time's, a stop that was asked for, ctx's end, or that of all data. It returns
// when every user has ended.
func (c *conductor) conduct(ctx context.Context, cut context.CancelCauseFunc) {
	c.start()
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

// start gives the first orders.
func (c *conductor) start() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.course = c.plan
	c.shift = c.clock()
	c.mixAll()
	c.note(stats.EventStart, "load began: "+c.course.describe())
	c.warnOfLimits(c.course)
	c.give()
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

// give tells users and pacer what to do now: after every change of course,
// pause or tasks.
func (c *conductor) give() {
	order := ordersUsers
	lay := course{from: c.clock()}
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
	if order == ordersUsers || order == ordersPause {
		c.env.dropped.Add(c.pool.dropWaiting())
	}
	c.pool.pokeAll()
}

// usedUp reports whether the run ends because data that is read once has no
// rows left: in the closed model when all users have ended, in the open model
// with the first, whose arrivals nobody could take.
func (c *conductor) usedUp() bool {
	if c.pool.usedUp.Load() == 0 {
		return false
	}
	return c.pool.live.Load() == 0 || c.course.model == stats.OpenModel
}

// stop begins the end. The first reason is the one that counts.
func (c *conductor) stop(reason string) {
	if c.stopping {
		return
	}
	c.stopping = true
	c.note(stats.EventStop, reason)
	c.give()
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

// courseTime returns the course's own time.
func (c *conductor) courseTime(now time.Duration) time.Duration {
	if c.paused {
		return c.frozen
	}
	return now - c.shift
}

// limit returns when the run time is over, as it looks now; 0: never.
func (c *conductor) limit(now time.Duration) time.Duration {
	runTime := c.cfg.limit()
	if runTime == 0 {
		return 0
	}
	idle := c.idle
	if c.paused {
		idle += now - c.pausedAt
	}
	return runTime + idle
}

// hold takes the load over from the plan.
func (c *conductor) hold(model stats.Model, level float64) {
	t := c.courseTime(c.clock())
	if !c.manual {
		c.manual, c.left = true, t
	}
	c.course = c.cfg.Ceiling.bound(c.course.Hold(t, model, level))
	c.warnOfLimits(c.course)
	c.give()
}

// handBack gives the load back to the plan, where that was left.
func (c *conductor) handBack() {
	if !c.manual {
		return
	}
	c.manual, c.course = false, c.plan
	c.frozen, c.shift = c.left, c.clock()-c.left
	c.note(stats.EventHandBack, "the profile took over again, "+span(c.left)+" into it")
	c.give()
}

func (c *conductor) pause(on bool) {
	now := c.clock()
	switch {
	case on == c.paused:
		return
	case on:
		c.frozen, c.pausedAt = c.courseTime(now), now
		c.note(stats.EventPause, "paused by hand")
	default:
		c.shift = now - c.frozen
		c.idle += now - c.pausedAt
		c.note(stats.EventResume, "went on after a pause of "+span(now-c.pausedAt))
	}
	c.paused = on
	c.give()
}

// mixAll makes the tasks that users choose from, after a change of weights or
// of routes.
func (c *conductor) mixAll() {
	weight := func(t *scenarios.Task) int {
		if w, ok := c.weights[t.Name]; ok {
			return w
		}
		return t.Weight
	}
	for _, k := range c.pool.classes {
		k.mix.Store(newMix(k.Tasks, weight, c.env.muted))
	}
}

// nothingToDo reports whether every task of every class is switched off.
func (c *conductor) nothingToDo() bool {
	return !slices.ContainsFunc(c.pool.classes, func(k *class) bool { return !k.mix.Load().empty() })
}

// noteStage writes down when the plan begins a stage.
func (c *conductor) noteStage(t time.Duration) {
	if c.manual {
		return
	}
	i, of, text := c.course.Stage(t)
	if i == c.stage || of == 0 {
		return
	}
	c.stage = i
	c.note(stats.EventStage, fmt.Sprintf("profile stage %d of %d: %s", i, of, text))
}

// load returns the load at a time, its arrivals left out.
func (c *conductor) load(now time.Duration) stats.Load {
	c.mu.Lock()
	defer c.mu.Unlock()
	t := c.courseTime(now)
	crew := c.pool.look(now)
	l := stats.Load{
		Model: c.course.model,
		Users: crew.live, Busy: crew.busy, OldestBusy: crew.oldest,
		Paused: c.paused, Manual: c.manual, Stopping: c.stopping,
		Stage: c.course.Doing(t),
	}
	switch {
	case c.stopping:
	case c.course.model == stats.OpenModel:
		l.WantedUsers = c.course.maxUsers
		l.WantedRate = c.course.At(t)
	default:
		l.WantedUsers = c.target - crew.usedUp
	}
	if end := c.course.End(); end > 0 && !c.manual {
		l.PlanEnd = now + end - t
	}
	l.PlanEnd = earliest(l.PlanEnd, c.limit(now))
	return l
}

// note writes an event down; mu is held.
func (c *conductor) note(kind stats.EventKind, text string) {
	c.events = append(c.events, stats.Event{At: c.clock(), Kind: kind, Text: text})
}

// event writes an event down.
func (c *conductor) event(kind stats.EventKind, text string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.note(kind, text)
}

// takeEvents returns the events since it was last called.
func (c *conductor) takeEvents() []stats.Event {
	c.mu.Lock()
	defer c.mu.Unlock()
	events := c.events
	c.events = nil
	return events
}

// setWeights changes the weights of tasks by name.
func (c *conductor) setWeights(weights map[string]int) {
	if c.weights == nil {
		c.weights = map[string]int{}
	}
	for _, name := range slices.Sorted(maps.Keys(weights)) {
		c.weights[name] = weights[name]
		text := fmt.Sprintf("weight of task %q set to %d by hand", name, weights[name])
		if weights[name] == 0 {
			text = fmt.Sprintf("task %q switched off by hand", name)
		}
		c.note(stats.EventWeights, text)
	}
}

// mute switches routes off and on.
func (c *conductor) mute(routes map[stats.Route]bool) {
	for i, route := range c.env.scenario.Routes {
		off, asked := routes[route]
		if !asked || off == c.env.muted(i) {
			continue
		}
		c.env.mutes[i].Store(off)
		word := "on again"
		if off {
			word = "off"
		}
		c.note(stats.EventWeights, fmt.Sprintf("route %s switched %s by hand", route, word))
	}
}

// earliest returns the earlier of two times, of which 0 means never.
func earliest(a, b time.Duration) time.Duration {
	if a == 0 || b > 0 && b < a {
		return b
	}
	return a
}

// count writes "1 request", "2 requests".
func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
