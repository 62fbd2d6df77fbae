// Package runner makes the load: users that do the tasks of a scenario, as
// many or as often as a profile or a hand on the keyboard asks for, and once a
// second a Snapshot of what came of it. It knows no screen and no file format,
// prints nothing and catches no signals.
//
// A Runner's goroutines, all joined before Run returns:
//
//	conductor  Run's own: owns the load, fulfils wishes (conductor.go)
//	pacer      on a thread of its own, once arrivals are wanted (pacer.go)
//	users      started and ended by the conductor's pool (user.go, pool.go)
//	collector  makes the Snapshots; ends last, after a final one (collector.go)
package runner

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"brink/runner/stats"
	"brink/scenarios"
)

// Runner is one run of a scenario. Its methods may be called from any
// goroutine; Ready and Run once each, Ready first.
type Runner struct {
	cfg     Config
	plan    *Profile
	run     *scenarios.Run
	asked   *inbox
	viewers viewers
	sleep   func(time.Duration) // of the pacer

	mu    sync.Mutex
	state state
}

type state int

const (
	fresh state = iota
	running
	over
)

// New checks c and prepares its run. Nothing is sent, no file is opened.
func New(c Config) (*Runner, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	plan := c.bound(c.plan())
	if err := c.within(plan); err != nil {
		return nil, err
	}
	r := &Runner{
		cfg: c, plan: plan, asked: newInbox(), sleep: sleepPrecisely,
		viewers: viewers{past: history{most: c.Remember}},
		run:     &scenarios.Run{ID: c.RunID, Seed: c.Seed},
	}
	if r.cfg.NewClient == nil {
		if err := r.prepareClients(); err != nil {
			return nil, err
		}
	}
	return r, nil
}

// Run makes the load until the profile or the run time is over, a stop is
// asked for, or ctx ends, which cuts off what is in flight. It returns once all
// users have ended, the last Snapshot has gone to the sinks and those are
// closed. The Summary is that of the whole run and always there; the error
// tells what went wrong beside the load: data that cannot be read (then nothing
// was sent), a sink that failed.
func (r *Runner) Run(ctx context.Context, sinks ...stats.Sink) (*stats.Summary, error) {
	if err := r.begin(); err != nil {
		return new(stats.Summary), errors.Join(err, closeAll(sinks))
	}
	defer r.end()
	if err := r.run.Open(r.cfg.Scenario); err != nil {
		return new(stats.Summary), errors.Join(err, closeAll(sinks))
	}

	began := time.Now()
	clock := func() time.Duration { return time.Since(began) }
	inFlight, cut := context.WithCancelCause(context.WithoutCancel(ctx))
	defer cut(nil)
	e := r.newEnv(inFlight, clock)
	c := &conductor{
		env: e, pool: e.pool, clock: clock, cfg: &r.cfg, plan: r.plan, asked: r.asked,
		pacer: newPacer(clock, r.sleep, r.cfg.Seed, e.pool.arrive),
	}
	c.begin()
	col := newCollector(r, e, c, sinks)
	var collecting sync.WaitGroup
	usersGone := make(chan struct{})
	collecting.Go(func() { col.pulse.run(usersGone) })
	collecting.Go(func() { col.run(usersGone) })
	c.conduct(ctx, cut)
	close(usersGone)
	collecting.Wait()
	return &col.summary, errors.Join(append(col.errs, r.run.Close(), closeAll(sinks))...)
}

// newEnv makes what the users of a run share, and the pool for them.
func (r *Runner) newEnv(inFlight context.Context, clock func() time.Duration) *env {
	e := &env{
		ctx: inFlight, clock: clock, scenario: r.cfg.Scenario,
		recorder:  stats.NewRecorder(r.cfg.Scenario.Routes, 0),
		newClient: r.clientFactory(clock),
		mutes:     make([]atomic.Bool, len(r.cfg.Scenario.Routes)),
		judging:   make(chan struct{}, runtime.GOMAXPROCS(0)),
	}
	e.valve.interval = interval(r.cfg.Ceiling.Rate)
	e.showing.routes = make([]atomic.Int32, len(r.cfg.Scenario.Routes))
	e.pool = newPool(e, r.run)
	return e
}

// begin lets Run in, once.
func (r *Runner) begin() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.state != fresh {
		return errors.New("runner: a Runner runs once")
	}
	r.state = running
	return nil
}

// end lets nobody wish any more, and viewers go.
func (r *Runner) end() {
	r.mu.Lock()
	r.state = over
	r.mu.Unlock()
	r.viewers.close()
}

// Set asks for a live change and does not wait for it: the conductor fulfils
// wishes in their order within a few milliseconds, and the Snapshots tell. An
// error says what cannot be: nothing of the wish is fulfilled then. Before Run
// a wish is kept for its start; afterwards it is ErrOver.
func (r *Runner) Set(w stats.Wish) error {
	if err := r.check(&w); err != nil {
		return fmt.Errorf("the load stays as it is: %w", err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.state == over {
		return ErrOver
	}
	r.asked.add(ownCopy(w))
	return nil
}

// Snapshots returns a channel that gives the latest Snapshot to one viewer:
// who is slow misses some and holds nobody up. It is closed when the run is
// over or ctx ends.
func (r *Runner) Snapshots(ctx context.Context) <-chan *stats.Snapshot { return r.viewers.watch(ctx) }

// History returns the last Snapshots, at most Config.Remember, the oldest first.
func (r *Runner) History() []*stats.Snapshot { return r.viewers.history() }

// Profile returns the load as planned.
func (r *Runner) Profile() *Profile { return r.plan }

func closeAll(sinks []stats.Sink) error {
	var errs []error
	for _, s := range sinks {
		errs = append(errs, s.Close())
	}
	return errors.Join(errs...)
}
