package stats

import (
	"testing"
	"time"
)

// A session driven by hand: 10 users, a ramp, 20, a pause, 40 users.
func TestLevels(t *testing.T) {
	var l Levels
	var seconds []*Snapshot
	seconds = append(seconds, steady(0, 10, Load{WantedUsers: 10, Manual: true}, 10*ms, 10*ms)...)
	for i := range 5 {
		seconds = append(seconds, steady(10+i, 1, Load{WantedUsers: 11 + i}, 10*ms)...)
	}
	seconds = append(seconds, steady(15, 6, Load{WantedUsers: 20}, repeat(20*ms, 4)...)...)
	seconds = append(seconds, steady(21, 10, Load{WantedUsers: 20, Paused: true})...)
	seconds = append(seconds, steady(31, 8, Load{WantedUsers: 40}, repeat(50*ms, 5)...)...)
	for _, s := range seconds {
		l.Add(s)
	}
	rows := l.Rows()
	want := []struct {
		users   int
		seconds time.Duration
		rps     float64
		p50     time.Duration
	}{{10, 8 * time.Second, 6, 10 * ms}, {20, 4 * time.Second, 12, 20 * ms}, {40, 6 * time.Second, 15, 50 * ms}}
	if len(rows) != len(want) {
		t.Fatalf("%d levels; want %d: %+v", len(rows), len(want), rows)
	}
	for i, w := range want {
		r := &rows[i]
		if r.Users != w.users || r.Summary.Duration() != w.seconds || r.Throughput() != w.rps || r.Summary.Total.All().Percentile(50) != w.p50 {
			t.Errorf("level %d: %d users, %s, %g/s, p50 %s; want %+v", i, r.Users, r.Summary.Duration(), r.Throughput(), r.Summary.Total.All().Percentile(50), w)
		}
	}
	if !rows[0].Manual || rows[1].Manual {
		t.Error("what was held by hand is not told from the plan")
	}
}

func TestSwitchingWeightsBeginsALevel(t *testing.T) {
	var l Levels
	seconds := steady(0, 20, Load{WantedUsers: 10}, 10*ms)
	seconds[10].Events = []Event{{At: 10 * time.Second, Kind: EventWeights, Text: "batch switched off"}}
	for _, s := range seconds {
		l.Add(s)
	}
	if rows := l.Rows(); len(rows) != 2 {
		t.Fatalf("%d levels; want 2", len(rows))
	}
}

// What is kept of a level that is over is its total, and what thresholds need.
func TestLevelsKeepTheRoutesOfThresholds(t *testing.T) {
	limit, err := ParseThreshold(`p95 of "POST single" < 15ms`)
	if err != nil {
		t.Fatal(err)
	}
	l := Levels{Thresholds: []Threshold{limit}}
	for i, took := range []time.Duration{10 * ms, 20 * ms, 10 * ms} {
		for _, s := range steady(8*i, 8, Load{WantedUsers: 10 + i}, repeat(took, 30)...) {
			l.Add(s)
		}
	}
	rows := l.Rows()
	for i, want := range []bool{true, false, true} {
		if held, known := limit.HoldsFor(rows[i].Summary); !known || held != want {
			t.Errorf("level %d: the threshold holds: %v, known: %v; want %v, true", i, held, known, want)
		}
	}
	if n := len(rows[0].Summary.Routes); n != 1 || rows[0].Summary.Total.Requests != 540 {
		t.Errorf("a level that is over keeps %d routes, %d requests; want 1, 540", n, rows[0].Summary.Total.Requests)
	}
}
