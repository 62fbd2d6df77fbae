package tui

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/charmbracelet/colorprofile"

	"brink/runner/stats"
)

// BenchmarkSecond is what the screen costs once a second: to fold a Snapshot
// of 20 routes in and to draw the live view. It must stay far below a percent
// of a core, so that the screen never slows the load.
func BenchmarkSecond(b *testing.B) {
	for _, size := range []struct{ w, h int }{{80, 24}, {120, 36}, {200, 60}} {
		b.Run(fmt.Sprintf("%dx%d", size.w, size.h), func(b *testing.B) {
			run := newFakeRun(100)
			run.names = nil
			for i := range 20 {
				run.names = append(run.names, stats.Route{Method: "GET", Name: fmt.Sprintf("route-%02d", i)})
			}
			for range 300 {
				run.step()
			}
			seconds := run.History()
			c := &common{Options: Options{}, s: newStyles(colorprofile.TrueColor, true, false), k: newKeys(KeysOwn, false), w: size.w, h: size.h, now: func() time.Time { return time.Time{} }}
			r := newRunScreen(context.Background(), c, Setup{Scenario: fakeScenario(), Profile: "sustained"}, &Started{Run: run})
			for _, s := range seconds {
				r.tally.add(s)
			}
			b.ResetTimer()
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				s := *seconds[i%len(seconds)]
				s.Seq, s.Start, s.End = 300+i, time.Duration(300+i)*time.Second, time.Duration(301+i)*time.Second
				r.tally.add(&s)
				r.view()
			}
		})
	}
}
