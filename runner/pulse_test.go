package runner

import (
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// TestPulse: a pulse that beats on time tells of no stand; one that could not
// tells of the longest, once.
func TestPulse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		var stood atomic.Int64 // what the clock is ahead of the beats, in ns
		p := pulse{clock: func() time.Duration { return time.Since(began) + time.Duration(stood.Load()) }}
		over := make(chan struct{})
		go p.run(over)
		const apart = 5 * time.Millisecond // from the next beat
		pass(apart)
		for _, want := range []time.Duration{0, 300 * time.Millisecond, 0} {
			stood.Add(int64(want))
			pass(500 * time.Millisecond)
			stood.Add(int64(want / 2)) // a shorter one
			pass(500 * time.Millisecond)
			if got := p.take(); got != want {
				t.Errorf("it stood still for %s, want %s", got, want)
			}
			pass(beat)
		}
		stood.Add(int64(time.Second)) // the beat after it is still to come
		if got, want := p.take(), time.Second+apart-beat; got != want {
			t.Errorf("it stood still for %s just now, want %s", got, want)
		}
		close(over)
	})
}
