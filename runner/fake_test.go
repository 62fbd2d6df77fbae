package runner

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"brink/runner/client"
	"brink/runner/stats"
	"brink/scenarios"
)

// fakeTarget answers in fake time, after latency. It counts what it was asked.
type fakeTarget struct {
	began   time.Time
	latency func(path string) time.Duration
	status  func(path string) int

	mu       sync.Mutex
	asked    map[string]int
	starts   []time.Duration
	inFlight int
	peak     int
	clients  int
	open     int
	each     []*fakeClient

	redirects int // that a client follows, each time
}

func newFakeTarget(latency time.Duration) *fakeTarget {
	return &fakeTarget{
		began:   time.Now(),
		latency: func(string) time.Duration { return latency },
		status:  func(string) int { return 200 },
		asked:   map[string]int{},
	}
}

func (f *fakeTarget) clock() time.Duration { return time.Since(f.began) }

func (f *fakeTarget) client(*scenarios.Request) client.Client {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.clients++
	f.open++
	c := &fakeClient{f: f}
	f.each = append(f.each, c)
	return c
}

// usedSince returns how many clients made a request at a time or later.
func (f *fakeTarget) usedSince(at time.Duration) (n int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, c := range f.each {
		if c.last >= at {
			n++
		}
	}
	return n
}

// connected returns how many clients are not closed.
func (f *fakeTarget) connected() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.open
}

// stall makes the target answer nothing before a time, and then as fast as
// before.
func (f *fakeTarget) stall(until, latency time.Duration) {
	f.answer(func(string) time.Duration { return max(latency, until-f.clock()) }, nil)
}

// answer sets how the target answers from now on; nil leaves it.
func (f *fakeTarget) answer(latency func(path string) time.Duration, status func(path string) int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if latency != nil {
		f.latency = latency
	}
	if status != nil {
		f.status = status
	}
}

// total returns how many requests the target has seen.
func (f *fakeTarget) total() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	n := 0
	for _, k := range f.asked {
		n += k
	}
	return n
}

// startsWithin returns how many requests began in a stretch of time.
func (f *fakeTarget) startsWithin(from, to time.Duration) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	n := 0
	for _, at := range f.starts {
		if at >= from && at < to {
			n++
		}
	}
	return n
}

type fakeClient struct {
	f    *fakeTarget
	last time.Duration // when it was last asked
}

func (c *fakeClient) Do(ctx context.Context, req *client.Request, resp *client.Response, s *stats.Sample) {
	f, path := c.f, string(req.Path)
	s.Start = f.clock()
	f.mu.Lock()
	f.asked[path]++
	c.last = s.Start
	f.starts = append(f.starts, s.Start)
	f.inFlight++
	f.peak = max(f.peak, f.inFlight)
	latency, status := f.latency(path), f.status(path)
	f.mu.Unlock()
	defer func() {
		s.End = f.clock()
		f.mu.Lock()
		f.inFlight--
		f.mu.Unlock()
	}()
	var timeout <-chan time.Time
	if req.Timeout > 0 {
		timeout = time.After(req.Timeout)
	}
	answer := time.NewTimer(latency)
	defer answer.Stop()
	select {
	case <-answer.C:
		s.Status, s.BytesIn = status, 2
		*resp = client.Response{Status: s.Status, Proto: "HTTP/1.1", Head: []byte("Content-Length: 2\r\n"), Body: []byte("{}"), Sent: 1 + f.redirects}
	case <-timeout:
		s.Failure = stats.Failure{Class: stats.TimedOut, Text: "timed out after " + req.Timeout.String()}
	case <-ctx.Done():
		s.Failure = stats.Failure{Class: stats.Other, Text: context.Cause(ctx).Error()}
	}
}

func (c *fakeClient) Close() error {
	c.f.mu.Lock()
	defer c.f.mu.Unlock()
	c.f.open--
	return nil
}

// memory is a sink that keeps what it gets.
type memory struct {
	snapshots []*stats.Snapshot
	closed    bool
}

func (m *memory) Put(s *stats.Snapshot) error { m.snapshots = append(m.snapshots, s); return nil }
func (m *memory) Close() error                { m.closed = true; return nil }

func (m *memory) events(kinds ...stats.EventKind) (texts []string) {
	for _, s := range m.snapshots {
		for _, e := range s.Events {
			if slices.Contains(kinds, e.Kind) {
				texts = append(texts, e.Text)
			}
		}
	}
	return texts
}

// at returns the Snapshot of a second.
func (m *memory) at(t *testing.T, seq int) *stats.Snapshot {
	t.Helper()
	for _, s := range m.snapshots {
		if s.Seq == seq {
			return s
		}
	}
	t.Fatalf("there is no Snapshot of second %d", seq)
	return nil
}

// pass lets time pass; in a bubble of fake time that takes none.
func pass(d time.Duration) { <-time.After(d) }

// trial is a run in fake time against a fake target.
type trial struct {
	*testing.T
	target  *fakeTarget
	runner  *Runner
	sink    memory
	summary *stats.Summary
	err     error // what Run returned; a *FailingError, or with more sinks any, is the test's to look at
	done    chan struct{}
}

// try runs scenario text in a bubble of fake time: drive does what a user
// would do while the run goes on, and the run must have ended, or be ended by
// drive, for try to return. What drive does before it first waits, it does
// before the run.
func try(t *testing.T, source string, latency time.Duration, change func(*Config), drive func(*trial), more ...stats.Sink) *trial {
	t.Helper()
	var tr *trial
	synctest.Test(t, func(t *testing.T) {
		tr = &trial{T: t, target: newFakeTarget(latency), done: make(chan struct{})}
		c := Config{Scenario: parse(t, source), Seed: 1, RunID: "test", Remember: 1000, NewClient: tr.target.client}
		change(&c)
		r, err := New(c)
		if err != nil {
			t.Fatal(err)
		}
		r.sleep = time.Sleep
		tr.runner = r
		go func() {
			defer close(tr.done)
			synctest.Wait() // for what drive says of the target before it waits itself
			tr.summary, tr.err = r.Run(context.Background(), append(more, &tr.sink)...)
		}()
		if drive != nil {
			drive(tr)
		}
		<-tr.done
		if failing := new(FailingError); tr.err != nil && len(more) == 0 && !errors.As(tr.err, &failing) {
			t.Error(tr.err)
		}
		tr.checkBooks()
	})
	tr.T = t
	return tr
}

// checkBooks holds what must hold of every run.
func (tr *trial) checkBooks() {
	tr.Helper()
	if !tr.sink.closed {
		tr.Error("the sink was not closed")
	}
	if tr.target.open != 0 {
		tr.Errorf("%d clients were not closed", tr.target.open)
	}
	var end time.Duration
	var waiting int64
	for i, s := range tr.sink.snapshots {
		if s.Start != end || s.End < s.Start {
			tr.Errorf("snapshot %d is from %s to %s, the one before ended at %s", i, s.Start, s.End, end)
		}
		l := &s.Load
		if l.Scheduled != l.Sent+l.Dropped+l.NotYetSent-waiting || l.NotYetSent < 0 {
			tr.Errorf("second %d: scheduled %d, sent %d, dropped %d, not yet sent %d after %d",
				s.Seq, l.Scheduled, l.Sent, l.Dropped, l.NotYetSent, waiting)
		}
		end, waiting = s.End, l.NotYetSent
	}
	total := &tr.summary.Total
	sent := total.Requests + total.Unfinished
	for _, class := range total.Classes {
		if class.Key == stats.BadRequest {
			sent -= class.N // never left
		}
	}
	if seen := int64(tr.target.total()); sent != seen {
		tr.Errorf("%d requests were counted as sent, the target saw %d", sent, seen)
	}
	last := tr.sink.snapshots[len(tr.sink.snapshots)-1]
	if last.Load.Users != 0 || last.Load.Busy != 0 || !last.Load.Stopping {
		tr.Errorf("the last Snapshot has %d users, %d of them busy", last.Load.Users, last.Load.Busy)
	}
}

func (tr *trial) set(w stats.Wish) {
	tr.Helper()
	if err := tr.runner.Set(w); err != nil {
		tr.Error(err)
	}
}

// load returns the load of the latest Snapshot.
func (tr *trial) load() stats.Load {
	past := tr.runner.History()
	return past[len(past)-1].Load
}

func (tr *trial) stop() { tr.set(stats.Wish{Stop: true}) }

func parse(t testing.TB, source string) *scenarios.Scenario {
	t.Helper()
	s, err := scenarios.Parse("test.yaml", []byte(source), scenarios.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return s
}
