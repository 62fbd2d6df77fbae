package cli

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"time"

	"brink/reports"
	"brink/runner"
	"brink/runner/stats"
	"brink/scenarios"
	"brink/scenarios/demo"
)

// demoName stands for the demo's scenario wherever a path is asked for, and
// anyPort for the address of its target before that is started.
const (
	demoName = "demo"
	anyPort  = "http://127.0.0.1:0"
)

// demoUsers is where the demo starts: a little below a fifth of its knee.
const demoUsers = 10

// runFile is `brink FILE` and `brink URL`.
func (p *program) runFile(ctx context.Context, path string, f *runFlags) error {
	s, err := p.load(path, f.target, f)
	if err != nil {
		return err
	}
	o, err := orderOf(s, f)
	if err != nil {
		return err
	}
	p.offerUnfinished(f)
	if f.headless || !p.interactive() {
		return p.runHeadless(ctx, o)
	}
	return p.runOnScreen(ctx, path, o)
}

// runDemo is `brink demo`: the scenario and its target come with the program.
func (p *program) runDemo(ctx context.Context, f *runFlags) error {
	if f.target == "" {
		url, err := p.openDemo()
		if err != nil {
			return err
		}
		defer p.closeDemo()
		f.target = url
	}
	if f.users == 0 && f.profile == "" {
		f.users = demoUsers
	}
	return p.runFile(ctx, demoName, f)
}

// runHeadless runs without a screen: a line a second, then the results.
func (p *program) runHeadless(ctx context.Context, o *order) error {
	ctx, helm := takeHelm(ctx, o.flags)
	defer helm.release()
	fmt.Fprintf(p.err, "%s: %s\n", o.scenario.Name, o.describe())
	s, err := p.begin(ctx, o, progress{p.err})
	if err != nil {
		return err
	}
	helm.steer(s)
	<-s.done
	p.summarize(s)
	return s.exit(o.flags.acceptInvalid)
}

// load reads a scenario: a file, an example, a URL, or the demo's. target, if
// any, is in place of the scenario's.
func (p *program) load(path, target string, f *runFlags) (*scenarios.Scenario, error) {
	o := scenarios.Options{Target: target, Env: p.lookup, Tags: f.tags, ExcludeTags: f.excludeTags}
	switch {
	case path == demoName:
		return scenarios.Parse(demoName, demo.Scenario, o)
	case strings.Contains(path, "://"):
		if target != "" {
			return nil, errors.New("the URL says already where the requests go: leave out --target")
		}
		return scenarios.FromURL(path)
	}
	return scenarios.Load(path, o)
}

// begin is the way from an order to load: the plan, a place for the results,
// the ready gate, the record, then the load and its sinks. It returns when the
// load has begun; the session ends by itself. ctx ends only the beginning.
func (p *program) begin(ctx context.Context, o *order, sinks ...stats.Sink) (*session, error) {
	profile, err := o.plan()
	if err != nil {
		return nil, err
	}
	if err := p.askDoors(ctx, o); err != nil {
		return nil, err
	}
	id, seed := runID(time.Now()), o.flags.seed.orRandom()
	r, err := runner.New(o.config(profile, id, seed))
	if err != nil {
		return nil, err
	}
	output := o.output(time.Now())
	if err := output.Check(); err != nil {
		return nil, exit(ExitUnsaved, fmt.Errorf("the results could not be written, so nothing was sent: %w", err))
	}
	if err := await(ctx, o.scenario, r); err != nil {
		o.unmake(output.Dir)
		return nil, err
	}
	journal, err := reports.Create(output.Dir, p.header(o, profile, id, seed))
	if err != nil {
		return nil, exit(ExitUnsaved, err)
	}
	return launch(r, journal, output, o, sinks), nil
}

// await waits for the ready gate. Without one, the target must at least be
// reachable.
func await(ctx context.Context, s *scenarios.Scenario, r *runner.Runner) error {
	gate := s.Ready != nil
	var err error
	if gate {
		err = r.Ready(ctx)
	} else {
		err = reach(ctx, r, s.Target)
	}
	switch interrupted := new(ended); {
	case err == nil:
		return nil
	case errors.As(context.Cause(ctx), &interrupted):
		return interrupted
	case ctx.Err() != nil:
		return exit(ExitInterrupt, givenUp{})
	case gate:
		return exit(ExitNotReady, err)
	}
	return err
}

// givenUp is the end of a wait that the user did not want to see to its end.
type givenUp struct{}

func (givenUp) Error() string { return "given up before the target was ready: nothing was loaded" }
func (givenUp) Unwrap() error { return context.Canceled }

// unmake removes the folder that was made for a run that did not begin, and
// the one around it, where nothing is in them. A folder that the user named
// stays.
func (o *order) unmake(dir string) {
	if o.flags.out == "" && os.Remove(dir) == nil {
		_ = os.Remove(filepath.Dir(dir))
	}
}

// orRandom returns the seed, a random one where none was given.
func (s *seed) orRandom() uint64 {
	if s.given {
		return s.value
	}
	return rand.Uint64()
}
