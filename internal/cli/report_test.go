package cli

import (
	"slices"
	"testing"
)

// On a terminal the paths are by folder, each line as long as there is room;
// elsewhere one a line, whole.
func TestListPaths(t *testing.T) {
	paths := []string{"load_stats.csv", "results/a/report.html", "results/a/summary.json", "results/a/junit.xml"}
	for columns, want := range map[int][]string{
		0:  {"  load_stats.csv", "  results/a/report.html", "  results/a/summary.json", "  results/a/junit.xml"},
		30: {"  .", "    load_stats.csv", "  results/a/", "    report.html  summary.json", "    junit.xml"},
		80: {"  .", "    load_stats.csv", "  results/a/", "    report.html  summary.json  junit.xml"},
	} {
		if got := listPaths(paths, columns); !slices.Equal(got, want) {
			t.Errorf("%d columns: %q; want %q", columns, got, want)
		}
	}
}
