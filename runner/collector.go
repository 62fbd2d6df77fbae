package runner

import (
	"fmt"
	"time"

	"brink/runner/stats"
)

// collector makes one Snapshot a second and gives it to the sinks and the
// viewers. It ends last, with a Snapshot of what came since the last whole
// second.
type collector struct {
	env       *env
	conductor *conductor
	health    health
	pulse     pulse
	viewers   *viewers
	sinks     []stats.Sink
	failing   failing

	seq           int           // the next Snapshot's number, if no second is missed
	last          time.Duration // end of the Snapshot before
	sent          int64         // the arrivals up to there
	dropped       int64
	waiting       int64
	summary       stats.Summary
	broken        map[int]bool // sinks that failed
	toldOfCeiling bool
	errs          []error
}

func newCollector(r *Runner, e *env, c *conductor, sinks []stats.Sink) *collector {
	col := &collector{
		env: e, conductor: c, viewers: &r.viewers, sinks: sinks,
		pulse:  pulse{clock: e.clock, last: e.clock()},
		broken: map[int]bool{}, failing: failing{limit: r.cfg.Failing},
	}
	col.health.start()
	return col
}

// run collects until the users are gone.
func (c *collector) run(usersGone <-chan struct{}) {
	timer := time.NewTimer(time.Second)
	defer timer.Stop()
	for {
		select {
		case <-timer.C:
			c.collect()
			next := c.last.Truncate(time.Second) + time.Second
			timer.Reset(next - c.env.clock())
		case <-usersGone:
			c.collect()
			return
		}
	}
}

// collect makes the next Snapshot. Where the process was stopped for seconds,
// it is one long one, and the numbers of the seconds it missed are left out.
func (c *collector) collect() {
	s := &stats.Snapshot{Seq: max(c.seq, int((c.last+time.Second/2)/time.Second)), Start: c.last}
	c.seq = s.Seq + 1
	s.Load = c.conductor.load(c.env.clock())
	c.countArrivals(&s.Load)
	s.Routes, s.Failures = c.env.recorder.Rotate()
	c.env.showing.refill()
	s.End = c.env.clock()
	s.Wall = time.Now()
	c.health.read(&s.Health, s.End-s.Start)
	s.Health.Lag, s.Health.Stall = c.env.takeLags(), c.pulse.take()
	c.tellOfCeiling()
	s.Events = c.conductor.takeEvents()
	c.last = s.End
	c.summary.Add(s)
	c.viewers.show(s)
	c.put(s)
	c.watch(s)
}

// tellOfCeiling writes down, once, that the ceiling holds the load back.
func (c *collector) tellOfCeiling() {
	if !c.toldOfCeiling && c.env.valve.held.Load() > 0 {
		c.toldOfCeiling = true
		c.conductor.event(stats.EventWarning, fmt.Sprintf(
			"the ceiling of %s requests/s holds users back", number(c.conductor.cfg.Ceiling.Rate)))
	}
}

// countArrivals fills in the arrivals since the last Snapshot. Those that are
// neither sent nor dropped wait; scheduled is read last, so that no arrival is
// sent before it was scheduled.
func (c *collector) countArrivals(l *stats.Load) {
	sent, dropped := c.env.sent.Load(), c.env.dropped.Load()
	waiting := c.env.scheduled.Load() - sent - dropped
	l.Sent, l.Dropped, l.NotYetSent = sent-c.sent, dropped-c.dropped, waiting
	l.Scheduled = l.Sent + l.Dropped + waiting - c.waiting
	c.sent, c.dropped, c.waiting = sent, dropped, waiting
}

// put gives a Snapshot to the sinks. One that fails is heard once and goes on
// getting them: a disk may have room again.
func (c *collector) put(s *stats.Snapshot) {
	for i, sink := range c.sinks {
		err := sink.Put(s)
		if err == nil || c.broken[i] {
			continue
		}
		c.broken[i] = true
		c.errs = append(c.errs, err)
		c.conductor.event(stats.EventWarning, fmt.Sprintf("results are not written: %v", err))
	}
}

// watch stops a run in which all but a few requests fail.
func (c *collector) watch(s *stats.Snapshot) {
	limit := c.failing.limit
	if !c.failing.add(s) {
		return
	}
	err := &FailingError{For: limit}
	c.errs = append(c.errs, err)
	c.conductor.asked.add(stats.Wish{Stop: true, Mark: err.Error()})
}
