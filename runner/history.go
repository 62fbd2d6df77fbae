package runner

import (
	"bytes"
	"slices"

	"brink/runner/stats"
)

// history is the last seconds of a run, the oldest first, for who joins late.
// It holds them in their binary form, a fraction of what their histograms take
// in memory. The zero value remembers nothing.
type history struct {
	most    int // seconds
	frames  [][]byte
	scratch []byte
}

// add appends a second and forgets the oldest beyond the most.
func (h *history) add(s *stats.Snapshot) {
	if h.most == 0 {
		return
	}
	h.scratch, _ = s.AppendBinary(h.scratch[:0]) // its error is always nil
	if len(h.frames) == h.most {
		h.frames = slices.Delete(h.frames, 0, 1)
	}
	h.frames = append(h.frames, bytes.Clone(h.scratch))
}

// clone returns a copy that later seconds do not change.
func (h *history) clone() history { return history{frames: slices.Clone(h.frames)} }

// snapshots reads the seconds back.
func (h *history) snapshots() []*stats.Snapshot {
	out := make([]*stats.Snapshot, 0, len(h.frames))
	for _, frame := range h.frames {
		s := new(stats.Snapshot)
		if s.UnmarshalBinary(frame) == nil { // never fails on what add wrote
			out = append(out, s)
		}
	}
	return out
}
