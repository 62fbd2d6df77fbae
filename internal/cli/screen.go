package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"

	"brink/reports"
	"brink/runner"
	"brink/scenarios"
	"brink/tui"
)

// screenSeconds is how many seconds a screen that was slow can still ask for: as
// far back as its charts look second by second.
const screenSeconds = 5 * 60

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
	ctx, helm := takeHelm(ctx, f)
	defer helm.release()
	defer p.closeDemo()
	ctx, leave := context.WithCancel(ctx)
	helm.left = leave
	stops := suspendable()
	defer stops.release()

	starts := &starter{program: p, flags: f, helm: helm}
	_, err := tui.Show(ctx, tui.Options{
		Entries: p.entries(f),
		Reload:  func() []scenarios.Entry { return p.entries(f) },
		Setup:   setup,
		Resolve: func(path, target string) (*scenarios.Scenario, error) { return p.load(path, target, f) },
		Start:   starts.start,
		Vouch:   starts.vouch,
		Try:     func(ctx context.Context, su tui.Setup) (string, error) { return p.tryOnScreen(ctx, su, f) },
		Keys:    f.keys,

		Suspend: stops.suspend,
		Aside:   stops.aside,

		Version: version(),
		Hints:   !p.memory().has(rememberedStart, "screen"),
	}, p.in, p.out, p.env)
	stops.screenGone()
	lost := err != nil && ctx.Err() == nil // the terminal has gone, before its signal came
	leave()
	refused := starts.wait()

	s := helm.steered()
	if s == nil {
		return leftEarly(ctx, cmp.Or(err, refused))
	}
	p.memory().keep(rememberedStart, "screen")
	switch fault := new(tui.Panic); {
	case errors.As(err, &fault):
		fmt.Fprintf(p.err, "%s\n%s\nThe run is stopped and saved; its record is in %s\n", fault, fault.Stack, s.journal.Dir())
		s.stop(ExitFailed, "the screen failed")
	case lost:
		helm.obey(syscall.SIGHUP)
	case err == nil:
		s.end()
	}
	<-s.done
	p.summarize(s)
	return s.exit(f.acceptInvalid)
}

// starter begins the run that the screen asks for.
type starter struct {
	*program
	flags *runFlags
	helm  *helm

	mu      sync.Mutex
	refused error // why the last run that was asked for did not begin
}

// start is what the screen calls, in a goroutine of its own.
func (st *starter) start(ctx context.Context, su tui.Setup, say func(string)) (*tui.Started, error) {
	st.mu.Lock()
	defer st.mu.Unlock()
	if ctx.Err() != nil {
		return nil, givenUp{}
	}
	s, err := st.beginOnScreen(ctx, su, st.flags, say)
	if public := new(publicHost); errors.As(err, &public) {
		err = &tui.Unvouched{Host: public.name, Err: err}
	}
	if st.refused = err; err != nil {
		return nil, err
	}
	st.helm.steer(s)
	return &tui.Started{
		Run:    s.runner,
		Folder: s.journal.Dir(),
		Target: s.target,
		Saves:  s.saves(),
		Wait:   s.wait,
	}, nil
}

// vouch takes note that the user typed the name of a public host, for this run
// and later ones.
func (st *starter) vouch(host string) {
	st.mu.Lock()
	defer st.mu.Unlock()
	st.flags.mayLoad = append(st.flags.mayLoad, host)
	st.memory().keep(rememberedHosts, strings.ToLower(host))
}

// wait waits for a start that the screen did not wait for, and returns why the
// last one was refused, if it was not given up.
func (st *starter) wait() error {
	st.mu.Lock()
	defer st.mu.Unlock()
	if errors.Is(st.refused, context.Canceled) {
		return nil
	}
	return st.refused
}

// beginOnScreen begins the run that was set up on the screen. Say is told what
// a target answers that is not ready.
func (p *program) beginOnScreen(ctx context.Context, su tui.Setup, f *runFlags, say func(string)) (*session, error) {
	s, err := p.scenarioOf(su, f)
	if err != nil {
		return nil, err
	}
	o := &order{scenario: s, profile: su.Profile, users: su.Users, spawnRate: su.SpawnRate, runTime: su.RunTime, flags: f}
	o.remember = screenSeconds
	o.notYet = func(e *runner.NotReadyError) { say(e.Answer()) }
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

// saves are the reports that can be written while the run goes on, of the
// seconds so far. Each gets a folder of its own within the run's.
func (s *session) saves() []tui.Save {
	save := func(name string, files ...string) tui.Save {
		return tui.Save{Name: name, Do: func() ([]string, error) {
			record, err := reports.Open(s.journal.Dir())
			if err != nil {
				return nil, err
			}
			dir := filepath.Join(record.Dir, "after-"+(time.Duration(record.Seconds)*time.Second).String())
			return reports.Write(record, reports.Output{Dir: dir, Only: files, Existing: reports.Keep})
		}}
	}
	return []tui.Save{
		save("everything"),
		save("HTML report", "report.html"),
		save("CSV files", "run_stats.csv", "run_stats_history.csv", "run_failures.csv", "run_exceptions.csv"),
		save("JSON summary", "summary.json"),
		save("Markdown summary", "summary.md"),
	}
}

// wait is what the screen waits for: the run is over and everything is saved.
func (s *session) wait() tui.Outcome {
	<-s.done
	return tui.Outcome{Paths: s.paths, Err: errors.Join(s.broken, s.unsaved)}
}

// leftEarly is how brink ends where no run was begun: a signal came, or err says
// that the screen could not be shown, or why the run did not begin.
func leftEarly(ctx context.Context, err error) error {
	if interrupted := new(ended); errors.As(context.Cause(ctx), &interrupted) {
		return interrupted
	}
	return err
}

// summarize prints what a run came to, and where it is saved.
func (p *program) summarize(s *session) {
	if s.result != nil {
		if err := reports.Console(p.colours(), p.columns())(p.out, s.record); err != nil {
			fmt.Fprintf(p.err, "brink: the summary could not be made: %v\n", err)
		}
	}
	p.printPaths(s.paths, s.unsaved)
}
