//go:build linux

package cli

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"brink/runner/oracle"
)

// mishaps are all that can become of a request.
const mishaps = `timeout: 500ms
tasks:
  - { name: fast, get: /fast, weight: 60 }
  - { name: plan, get: /plan/lognormal, weight: 20 }
  - { name: posted, post: /posted, json: { n: "{{ randint(1, 1000) }}" }, expect: { that: "json.seq > 0" }, weight: 10 }
  - { name: refused, get: /status/503, weight: 2 }
  - { name: reused, get: /hostile/close-reused, weight: 4 }
  - { name: new, get: /new, connection: new, weight: 2 }
  - { name: std, get: /std, client: std, timeout: 30s, weight: 3 } # net/http does not say whether it had sent what timed out
  - { name: silent, get: /hostile/silent, timeout: 200ms }
  - { name: garbled, get: /hostile/garbage }
  - { name: reset, get: /hostile/reset-body }
  - { name: long, get: /hostile/redirect-long, follow_redirects: true }
`

// TestSoak runs brink for as long as BRINK_SOAK says with all that can become
// of a request, and at a high rate, and prints its memory and descriptors each
// minute, or ten times where it is shorter. In ten minutes or more they must not
// grow: in the last third there may be no more than in the second.
//
//	BRINK_SOAK=30m go test ./internal/cli -run '^TestSoak$/^mishaps$' -v -timeout 40m
//	BRINK_SOAK=10m go test ./internal/cli -run '^TestSoak$/^fast$' -v -timeout 20m
func TestSoak(t *testing.T) {
	length, err := time.ParseDuration(os.Getenv("BRINK_SOAK"))
	if err != nil {
		t.Skip("takes as long as BRINK_SOAK says, such as 30m")
	}
	length = min(max(length, 10*time.Second), time.Hour)
	profile := func(rate string) string {
		return "profile: p\nprofiles:\n  p: { rate: " + rate + ", arrivals: poisson, max_users: 200, run_time: " + length.String() + " }\n"
	}
	t.Run("mishaps", func(t *testing.T) { soak(t, length, mishaps+profile("1000/s")) })
	t.Run("fast", func(t *testing.T) {
		soak(t, length, "tasks:\n  - { get: /a }\n  - { get: /b }\n  - { post: /c, json: { n: \"{{ randint(1, 1000) }}\" } }\n"+profile("20000/s"))
	})
}

// soak runs a scenario, which takes so long, and watches it.
func soak(t *testing.T, length time.Duration, scenario string) {
	s := startOracle(t, oracle.Options{Hostile: true, Plans: plans})
	p := headless(t, s.URL(), scenario, "")
	p.hasRun(1)
	tick := time.NewTicker(max(min(time.Minute, length/10), time.Second))
	defer tick.Stop()
	var memory, files []int
	began := time.Now()
	for running := true; running; {
		select {
		case <-p.ended:
			running = false
		case <-tick.C:
			kb, open := footprint(p.cmd.Process.Pid)
			if kb == 0 {
				continue
			}
			memory, files = append(memory, kb), append(files, open)
			t.Logf("%6v  %6.1f MB  %4d descriptors  %d requests", time.Since(began).Round(time.Second), float64(kb)/1024, open, s.Received())
		}
	}
	if code := p.ends(); code != 0 {
		t.Errorf("exit code %d; it said\n%s", code, p.text()[max(0, len(p.text())-4000):])
	}
	if length >= 10*time.Minute {
		grows(t, "memory (KB)", memory, 4<<10)
		grows(t, "descriptors", files, 20)
	}
	res := p.result()
	t.Logf("%d requests, %d failed (%v), %d dropped, verdict %s %v", res.Total.Requests, res.Total.Failures, res.Total.Classes, res.Arrivals.Dropped, res.Verdict.Grade, res.Verdict.Reasons)
	agreesWith(t, res, s)
}

// footprint returns a process's resident memory in KB and its descriptors; 0
// where it has ended.
func footprint(pid int) (kb, files int) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, 0
	}
	for line := range strings.Lines(string(status)) {
		if f := strings.Fields(line); len(f) > 1 && f[0] == "VmRSS:" {
			kb, _ = strconv.Atoi(f[1])
		}
	}
	fds, _ := os.ReadDir(fmt.Sprintf("/proc/%d/fd", pid))
	return kb, len(fds)
}

// grows reports an error where the last third of the figures is above the
// second by more than a tenth and slack.
func grows(t *testing.T, what string, figures []int, slack int) {
	t.Helper()
	if len(figures) < 6 {
		t.Errorf("%s: only %d figures", what, len(figures))
		return
	}
	third := len(figures) / 3
	before, after := slices.Max(figures[third:2*third]), slices.Max(figures[2*third:])
	if after > before+before/10+slack {
		t.Errorf("%s grew from %d to %d", what, before, after)
	}
}
