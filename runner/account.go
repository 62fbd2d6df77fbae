package runner

import (
	"fmt"
	"time"

	"brink/runner/stats"
)

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
		Stage: c.course.Doing(t), Mix: c.handMix(),
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
