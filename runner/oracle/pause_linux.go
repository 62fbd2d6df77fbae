package oracle

import (
	"runtime"
	"time"

	"golang.org/x/sys/unix"
)

// nap sleeps a short time exactly: Go's own timers are late by up to a
// millisecond, and the kernel adds 50 µs to every sleep unless asked not to.
func nap(d time.Duration) {
	if d <= 0 {
		return
	}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	var until unix.Timespec
	if unix.ClockGettime(unix.CLOCK_MONOTONIC, &until) != nil {
		time.Sleep(d)
		return
	}
	until = unix.NsecToTimespec(until.Nano() + int64(d))
	_ = unix.Prctl(unix.PR_SET_TIMERSLACK, 1, 0, 0, 0)
	for unix.ClockNanosleep(unix.CLOCK_MONOTONIC, unix.TIMER_ABSTIME, &until, nil) == unix.EINTR {
	}
}
