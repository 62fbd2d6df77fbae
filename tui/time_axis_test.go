package tui

import (
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/ansi"

	"brink/runner/stats"
)

// Somebody who changes the load at every tick still reads the time.
func TestMarksLeaveTheTimes(t *testing.T) {
	t.Parallel()
	c := chart{title: "load", frame: lastMinute.frameAt(40 * time.Second), lines: []line{{name: "users", values: []float64{1, 2}}}}
	for at := time.Duration(0); at < 40*time.Second; at += 10 * time.Second {
		c.events = append(c.events, stats.Event{At: at, Kind: stats.EventUsers})
	}
	lines := strings.Split(ansi.Strip(c.draw(newStyles(colorprofile.TrueColor, true, false), 60, 10)), "\n")
	axis := lines[len(lines)-1]
	for _, want := range []string{"▲00:00─▲", "▲00:20─▲", "─00:40─", "─01:00─"} {
		if !strings.Contains(axis, want) {
			t.Errorf("the axis is %s; want %s in it", axis, want)
		}
	}
}
