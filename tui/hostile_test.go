package tui

import (
	"strings"
	"testing"
	"testing/synctest"

	"github.com/charmbracelet/x/ansi"

	"brink/runner/stats"
)

// TestTextsThatAimAtTheTerminal draws names, failures, answers and events that
// are escape sequences, marks that reverse text, and far too long.
func TestTextsThatAimAtTheTerminal(t *testing.T) {
	t.Parallel()
	aim := "\x1b]52;c;cG9pc29u\a\x1b[2J\u202ereversed\u2028\u009b31m\ufeff\x00 " + strings.Repeat("A", 10_000)
	synctest.Test(t, func(t *testing.T) {
		run := newFakeRun(60)
		run.aim = aim
		run.names = []stats.Route{{Method: "GET", Name: aim}, {Method: aim, Name: "x"}}
		run.load.Stage = aim
		for _, kind := range []stats.EventKind{stats.EventMark, stats.EventWarning, stats.EventStage} {
			run.event(kind, aim)
		}
		d := running(t, run, 120, 36, 10)
		for _, view := range [][]string{{"1"}, {"2"}, {"2", "j", "enter"}, {"3"}, {"3", "enter"}, {"4"}, {"5"}, {"w"}} {
			d.keys(view...)
			content := d.app.View().Content
			fits(t, content, 120, 36)
			for i, r := range ansi.Strip(content) {
				if stats.Unsafe(r) && r != '\n' {
					t.Errorf("%v: %q is drawn as it is: %.60q", view, r, ansi.Strip(content)[max(0, i-30):])
					break
				}
			}
			for _, bad := range []string{"\x1b]52", "\x1b[2J", "\a"} {
				if strings.Contains(content, bad) {
					t.Errorf("%v: %q is drawn as it is", view, bad)
				}
			}
			d.keys("esc")
		}
		d.keys("3")
		d.shows(`\u202ereversed`)
	})
}
