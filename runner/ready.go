package runner

import (
	"context"
	"fmt"
	"strings"
	"time"

	"brink/runner/client"
	"brink/runner/stats"
	"brink/scenarios"
)

// NotReadyError says that the target did not answer the ready gate as
// expected in time.
type NotReadyError struct {
	Request  string        // "GET http://127.0.0.1:8000/health"
	Timeout  time.Duration // how long it was asked
	Attempts int
	Failure  stats.Failure // of the last attempt
	Status   int           // its HTTP status; 0: there was no response
	Body     string        // the beginning of its body, secrets masked, safe for a terminal
}

// Error says what the target answered and what to do.
func (e *NotReadyError) Error() string {
	answered := "it gave no answer"
	if e.Status != 0 {
		answered = "it answered " + e.Answer()
	}
	return fmt.Sprintf("the target was not ready within %s (%s of %s): %s: %s; start the target, or give it more time with ready: timeout",
		span(e.Timeout), count(e.Attempts, "attempt", "attempts"), e.Request, answered, e.Failure.Text)
}

// Answer returns what the last attempt brought in a few words: the status and
// the beginning of the body, or why there was no response.
func (e *NotReadyError) Answer() string {
	if e.Status == 0 {
		return e.Failure.Text
	}
	return strings.TrimSpace(fmt.Sprintf("%d %s", e.Status, e.Body))
}

// Reach fails where no connection to the target can be made. It sends nothing; a
// scenario with a ready gate does not need it.
func (r *Runner) Reach(ctx context.Context) error {
	target := r.cfg.Scenario.Target
	origin, err := client.NewOrigin(target.Scheme, target.Host, "")
	if target.Scheme == "unix" {
		origin, err = client.NewOrigin("http", "localhost", target.Path)
	}
	if err != nil {
		return err
	}
	return client.Reach(ctx, r.cfg.Client, origin)
}

// Ready waits until the target answers the scenario's ready gate as expected:
// no load goes out before. It returns a *NotReadyError where it does not in
// time, and ctx's error where that ends first. Without a gate it returns at
// once. What it asks is not counted.
func (r *Runner) Ready(ctx context.Context) error {
	gate := r.cfg.Scenario.Ready
	if gate == nil {
		return nil
	}
	began := time.Now()
	g := asker{runner: r, clock: func() time.Duration { return time.Since(began) }, step: gate.Step}
	defer g.close()
	timeout, cancel := context.WithTimeout(ctx, gate.Timeout)
	defer cancel()
	for attempts := 1; ; attempts++ {
		if g.ask(timeout) {
			return nil
		}
		if r.cfg.NotYet != nil {
			r.cfg.NotYet(g.notReady(gate.Timeout, attempts))
		}
		pause := time.NewTimer(gate.Every)
		select {
		case <-pause.C:
			continue
		case <-timeout.Done():
			pause.Stop()
		}
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("waiting for the target was given up: %w", err)
		}
		return g.notReady(gate.Timeout, attempts)
	}
}

// asker asks the ready gate's request.
type asker struct {
	runner  *Runner
	clock   func() time.Duration
	step    *scenarios.Step
	session *scenarios.Session
	client  client.Client
	request scenarios.Request
	// Of the last attempt that says something: why it was in vain, and the
	// status and the beginning of the body.
	failure stats.Failure
	status  int
	body    string
}

// ask asks once and reports whether the answer was the expected one. An
// attempt that the end of the gate's time cut off says nothing, unless it is
// the only one.
func (g *asker) ask(ctx context.Context) bool {
	var resp client.Response
	failure := g.attempt(ctx, &resp)
	deadline, _ := ctx.Deadline()
	if time.Now().Before(deadline) || !g.failure.Failed() {
		g.failure, g.status = failure, resp.Status
		g.body = string(resp.Body[:min(kept, len(resp.Body))])
	}
	resp.Release()
	return !failure.Failed()
}

func (g *asker) attempt(ctx context.Context, resp *client.Response) stats.Failure {
	s := g.runner.cfg.Scenario
	if g.session == nil {
		g.session = s.NewSession(s.Users[0], 1, g.runner.run)
	}
	r := &g.request
	if err := g.step.Render(g.session, r); err != nil {
		return stats.Failure{Class: stats.BadRequest, Text: err.Error()}
	}
	origin, err := client.NewOrigin(r.Scheme, r.Host, r.Unix)
	if err != nil {
		return stats.Failure{Class: stats.BadRequest, Text: err.Error()}
	}
	if g.client == nil {
		g.client = g.runner.clientFactory(g.clock)(r)
	}
	var sample stats.Sample
	request := Wire(r, origin, g.session)
	g.client.Do(ctx, &request, resp, &sample)
	if sample.Failure.Failed() {
		return sample.Failure
	}
	return g.step.Check(g.session, &scenarios.Response{
		Status: resp.Status, Head: resp.Head, Body: resp.Body,
		Time: sample.ServiceTime(), Size: sample.BytesIn,
	})
}

// notReady tells what the last attempt brought.
func (g *asker) notReady(timeout time.Duration, attempts int) *NotReadyError {
	s := g.runner.cfg.Scenario
	r, failure := &g.request, g.failure
	failure.Text = stats.Clean(s.Mask(failure.Text), maxSentence)
	return &NotReadyError{
		Request: stats.Clean(s.Mask(fmt.Sprintf("%s %s://%s%s", r.Method, r.Scheme, r.Host, r.Path)), maxSentence),
		Timeout: timeout, Attempts: attempts, Failure: failure, Status: g.status,
		Body: stats.Clean(s.MaskCut(strings.TrimSpace(g.body)), 200),
	}
}

func (g *asker) close() {
	if g.client != nil {
		g.client.Close()
	}
}
