package reports

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"brink/runner/stats"
)

var began = time.Date(2026, 3, 14, 9, 26, 53, 0, time.UTC)

// demoHeader is the header of the small run that the golden files show.
func demoHeader() Header {
	return Header{
		Version: "1.0.0", Platform: "linux/amd64 go1.26", Host: "bench-1", CPUs: 4,
		Command: "brink embedding.yaml --profile steps", RunID: "k7x2", Seed: 42, Started: began,
		Scenario: "Text embedding", File: "embedding.yaml", Target: "http://127.0.0.1:8000", Profile: "steps",
		Source: "name: Text embedding\ntarget: http://127.0.0.1:8000\n# <b>not markup</b>\n",
		Routes: []stats.Route{{Method: "POST", Name: "single"}, {Method: "POST", Name: "batch"}, {Method: "GET", Name: "health"}},
		Thresholds: []string{
			"p95 < 500ms", "error_rate < 1%", "p99 of batch < 2s", "p99.9 of health < 1s",
		},
	}
}

// A player makes the seconds of a run: deterministic, from a seed.
type player struct {
	rand   *rand.Rand
	rec    *stats.Recorder
	routes []stats.Route
	seq    int
}

func newPlayer(routes []stats.Route) *player {
	return &player{rand: rand.New(rand.NewPCG(1, 2)), rec: stats.NewRecorder(routes, 1), routes: routes}
}

// second returns the next second, with n requests under users users.
func (p *player) second(users, n int) *stats.Snapshot {
	start := time.Duration(p.seq) * time.Second
	for i := range n {
		p.request(start, i, n, users)
	}
	s := &stats.Snapshot{
		Seq: p.seq, Start: start, End: start + time.Second, Wall: began.Add(start + time.Second),
		Load: stats.Load{WantedUsers: users, Users: users, Busy: users / 2, Stage: fmt.Sprintf("hold %d users", users)},
		Health: stats.Health{CPU: 0.2, Cores: 4, BusiestCore: 0.3, Memory: 40 << 20, OpenFiles: users + 8,
			FileLimit: 1024, Ports: users, PortLimit: 28232, Goroutines: users + 12},
	}
	s.Routes, s.Failures = p.rec.Rotate()
	p.seq++
	return s
}

func (p *player) request(start time.Duration, i, n, users int) {
	route := p.rand.IntN(len(p.routes))
	took := time.Duration(float64(time.Millisecond) * (2 + float64(users)/4) * (0.5 + p.rand.ExpFloat64()))
	end := start + time.Duration(i+1)*time.Second/time.Duration(n+1)
	s := &stats.Sample{
		Route: route, Intended: end - took, Start: end - took, End: end, Status: 200,
		BytesOut: 180, BytesIn: int64(400 + p.rand.IntN(9000)), NewConn: i == 0,
		Phases: stats.Phases{FirstByte: took / 2, Body: took / 4},
	}
	switch p.rand.IntN(150) {
	case 0:
		s.Status, s.Failure = 503, stats.Failure{Class: stats.BadStatus, Text: "status 503, expected 200"}
		s.Exchange = &stats.Exchange{At: end, Request: "POST /embed HTTP/1.1\r\nHost: 127.0.0.1:8000\r\n\r\n{}",
			Response: "HTTP/1.1 503 Service Unavailable\r\n\r\n<script>alert(1)</script>\x1b[31m", Curl: "curl -X POST http://127.0.0.1:8000/embed"}
	case 1:
		s.Status, s.Failure = 0, stats.Failure{Class: stats.TimedOut, Text: "timed out after 10 s"}
	}
	p.rec.Record(0, s)
}

// demoRun returns the seconds of a run of 30 s with three levels, an event at
// each change, and a mark.
func demoRun() []*stats.Snapshot { return levelRun([]int{5, 20, 80}, 10, 4) }

// levelRun holds each number of users for some seconds, with so many requests
// a second of each user.
func levelRun(levels []int, seconds, perUser int) []*stats.Snapshot {
	p := newPlayer(demoHeader().Routes)
	var run []*stats.Snapshot
	for i, users := range levels {
		for second := range seconds {
			s := p.second(users, perUser*users)
			if second == 0 {
				s.Events = []stats.Event{{At: s.Start, Kind: stats.EventUsers, Text: fmt.Sprintf("%d users by hand", users)}}
			}
			if i == 1 && second == 5 {
				s.Events = []stats.Event{{At: s.Start + 250*time.Millisecond, Kind: stats.EventMark, Text: "=cache \"on\", <b>now</b>"}}
			}
			run = append(run, s)
		}
	}
	return run
}

// recorded writes the seconds into a journal in a new folder and opens it.
func recorded(t testing.TB, h Header, run []*stats.Snapshot) *Record {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "run")
	j, err := Create(dir, h)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range run {
		if err := j.Put(s); err != nil {
			t.Fatal(err)
		}
	}
	j.End(Ending{Wall: began.Add(time.Minute), Reason: "the plan was done"})
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	rec, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	return rec
}

func readFile(t testing.TB, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
