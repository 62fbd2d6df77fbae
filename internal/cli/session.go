package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"brink/reports"
	"brink/runner"
	"brink/runner/stats"
)

// session is a run that has begun: the runner makes the load and the journal
// takes it down, until done is closed and everything is saved.
type session struct {
	runner  *runner.Runner
	journal *reports.Journal
	output  reports.Output
	target  string             // base URL, without credentials
	cut     context.CancelFunc // ends the run at once

	mu     sync.Mutex
	ending reports.Ending
	code   ExitCode // why it was ended early; ExitOK: it was not
	over   bool     // the load has ended: no reason comes any more

	done chan struct{}
	// What became of it, to be read once done is closed.
	broken  error // the run itself
	unsaved error // results could not be written, now or for a while
	mended  bool  // they could in the end: all of them are where they belong
	record  *reports.Record
	result  *reports.Result // of the record
	paths   []string        // of the reports
}

// launch begins the load, which ends after --max-run-time at the latest. However
// it ends, everything is saved.
func launch(r *runner.Runner, j *reports.Journal, out reports.Output, o *order, sinks []stats.Sink) *session {
	ctx, cut := context.WithCancel(context.Background())
	s := &session{runner: r, journal: j, output: out, target: o.scenario.Target.Redacted(), cut: cut, done: make(chan struct{})}
	forgotten := time.AfterFunc(o.flags.maxRunTime, func() {
		s.stop(ExitFailed, fmt.Sprintf("stopped after %s (--max-run-time)", duration{&o.flags.maxRunTime}))
	})
	go func() {
		defer close(s.done)
		defer cut()
		defer forgotten.Stop()
		summary, err := r.Run(ctx, append(sinks, keepOpen{j}, &guard{stats.NewGate(o.scenario.Thresholds), s})...)
		if s.broken = err; err != nil && summary.Seconds == 0 {
			s.discard(o) // its data cannot be read: nothing was sent
			return
		}
		if failing := new(runner.FailingError); errors.As(s.broken, &failing) {
			s.ended(ExitFailed, failing.Error())
		}
		s.save()
	}()
	return s
}

// discard removes the record of a run that did not begin after all.
func (s *session) discard(o *order) {
	_ = s.journal.Close()
	_ = os.Remove(filepath.Join(s.journal.Dir(), reports.JournalName))
	o.unmake(s.journal.Dir())
}

// save closes the journal and makes every report of it.
func (s *session) save() {
	s.mu.Lock()
	s.over, s.ending.Wall = true, time.Now()
	s.journal.End(s.ending)
	s.mu.Unlock()
	s.unsaved = s.journal.Close()
	s.mended = s.journal.Whole()
	record, err := s.journal.Record()
	if err == nil {
		s.record = record
		s.result, err = record.Result()
	}
	if err != nil {
		s.unsaved, s.mended = errors.Join(s.unsaved, err), false
		return
	}
	s.paths, err = reports.Write(record, s.output)
	if err != nil {
		s.unsaved, s.mended = errors.Join(s.unsaved, err), false
		rescued, err := reports.Rescue(record)
		s.paths = append(s.paths, rescued...)
		s.unsaved = errors.Join(s.unsaved, err)
	}
}

// stop ends the load before its plan does: no new requests, and those in flight
// get the grace period. Only the first call says why; it returns whether it was
// the first.
func (s *session) stop(code ExitCode, reason string) bool {
	first := s.ended(code, reason)
	if first {
		// It fails only where the run is over already.
		_ = s.runner.Set(stats.Wish{Stop: true, Mark: reason})
	}
	return first
}

// ended notes why the run did not end as planned, and returns whether that is
// the first reason.
func (s *session) ended(code ExitCode, reason string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.over || s.ending.Reason != "" {
		return false
	}
	s.ending.Reason, s.ending.Partial, s.code = reason, true, code
	return true
}

// end ends the load where somebody who watched it has left: that is an end as
// planned.
func (s *session) end() { _ = s.runner.Set(stats.Wish{Stop: true}) }

// exit returns what the run comes to as an exit code and a sentence.
func (s *session) exit(acceptInvalid bool) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.unsaved != nil && s.mended:
		return exit(ExitUnsaved, fmt.Errorf("all results are saved, but for a while they could not be: %w", s.unsaved))
	case s.unsaved != nil:
		return exit(ExitUnsaved, fmt.Errorf("writing the results went wrong: %w", s.unsaved))
	case s.code != ExitOK:
		return exit(s.code, errors.New(s.ending.Reason))
	case s.result == nil:
		return s.broken // a mistake in the scenario's data
	case s.broken != nil:
		return exit(ExitFailed, s.broken)
	}
	switch total := &s.result.Total; {
	case total.Requests == 0:
		return exit(ExitFailed, errors.New("no request was finished"))
	case total.Requests == total.Failures:
		return exit(ExitFailed, errors.New("no request succeeded"))
	case !s.result.Held:
		return exit(ExitFailed, errors.New("a threshold failed"))
	case s.result.Verdict.Grade == stats.Invalid.String() && !acceptInvalid:
		return exit(ExitInvalid, errors.New("the numbers are INVALID: they show the load generator, not the target (--accept-invalid takes them as they are)"))
	}
	return nil
}

// keepOpen is a journal as a sink of a run that does not close it, so that the
// ending can be written after the run.
type keepOpen struct{ *reports.Journal }

func (keepOpen) Close() error { return nil }

// guard is a sink that ends the run when a threshold with `abort` is broken.
// What became of the thresholds is read from the record, as every report does.
type guard struct {
	gate    *stats.Gate
	session *session
}

func (g *guard) Put(s *stats.Snapshot) error {
	g.gate.Add(s)
	if reason, broken := g.gate.Abort(); broken {
		g.session.stop(ExitFailed, reason)
	}
	return nil
}

func (*guard) Close() error { return nil }
