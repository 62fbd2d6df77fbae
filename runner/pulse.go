package runner

import (
	"sync"
	"time"
)

// pulse is a watchdog: it beats every 20 ms, and where a beat comes late the
// generator stood still meanwhile. It was stopped, its machine was, or it got no
// processor; whatever users measured then says nothing of the target. Hyperfoil
// watches itself in the same way.
type pulse struct {
	clock func() time.Duration

	mu      sync.Mutex
	last    time.Duration // when it last beat
	longest time.Duration // the longest stand since take was last called
}

// beat is how often the pulse beats. A stand can be this much longer than it is
// known to be.
const beat = 20 * time.Millisecond

// run beats until the run is over.
func (p *pulse) run(over <-chan struct{}) {
	t := time.NewTicker(beat)
	defer t.Stop()
	for {
		select {
		case <-t.C:
			p.beat()
		case <-over:
			return
		}
	}
}

func (p *pulse) beat() {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.clock()
	p.longest = max(p.longest, now-p.last-beat)
	p.last = now
}

// take returns the longest stand since it was last called, one that has only now
// ended included.
func (p *pulse) take() time.Duration {
	p.beat()
	p.mu.Lock()
	defer p.mu.Unlock()
	longest := p.longest
	p.longest = 0
	return longest
}
