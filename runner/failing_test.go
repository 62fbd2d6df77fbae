package runner

import (
	"testing"
	"time"

	"brink/runner/stats"
)

// TestDeadMansRule counts the seconds of which more than nine tenths failed,
// from the last one that had fewer.
func TestDeadMansRule(t *testing.T) {
	second := func(requests, failures int64) *stats.Snapshot {
		half := stats.RouteStats{Requests: requests / 2, Failures: failures / 2}
		rest := stats.RouteStats{Requests: requests - half.Requests, Failures: failures - half.Failures}
		return &stats.Snapshot{End: time.Second, Routes: []stats.RouteStats{half, rest}}
	}
	bad, fair, idle := second(1000, 901), second(1000, 900), second(0, 0)
	repeat := func(s *stats.Snapshot, n int) (list []*stats.Snapshot) {
		for range n {
			list = append(list, s)
		}
		return list
	}
	for name, c := range map[string]struct {
		seconds []*stats.Snapshot
		at      int // the second in which it says so, from 1; 0: never
	}{
		"just above nine tenths": {repeat(bad, 100), 60},
		"nine tenths":            {repeat(fair, 100), 0},
		"one in two fails":       {repeat(second(10, 5), 100), 0},
		"a fair second between":  {append(append(repeat(bad, 59), fair), repeat(bad, 100)...), 120},
		"idle before any":        {repeat(idle, 100), 0},
		"idle between":           {append(append(repeat(bad, 20), repeat(idle, 20)...), repeat(bad, 100)...), 60},
		"idle after a fair one":  {append(append([]*stats.Snapshot{fair}, repeat(idle, 70)...), repeat(bad, 30)...), 0},
	} {
		f, at := failing{limit: time.Minute}, 0
		for i, s := range c.seconds {
			if f.add(s) {
				if at > 0 {
					t.Errorf("%s: said twice", name)
				}
				at = i + 1
			}
		}
		if at != c.at {
			t.Errorf("%s: ended in second %d, not %d", name, at, c.at)
		}
	}
	if off := (&failing{}); off.add(bad) {
		t.Error("without a rule it ends")
	}
}
