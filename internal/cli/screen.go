package cli

import (
	"context"
	"errors"
	"fmt"

	"brink/reports"
	"brink/scenarios"
	"brink/tui"
)

// pick is `brink` without an argument: the scenario is picked on the screen.
func (p *program) pick(ctx context.Context, f *runFlags) error {
	if f.headless || !p.interactive() {
		return errors.New("there is no terminal to pick a scenario on: give a scenario file, a URL, or demo")
	}
	p.offerUnfinished(f)
	return p.show(ctx, f, nil)
}

// runOnScreen opens the screen on a run that is set up already.
func (p *program) runOnScreen(ctx context.Context, path string, o *order) error {
	return p.show(ctx, o.flags, &tui.Setup{
		Scenario:  o.scenario,
		Path:      path,
		Profile:   o.profile,
		Users:     o.users,
		SpawnRate: o.spawnRate,
		RunTime:   o.runTime,
	})
}

// show runs the screen and, when it has gone, says on the terminal what there
// is of the run. However the screen was left, the run ends and is saved.
func (p *program) show(ctx context.Context, f *runFlags, setup *tui.Setup) error {
	ctx, helm := takeHelm(ctx)
	defer helm.release()
	defer p.closeDemo()
	ctx, leave := context.WithCancel(ctx)
	defer leave()
	helm.left = leave

	_, err := tui.Show(ctx, tui.Options{
		Entries: p.entries(f),
		Reload:  func() []scenarios.Entry { return p.entries(f) },
		Setup:   setup,
		Resolve: func(path, target string) (*scenarios.Scenario, error) { return p.load(path, target, f) },
		Start: func(ctx context.Context, su tui.Setup, say func(string)) (*tui.Started, error) {
			s, err := p.beginOnScreen(ctx, su, f)
			if err != nil {
				return nil, err
			}
			helm.steer(s)
			return &tui.Started{Run: s.runner, Folder: s.journal.Dir(), Wait: s.wait}, nil
		},
		Keys:    f.keys,
		Version: version(),
	}, p.in, p.out, p.env)

	s := helm.steered()
	if s == nil {
		return leftEarly(ctx, err)
	}
	if fault := new(tui.Panic); errors.As(err, &fault) {
		fmt.Fprintf(p.err, "%s\n%s\nThe run is stopped and saved; its record is %s\n", fault, fault.Stack, s.journal.Dir())
		s.stop(ExitFailed, "the screen failed")
	}
	s.end()
	<-s.done
	p.summarize(s)
	return s.exit(f.acceptInvalid)
}

// beginOnScreen begins the run that was set up on the screen.
func (p *program) beginOnScreen(ctx context.Context, su tui.Setup, f *runFlags) (*session, error) {
	s, err := p.scenarioOf(su, f)
	if err != nil {
		return nil, err
	}
	o := &order{scenario: s, profile: su.Profile, users: su.Users, spawnRate: su.SpawnRate, runTime: su.RunTime, flags: f}
	if err := o.check(); err != nil {
		return nil, err
	}
	return p.begin(ctx, o)
}

// scenarioOf returns the scenario of a set-up, for the target that was asked
// for. The demo's target is started where it has none yet.
func (p *program) scenarioOf(su tui.Setup, f *runFlags) (*scenarios.Scenario, error) {
	target := su.Target
	if su.Path == demoName && (target == "" || target == anyPort) && su.Scenario.Target.String() == anyPort {
		url, err := p.openDemo()
		if err != nil {
			return nil, err
		}
		target = url
	}
	if target == "" || target == su.Scenario.Target.String() {
		return su.Scenario, nil
	}
	return p.load(su.Path, target, f)
}

// wait is what the screen waits for: the run is over and everything is saved.
func (s *session) wait() tui.Outcome {
	<-s.done
	return tui.Outcome{Paths: s.paths, Err: errors.Join(s.broken, s.unsaved)}
}

// leftEarly is how brink ends where no run was begun: the user went away, a
// signal came, or the screen could not be shown.
func leftEarly(ctx context.Context, err error) error {
	if interrupted := new(ended); errors.As(context.Cause(ctx), &interrupted) {
		return interrupted
	}
	return err
}

// summarize prints what a run came to, and where it is saved.
func (p *program) summarize(s *session) {
	if s.result != nil {
		if err := reports.Console(p.colours())(p.out, s.record); err != nil {
			fmt.Fprintf(p.err, "brink: the summary could not be made: %v\n", err)
		}
	}
	p.printPaths(s.paths, s.unsaved)
}
