//go:build !linux

package oracle

import "time"

// nap sleeps a short time, as exactly as the system's timers are.
func nap(d time.Duration) { time.Sleep(d) }
