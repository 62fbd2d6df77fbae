package runner

import (
	"bytes"
	"slices"

	"brink/runner/stats"
)

// remembered is how many Snapshots are kept for who joins late: 5 minutes,
// which is as far back as charts look second by second.
const remembered = 5 * 60

// history is the last seconds of a run, the oldest first. It holds them in
// their binary form, a fraction of what their histograms take in memory. The
// zero value is empty.
type history struct {
	frames  [][]byte
	scratch []byte
}

// add appends a second and forgets the oldest beyond those remembered.
func (h *history) add(s *stats.Snapshot) {
	h.scratch, _ = s.AppendBinary(h.scratch[:0]) // its error is always nil
	if len(h.frames) == remembered {
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
