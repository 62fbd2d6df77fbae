package reports

import (
	"bytes"
	"encoding/csv"
	"slices"
	"testing"
	"time"
)

// TestWallClockJumpsChangeNoNumber: the wall clock steps back an hour in the
// middle of a run, then forward two, then stands still. Every duration, rate
// and percentile stays what it is, and so does every order; only the labels of
// the moments may differ.
func TestWallClockJumpsChangeNoNumber(t *testing.T) {
	steady, jumping := demoRun(), demoRun()
	for i, s := range jumping {
		switch {
		case i >= 8:
			s.Wall = jumping[7].Wall
		case i >= 6:
			s.Wall = s.Wall.Add(time.Hour)
		case i >= 3:
			s.Wall = s.Wall.Add(-time.Hour)
		}
	}
	before, after := recorded(t, demoHeader(), steady), recorded(t, demoHeader(), jumping)
	for name, report := range map[string]Reporter{
		"run_stats.csv": Stats, "run_stats_history.csv": History, "run_failures.csv": Failures, "levels.csv": Levels,
		"events.csv": Events, "seconds.csv": Seconds, "summary.json": JSON, "summary.md": Markdown, "junit.xml": JUnit, "report.html": HTML,
	} {
		var want, got bytes.Buffer
		if err := report(&want, before); err != nil {
			t.Fatal(err)
		}
		if err := report(&got, after); err != nil {
			t.Fatal(err)
		}
		if a, b := withoutLabels(t, name, want.Bytes()), withoutLabels(t, name, got.Bytes()); !bytes.Equal(a, b) {
			t.Errorf("%s has other numbers when the wall clock jumps", name)
		}
	}
}

// withoutLabels returns a report without the column that names moments.
func withoutLabels(t *testing.T, name string, text []byte) []byte {
	t.Helper()
	if name != "run_stats_history.csv" && name != "seconds.csv" && name != "events.csv" {
		return text
	}
	rows, err := csv.NewReader(bytes.NewReader(text)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	label := slices.Index(rows[0], "Timestamp")
	if label < 0 {
		return text
	}
	var out bytes.Buffer
	w := csv.NewWriter(&out)
	for _, row := range rows {
		row[label] = ""
		_ = w.Write(row)
	}
	w.Flush()
	return out.Bytes()
}
