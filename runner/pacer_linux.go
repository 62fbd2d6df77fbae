package runner

import (
	"time"

	"golang.org/x/sys/unix"
)

// tuneThread lets the kernel wake this thread on time: by default it may be
// 50 µs late, to wake several threads together (prctl(2), PR_SET_TIMERSLACK).
func tuneThread() {
	// Where it is refused, the pacer is a little later and its lag shows it.
	_ = unix.Prctl(unix.PR_SET_TIMERSLACK, 1, 0, 0, 0)
}

// sleepPrecisely sleeps in the kernel, not in the runtime, whose poller rounds
// up to a millisecond.
func sleepPrecisely(d time.Duration) {
	t := unix.NsecToTimespec(int64(d))
	// A signal ends it early: the pacer looks at the clock anyway.
	_ = unix.ClockNanosleep(unix.CLOCK_MONOTONIC, 0, &t, nil)
}
