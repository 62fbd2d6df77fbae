package tui

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"net/url"
	"slices"
	"sync"
	"time"

	"brink/runner/stats"
	"brink/scenarios"
)

// fakeRun is a run made of arithmetic: its target has a capacity, so adding
// users shows a knee. It moves on when step is called, and never by itself.
type fakeRun struct {
	mu       sync.Mutex
	rng      *rand.Rand
	load     stats.Load
	history  []*stats.Snapshot
	events   []stats.Event
	wishes   []stats.Wish
	refuse   error
	viewers  []chan *stats.Snapshot
	over     bool
	silent   bool
	dropping bool
	names    []stats.Route
	ended    chan struct{}
	planned  int    // users of the profile
	aim      string // what a hostile target sends, in failures
}

var (
	single = stats.Route{Method: "POST", Name: "single"}
	batch  = stats.Route{Method: "POST", Name: "batch"}
	health = stats.Route{Method: "GET", Name: "health"}
)

func newFakeRun(users int) *fakeRun {
	r := &fakeRun{rng: rand.New(rand.NewPCG(1, 2)), names: []stats.Route{single, batch, health}, ended: make(chan struct{}), planned: users}
	r.load = stats.Load{WantedUsers: users, Stage: fmt.Sprintf("hold %d users", users), PlanEnd: 5 * time.Minute}
	r.event(stats.EventStart, "the load began")
	return r
}

// fork returns a run that goes on from here by itself.
func (r *fakeRun) fork() *fakeRun {
	f := newFakeRun(r.planned)
	f.load, f.history, f.events = r.load, slices.Clone(r.history), nil
	return f
}

// Snapshots registers a viewer.
func (r *fakeRun) Snapshots(ctx context.Context) <-chan *stats.Snapshot {
	r.mu.Lock()
	defer r.mu.Unlock()
	c := make(chan *stats.Snapshot, 1)
	if r.over {
		close(c)
		return c
	}
	r.viewers = append(r.viewers, c)
	context.AfterFunc(ctx, func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		for i, v := range r.viewers {
			if v == c {
				close(c)
				r.viewers = append(r.viewers[:i], r.viewers[i+1:]...)
				return
			}
		}
	})
	return c
}

// History returns all seconds so far.
func (r *fakeRun) History() []*stats.Snapshot {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]*stats.Snapshot(nil), r.history...)
}

// Set does what is wished.
func (r *fakeRun) Set(w stats.Wish) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.refuse != nil {
		return r.refuse
	}
	r.wishes = append(r.wishes, w)
	switch {
	case w.Users != nil:
		r.event(stats.EventUsers, fmt.Sprintf("users %d → %d by hand", r.load.WantedUsers, *w.Users))
		r.load.Model, r.load.WantedUsers, r.load.Manual, r.load.WantedRate = stats.ClosedModel, *w.Users, true, 0
	case w.Rate != nil:
		r.event(stats.EventRate, fmt.Sprintf("rate set to %g/s by hand", *w.Rate))
		r.load.Model, r.load.WantedRate, r.load.Manual = stats.OpenModel, *w.Rate, true
	case w.Pause != nil:
		r.load.Paused = *w.Pause
		r.event(map[bool]stats.EventKind{true: stats.EventPause, false: stats.EventResume}[*w.Pause], "paused or resumed by hand")
	case w.HandBack:
		r.load.Manual, r.load.Model, r.load.WantedRate, r.load.WantedUsers = false, stats.ClosedModel, 0, r.planned
		r.event(stats.EventHandBack, "the profile sets the load again")
	case w.Mark != "":
		r.event(stats.EventMark, w.Mark)
	case w.Weights != nil || w.Mute != nil:
		r.remix(&w)
		r.event(stats.EventWeights, "the mix was changed by hand")
	case w.Stop, w.Cut:
		r.load.Stopping = true
		r.event(stats.EventStop, "stopped by hand")
		if w.Cut {
			r.finish()
		}
	}
	return nil
}

// remix does what a wish says of the mix; the lists that Snapshots share stay
// as they are.
func (r *fakeRun) remix(w *stats.Wish) {
	m := stats.Mix{Weights: slices.Clone(r.load.Mix.Weights), Muted: slices.Clone(r.load.Mix.Muted)}
	for task, weight := range w.Weights {
		m.Weights = slices.DeleteFunc(m.Weights, func(c stats.Count[string]) bool { return c.Key == task })
		m.Weights = append(m.Weights, stats.Count[string]{Key: task, N: int64(weight)})
	}
	slices.SortFunc(m.Weights, func(a, b stats.Count[string]) int { return cmp.Compare(a.Key, b.Key) })
	for route, off := range w.Mute {
		m.Muted = slices.DeleteFunc(m.Muted, func(r stats.Route) bool { return r == route })
		if off {
			m.Muted = append(m.Muted, route)
		}
	}
	slices.SortFunc(m.Muted, stats.Route.Compare)
	r.load.Mix = m
}

func (r *fakeRun) event(kind stats.EventKind, text string) {
	r.events = append(r.events, stats.Event{At: time.Duration(len(r.history)) * time.Second, Kind: kind, Text: text})
}

// step makes the next second.
func (r *fakeRun) step() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.over {
		return
	}
	l := &r.load
	l.Users = l.WantedUsers
	if l.Stopping {
		l.Users = 0
	}
	demand := float64(l.Users) * 10
	if l.Model == stats.OpenModel {
		demand = l.WantedRate
	}
	if l.Paused || l.Stopping || r.silent {
		demand = 0
	}
	const capacity = 1200.0
	served := min(demand, capacity)
	slow := 1 + 6*max(0, demand-capacity*0.8)/capacity
	l.Busy = int(served * 0.012 * slow)
	l.OldestBusy = time.Duration(12*slow) * time.Millisecond
	if r.silent {
		l.Busy, l.OldestBusy = l.Users, l.OldestBusy+time.Second*time.Duration(len(r.history)%9+1)
	}
	l.Dropped = 0
	if r.dropping {
		l.Dropped, l.Scheduled, l.Sent = 7, 107, 100
	}
	n := len(r.history)
	s := &stats.Snapshot{
		Seq: n, Start: time.Duration(n) * time.Second, End: time.Duration(n+1) * time.Second,
		Wall: time.Date(2026, 11, 22, 12, 0, n, 0, time.UTC), Load: *l, Events: r.events,
		Health: stats.Health{CPU: 0.2, Cores: 2},
	}
	r.events = nil
	shares := []float64{0.72, 0.19, 0.09}
	for i, route := range r.names {
		if rs := r.route(route, served*shares[i%3], slow*[]float64{1, 2.4, 0.2}[i%3]); rs.Requests > 0 {
			s.Routes = append(s.Routes, rs)
			if rs.Failures > 0 {
				s.Failures = append(s.Failures, r.failure(route, rs.Failures, s.End))
			}
		}
	}
	sortStats(s.Routes)
	r.history = append(r.history, s)
	for _, c := range r.viewers {
		select {
		case <-c:
		default:
		}
		c <- s
	}
	if l.Stopping {
		r.finish()
	}
}

func sortStats(list []stats.RouteStats) {
	for i := range list {
		for j := i; j > 0 && list[j].Route.Compare(list[j-1].Route) < 0; j-- {
			list[j], list[j-1] = list[j-1], list[j]
		}
	}
}

func (r *fakeRun) route(route stats.Route, n, slow float64) stats.RouteStats {
	rs := stats.RouteStats{Route: route}
	for range int(n * (0.95 + 0.1*r.rng.Float64())) {
		d := time.Duration((6 + 8*r.rng.Float64() + 20*r.rng.ExpFloat64()*r.rng.ExpFloat64()*0.4) * slow * float64(time.Millisecond))
		rs.Requests++
		rs.BytesIn += 8300
		rs.BytesOut += 240
		if (slow > 1.5 || r.aim != "") && r.rng.Float64() < 0.01 {
			rs.Failures++
			rs.Failed.Record(d)
			continue
		}
		rs.OK.Record(d)
	}
	if rs.Requests > 0 {
		rs.Statuses = []stats.Count[int]{{Key: 200, N: rs.Requests - rs.Failures}}
		rs.Phases[stats.PhaseFirstByte] = stats.Phase{N: rs.Requests, Sum: time.Duration(rs.Requests) * 11 * time.Millisecond, Max: 300 * time.Millisecond}
		rs.Phases[stats.PhaseBody] = stats.Phase{N: rs.Requests, Sum: time.Duration(rs.Requests) * time.Millisecond, Max: 3 * time.Millisecond}
	}
	if rs.Failures > 0 {
		rs.Statuses = append(rs.Statuses, stats.Count[int]{Key: 503, N: rs.Failures})
		rs.Classes = []stats.Count[stats.Class]{{Key: stats.BadStatus, N: rs.Failures}}
	}
	return rs
}

func (r *fakeRun) failure(route stats.Route, n int64, at time.Duration) stats.FailureGroup {
	if r.aim != "" {
		return stats.FailureGroup{
			Route: route, Failure: stats.Failure{Class: stats.BadStatus, Text: r.aim}, Count: n, First: at, Last: at,
			Exchange: &stats.Exchange{At: at, Request: r.aim, Response: r.aim, Curl: r.aim},
		}
	}
	return stats.FailureGroup{
		Route: route, Failure: stats.Failure{Class: stats.BadStatus, Text: "status 503, expected 200"},
		Count: n, First: at, Last: at,
		Exchange: &stats.Exchange{
			At:       at,
			Request:  "POST /embed HTTP/1.1\r\nHost: 127.0.0.1:8000\r\nAuthorization: Bearer ***\r\nContent-Type: application/json\r\n\r\n{\"texts\": [\"so much to do\"]}",
			Response: "HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/json\r\n\r\n{\"error\": \"queue full\x1b[31m\"}",
			Curl:     "curl -X POST http://127.0.0.1:8000/embed -H 'Content-Type: application/json' -d '{\"texts\": [\"so much to do\"]}'",
		},
	}
}

// end ends the run.
func (r *fakeRun) end() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.finish()
}

// finish ends the run; the lock is held.
func (r *fakeRun) finish() {
	if r.over {
		return
	}
	r.over = true
	for _, c := range r.viewers {
		close(c)
	}
	r.viewers = nil
	close(r.ended)
}

// wished returns what was asked for so far.
func (r *fakeRun) wished() []stats.Wish {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]stats.Wish(nil), r.wishes...)
}

// fakeScenario is a scenario as a file would give it.
func fakeScenario() *scenarios.Scenario {
	target, _ := url.Parse("http://127.0.0.1:8000")
	thresholds := make([]stats.Threshold, 0, 2)
	for _, text := range []string{"p95 < 60ms", "error_rate < 1%"} {
		t, err := stats.ParseThreshold(text)
		if err != nil {
			panic(err)
		}
		thresholds = append(thresholds, t)
	}
	return &scenarios.Scenario{
		Name: "Text embedding", File: "scenarios/embedding.yaml", Target: target,
		Ready: &scenarios.Ready{Timeout: time.Minute, Every: time.Second},
		Users: []*scenarios.UserClass{{Name: "user", Weight: 1, Tasks: []*scenarios.Task{
			{Name: "single", Weight: 8}, {Name: "batch", Weight: 2}, {Name: "health", Weight: 1},
		}}},
		Routes: []stats.Route{single, batch, health},
		Profiles: []scenarios.Profile{
			{Name: "ramp-up", Users: 100, SpawnRate: 5, RunTime: 3 * time.Minute},
			{Name: "sustained", Users: 50, SpawnRate: 50, RunTime: 5 * time.Minute},
			{Name: "steps", Stages: []scenarios.Stage{{Users: 20, For: 30 * time.Second}, {Users: 100, Over: 10 * time.Second, For: 30 * time.Second}}},
			{Name: "open", Rate: 200, Poisson: true, MaxUsers: 500, RunTime: time.Minute},
			{Name: "spike", Builtin: true, Users: 200, SpawnRate: 200, RunTime: time.Minute},
		},
		Default: "sustained", Thresholds: thresholds,
	}
}

// fakeEntries are what the picker shows.
func fakeEntries() []scenarios.Entry {
	heart := fakeScenario()
	heart.Name = "Heart-disease classifier"
	heart.Routes = []stats.Route{{Method: "POST", Name: "valid patient"}, {Method: "POST", Name: "missing field"}}
	return []scenarios.Entry{
		{Path: "scenarios/embedding.yaml", Title: "Text embedding", Scenario: fakeScenario()},
		{Path: "scenarios/heart-disease.yaml", Title: "Heart-disease classifier", Scenario: heart},
		{Path: "broken.yaml", Title: "broken.yaml", Err: scenarios.Problems{
			{File: "broken.yaml", Line: 3, Column: 5, Message: "unknown key \"tagret\"", Hint: "did you mean \"target\"?"},
			{File: "broken.yaml", Line: 9, Column: 1, Message: "no tasks", Hint: "add tasks:"},
		}},
		{Path: "example:demo", Title: "Demo", Scenario: fakeScenario(), Example: true},
	}
}
