package runner

import (
	"testing"
	"time"

	"brink/runner/stats"
)

func TestHistoryIsBounded(t *testing.T) {
	const remembered = 300
	h := history{most: remembered}
	for seq := range remembered + 50 {
		s := &stats.Snapshot{Seq: seq, End: time.Second, Routes: []stats.RouteStats{{Requests: int64(seq)}}}
		s.Routes[0].OK.Record(time.Duration(seq) * time.Millisecond)
		h.add(s)
		if seq == 10 {
			early := h.clone()
			defer func() {
				if n := len(early.snapshots()); n != 11 {
					t.Errorf("a copy made after 11 seconds holds %d", n)
				}
			}()
		}
	}
	past := h.snapshots()
	if len(past) != remembered {
		t.Fatalf("%d seconds remembered, want %d", len(past), remembered)
	}
	for i, s := range past {
		if want := 50 + i; s.Seq != want || s.Routes[0].Requests != int64(want) || s.Routes[0].OK.Max() != time.Duration(want)*time.Millisecond {
			t.Errorf("second %d of the history is %+v, want number %d", i, s, want)
		}
	}
}
