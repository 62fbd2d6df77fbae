package stats

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// gated holds the thresholds against the seconds.
func gated(t *testing.T, seconds []*Snapshot, texts ...string) *Gate {
	t.Helper()
	var all []Threshold
	for _, text := range texts {
		th, err := ParseThreshold(text)
		if err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		all = append(all, th)
	}
	g := NewGate(all)
	for _, s := range seconds {
		g.Add(s)
	}
	return g
}

func repeat(d time.Duration, n int) []time.Duration { return slices.Repeat([]time.Duration{d}, n) }

func TestGate(t *testing.T) {
	load := Load{WantedUsers: 5}
	slowStart := concat(steady(0, 5, load, repeat(900*ms, 50)...), steady(5, 20, load, repeat(10*ms, 50)...))
	slowMiddle := concat(steady(0, 10, load, repeat(10*ms, 50)...), steady(10, 5, load, repeat(900*ms, 50)...), steady(15, 85, load, repeat(10*ms, 50)...))
	for _, test := range []struct {
		name     string
		seconds  []*Snapshot
		text     string
		held     bool
		measured string
		note     string
	}{
		{"holds", slowStart, "p50 < 20ms", true, "10.01 ms", ""},
		{"breaks", slowStart, "p95 < 20ms", false, "900 ms", ""},
		{"warm-up left out", slowStart, "p95 < 20ms after 5s", true, "10 ms", ""},
		{"hidden in the whole run", slowMiddle, "p90 < 20ms", true, "10.01 ms", ""},
		{"seen in a window", slowMiddle, "p90 < 20ms over 10s", false, "900 ms", ""},
		{"one route", slowStart, "count of single >= 1250", true, "1250", ""},
		{"method and name", slowStart, `count of "POST single" > 1250`, false, "1250", ""},
		{"rate", slowStart, "rps > 149", true, "150.0", ""},
		{"unknown route", slowStart, "p95 of nowhere < 1s", false, "nothing", `no request of "nowhere"`},
		{"too few for p99", steady(0, 2, load, 10*ms), "p99 < 1s", false, "10 ms", "needs at least 299 requests, there were 6"},
		{"nothing at all", nil, "error_rate < 1%", false, "nothing", "needs at least 1 request, there were 0"},
		{"shorter than its window", steady(0, 5, load, repeat(10*ms, 50)...), "p90 < 20ms over 30s", true, "10 ms", "shorter than the window"},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := gated(t, test.seconds, test.text).Results()[0]
			if r.Held != test.held || r.Measured != test.measured || !strings.Contains(r.Note, test.note) {
				t.Errorf("held %v, measured %q, note %q; want %v, %q, %q", r.Held, r.Measured, r.Note, test.held, test.measured, test.note)
			}
		})
	}
}

func TestGateAborts(t *testing.T) {
	slow := steady(0, 3, Load{}, repeat(900*ms, 100)...)
	for text, want := range map[string]bool{
		"p95 < 20ms abort":           true,
		"p95 < 20ms":                 false,
		"p95 < 20ms after 60s abort": false,
		"p95 < 20ms over 2s abort":   true,
		"p95 < 20ms over 9s abort":   false,
		"count > 100000 abort":       false, // may still be reached
		"count < 10 abort":           true,
		"rps > 100000 abort":         true,
	} {
		sentence, abort := gated(t, slow, text).Abort()
		if abort != want || abort && !strings.Contains(sentence, "is broken") {
			t.Errorf("%q: abort %v, %q; want %v", text, abort, sentence, want)
		}
	}
}
