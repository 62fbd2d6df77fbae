package client

import (
	"sync/atomic"

	"brink/runner/stats"
)

// share is what one response takes of the memory that the kept bodies of all
// users may take together. The zero value takes nothing.
type share struct {
	bytes int64
	of    *atomic.Int64 // what all take; nil: it takes nothing
}

// smallBody is how much memory a response may hold, and go on holding, without
// asking for a share.
const smallBody = 64 << 10

// grow makes a response's share as large as the memory of its body. That is a
// failure where all users together would take more than they may.
func (r *Response) grow(o *Options) stats.Failure {
	n := int64(cap(r.Body) + cap(r.spare))
	if n <= max(smallBody, r.share.bytes) {
		return stats.Failure{}
	}
	r.share.of = &o.kept
	all := o.kept.Add(n - r.share.bytes)
	r.share.bytes = n
	if all > o.maxKeptAll() {
		return failed(stats.TooLarge, "the bodies that all users keep at this time are larger than %d bytes together: use fewer users, or expect what needs less than the whole body", o.maxKeptAll())
	}
	return stats.Failure{}
}

// leave gives the share back.
func (s *share) leave() {
	s.of.Add(-s.bytes)
	*s = share{}
}
