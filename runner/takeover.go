package runner

import (
	"time"

	"brink/runner/stats"
)

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
	now := c.clock()
	t := c.courseTime(now)
	if !c.manual {
		c.manual, c.left = true, t
	}
	c.course = c.cfg.bound(c.course.Hold(t, model, level))
	c.warnOfLimits(c.course)
	c.give(now)
}

// handBack gives the load back to the plan, where that was left.
func (c *conductor) handBack() {
	if !c.manual {
		return
	}
	now := c.clock()
	c.manual, c.course = false, c.plan
	c.frozen, c.shift = c.left, now-c.left
	c.note(stats.EventHandBack, "the profile took over again, "+span(c.left)+" into it")
	c.give(now)
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
		c.pool.keep(now + needless) // a pause says nothing of who is needed
		c.note(stats.EventResume, "went on after a pause of "+span(now-c.pausedAt))
	}
	c.paused = on
	c.give(now)
}

// earliest returns the earlier of two times, of which 0 means never.
func earliest(a, b time.Duration) time.Duration {
	if a == 0 || b > 0 && b < a {
		return b
	}
	return a
}
