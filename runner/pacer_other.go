//go:build !linux

package runner

import "time"

func tuneThread() {}

// sleepPrecisely is as precise as the runtime's timers are, which poll finer
// than a millisecond here where the system can.
func sleepPrecisely(d time.Duration) { time.Sleep(d) }
