package reports

import (
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"
)

// TestConsoleFitsTheTerminal wants no line wider than the terminal, and nothing
// of a name lost in it, however long the names and texts are.
func TestConsoleFitsTheTerminal(t *testing.T) {
	const long = "/v1/organisations/{organisation}/projects/{project}/models/{model}/predictions"
	h := demoHeader()
	h.Scenario, h.Target = strings.Repeat("long name ", 6), "https://inference.example.com/api"+long
	h.Thresholds = append(h.Thresholds, `p99.9 of "POST `+long+`" < 1s`)
	run := demoRun()
	for _, s := range run {
		for i := range s.Routes {
			s.Routes[i].Route.Name += long
		}
		for i := range s.Failures {
			s.Failures[i].Route.Name += long
			s.Failures[i].Text = "expected that json.probability <= 1, got " + strings.Repeat("0.123456789 ", 20)
		}
	}
	rec := recorded(t, h, run)
	res, err := rec.Result()
	if err != nil {
		t.Fatal(err)
	}
	for _, width := range []int{80, 100, 120} {
		text := string(made(t, rec, Console(true, width)))
		for line := range strings.Lines(text) {
			if n := ansi.StringWidth(strings.TrimSuffix(line, "\n")); n > width {
				t.Errorf("%d columns of %d: %s", n, width, line)
			}
		}
		for _, r := range res.Routes {
			column := func(s string) string { return strings.Join(strings.Fields(s), "") }
			if !strings.Contains(column(firstColumn(text)), column(r.Method+r.Name)) {
				t.Errorf("%d columns do not show the whole of %s %s", width, r.Method, r.Name)
			}
		}
	}
	wide := string(made(t, rec, Console(false, 0)))
	if name := "POST batch" + long; !strings.Contains(wide, name+"  ") {
		t.Errorf("without a bound %s is not in one line", name)
	}
}

// firstColumn returns what stands in the first column of the tables.
func firstColumn(text string) string {
	var b strings.Builder
	for line := range strings.Lines(ansi.Strip(text)) {
		name, _, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "  ")
		b.WriteString(name)
	}
	return b.String()
}
