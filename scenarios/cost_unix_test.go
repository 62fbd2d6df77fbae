//go:build unix

package scenarios

import (
	"syscall"
	"time"
)

// cost returns the processor time that this process has had: what else the
// machine does is in no bound.
func cost() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
