package reports

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestALevelThatTheGeneratorLimitedNeverHolds looks at each report of a run in
// which the generator starved at the higher of two levels: the thresholds hold
// there too, by numbers that say nothing of the target.
func TestALevelThatTheGeneratorLimitedNeverHolds(t *testing.T) {
	run := levelRun([]int{20, 30}, 8, 2)
	for _, s := range run[8:] {
		s.Health.SchedLatency = 200 * time.Millisecond
	}
	h := demoHeader()
	h.Thresholds = []string{"p95 < 2s"}
	rec := recorded(t, h, run)

	for name, report := range map[string]Reporter{"levels.csv": Levels, "summary.md": Markdown, "report.html": HTML, "console": Console(false, 0)} {
		text := string(made(t, rec, report))
		for _, level := range []struct{ load, says string }{{"20", "highest that holds"}, {"30", "unknown: the generator was the limit"}} {
			if n := strings.Count(text, level.says); n != 1 || !strings.Contains(lineWith(text, level.says), level.load) {
				t.Errorf("%s says %d times %q, in %q; want once, at %s users", name, n, level.says, lineWith(text, level.says), level.load)
			}
		}
		if why := "200 ms (p99) for a processor (6 of 6 s)"; !strings.Contains(text, why) {
			t.Errorf("%s does not say %q", name, why)
		}
		if sentence := "Nothing is known of 30 users: the generator, not the target, was the limit"; name != "levels.csv" && !strings.Contains(text, sentence) {
			t.Errorf("%s does not say %q", name, sentence)
		}
	}

	var summary Result
	if err := json.Unmarshal(made(t, rec, JSON), &summary); err != nil {
		t.Fatal(err)
	}
	if c := summary.Capacity; c == nil || c.Holds == nil || *c.Holds != 0 || c.Breaks != nil || !slices.Equal(c.Unknown, []int{1}) {
		t.Errorf("summary.json has the capacity %s; want level 0 to hold and level 1 unknown", fmt.Sprint(c))
	}
	if v := summary.Levels[1].Verdict; v.Grade != "INVALID" || len(v.Reasons) != 1 {
		t.Errorf("summary.json has the verdict %v on level 1", v)
	}
}

// TestManyLevels: of a long exploration the console and Markdown show the last
// levels and the one that says most, and count the rest.
func TestManyLevels(t *testing.T) {
	users := []int{40}
	for i := range 50 {
		users = append(users, 20+i%2)
	}
	h := demoHeader()
	h.Thresholds = []string{"p95 < 2s"}
	rec := recorded(t, h, levelRun(users, 8, 2))
	for name, report := range map[string]Reporter{"summary.md": Markdown, "console": Console(false, 0)} {
		text := string(made(t, rec, report))
		if n := strings.Count(text, "20 users") + strings.Count(text, "21 users"); n != maxLevels {
			t.Errorf("%s shows %d levels, want %d", name, n, maxLevels)
		}
		if line := lineWith(text, "highest that holds"); !strings.Contains(line, "40 users") || !strings.Contains(text, "and 30 levels before them") {
			t.Errorf("%s lacks 40 users, or how many are not shown:\n%s", name, text)
		}
	}
	if n := strings.Count(string(made(t, rec, Levels)), "\n"); n != 52 {
		t.Errorf("levels.csv has %d lines, want a head and 51", n)
	}
}

// lineWith returns the first line that contains a text.
func lineWith(text, part string) string {
	for line := range strings.SplitSeq(text, "\n") {
		if strings.Contains(line, part) {
			return line
		}
	}
	return ""
}
