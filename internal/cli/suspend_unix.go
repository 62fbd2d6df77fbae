//go:build unix

package cli

import (
	"sync"
	"syscall"
	"time"
)

// suspending is called when the screen is about to stop the program for Ctrl+Z.
// The kernel stops no process group that no shell could bring back, such as that
// of `ssh -t host brink …`, and the screen would wait for SIGCONT forever: it is
// given one, until it is back. A program that is stopped sends none.
func suspending() (resumed func()) {
	done := make(chan struct{})
	go func() {
		t := time.NewTicker(stopping)
		defer t.Stop()
		for {
			select {
			case <-t.C:
				_ = syscall.Kill(syscall.Getpid(), syscall.SIGCONT)
			case <-done:
				return
			}
		}
	}()
	return sync.OnceFunc(func() { close(done) })
}

// stopping is far longer than the kernel takes to stop the program.
const stopping = 300 * time.Millisecond
