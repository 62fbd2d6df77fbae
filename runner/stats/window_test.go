package stats

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

// A window's sum is that of adding up anew what is in it, however long it is
// and whatever it forgets at a time.
func TestWindow(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		type entry struct {
			at    time.Duration
			tally Tally
		}
		var w Window
		var all []entry
		at, gone := time.Duration(0), time.Duration(-1)
		keep := time.Duration(rapid.IntRange(0, 400).Draw(t, "keep"))
		for range rapid.IntRange(1, 600).Draw(t, "tallies") {
			at += time.Duration(rapid.IntRange(1, 3).Draw(t, "gap"))
			e := entry{at: at, tally: Tally{Requests: 1, Failures: int64(at % 2)}}
			e.tally.Times.Record(at % 50 * ms)
			all = append(all, e)
			w.Push(at, e.tally)
			if rapid.IntRange(0, 3).Draw(t, "forget") == 0 {
				gone = max(gone, at-keep)
				w.Forget(gone)
			}
		}
		var want Tally
		for _, e := range all {
			if e.at > gone {
				want.Merge(&e.tally)
			}
		}
		if got := w.Sum(); got.Requests != want.Requests || got.Failures != want.Failures || !got.Times.Equal(&want.Times) {
			t.Fatalf("%d requests, %d failures; want %d, %d, and the same times", got.Requests, got.Failures, want.Requests, want.Failures)
		}
	})
}

// However long a window, the sums it keeps are few.
func TestWindowKeepsFewSums(t *testing.T) {
	var w Window
	for i := range time.Duration(3600) {
		w.Push(i, Tally{Requests: 1})
	}
	w.Forget(0)
	kept := 0
	for _, p := range w.old {
		if p.since != nil {
			kept++
		}
	}
	if kept > keptSums || w.Sum().Requests != 3599 {
		t.Errorf("%d sums are kept, of %d requests; want at most %d, 3599", kept, w.Sum().Requests, keptSums)
	}
}
