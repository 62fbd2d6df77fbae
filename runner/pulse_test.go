package runner

import (
	"testing"
	"testing/synctest"
	"time"
)

// TestPulse: a pulse that beats on time tells of no stand; one that could not
// tells of the longest, once.
func TestPulse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		var stood time.Duration // what the clock is ahead of the beats
		p := pulse{clock: func() time.Duration { return time.Since(began) + stood }}
		over := make(chan struct{})
		go p.run(over)
		for _, want := range []time.Duration{0, 300 * time.Millisecond, 0} {
			stood += want
			pass(500 * time.Millisecond)
			stood += want / 2 // a shorter one
			pass(499 * time.Millisecond)
			if got := p.take(); got != want {
				t.Errorf("it stood still for %s, want %s", got, want)
			}
			pass(time.Millisecond)
		}
		stood += time.Second // the beat after it is still to come
		if got := p.take(); got != time.Second-beat {
			t.Errorf("it stood still for %s just now, want %s", got, time.Second-beat)
		}
		close(over)
	})
}
