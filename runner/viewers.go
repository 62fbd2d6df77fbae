package runner

import (
	"context"
	"sync"

	"brink/runner/stats"
)

// viewers are those who look on, and the Snapshots for those still to come.
// The zero value has none.
type viewers struct {
	mu     sync.Mutex
	past   history
	open   map[chan *stats.Snapshot]func() bool // and how to forget its context
	closed bool
}

// watch adds a viewer.
func (v *viewers) watch(ctx context.Context) <-chan *stats.Snapshot {
	v.mu.Lock()
	defer v.mu.Unlock()
	c := make(chan *stats.Snapshot, 1)
	if v.closed {
		close(c)
		return c
	}
	if v.open == nil {
		v.open = map[chan *stats.Snapshot]func() bool{}
	}
	v.open[c] = context.AfterFunc(ctx, func() { v.drop(c) })
	return c
}

// drop closes the channel of a viewer that went away.
func (v *viewers) drop(c chan *stats.Snapshot) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if _, ok := v.open[c]; ok {
		delete(v.open, c)
		close(c)
	}
}

// show gives a Snapshot to all viewers, in place of one they have not taken.
func (v *viewers) show(s *stats.Snapshot) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.past.add(s)
	for c := range v.open {
		select {
		case <-c:
		default:
		}
		c <- s // never waits: only show sends, and it has just made room
	}
}

// history returns what is remembered. Reading it holds nobody up.
func (v *viewers) history() []*stats.Snapshot {
	v.mu.Lock()
	past := v.past.clone()
	v.mu.Unlock()
	return past.snapshots()
}

// close lets all viewers go. A Snapshot not yet taken can still be read.
func (v *viewers) close() {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.closed = true
	for c, forget := range v.open {
		forget()
		close(c)
	}
	v.open = nil
}
