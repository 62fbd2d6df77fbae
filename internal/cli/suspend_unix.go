//go:build unix

package cli

import (
	"os"
	"os/signal"
	"sync/atomic"
	"syscall"
	"time"
)

// suspender stops the program while it shows the screen, for Ctrl+Z and for a
// SIGTSTP from outside, so that the shell finds its terminal as it was and fg
// brings the screen back.
//
// A program that catches SIGTSTP cannot stop by it any more: Go never gives the
// handler back. So it stops by SIGTTOU, which the kernel, too, ignores where no
// shell could continue the program, as under `ssh -t host brink …`.
type suspender struct {
	// aside brings the screen what is to be called while it has given the
	// terminal back.
	aside chan func()

	signals   chan os.Signal
	asked     atomic.Bool   // a stop is under way: SIGCONT ends it
	continued chan struct{} // it has
	gone      chan struct{} // the screen
	released  chan struct{}
}

// suspendable begins to catch the signals.
func suspendable() *suspender {
	s := &suspender{
		aside:     make(chan func()),
		signals:   make(chan os.Signal, 8),
		continued: make(chan struct{}, 1),
		gone:      make(chan struct{}),
		released:  make(chan struct{}),
	}
	signal.Notify(s.signals, syscall.SIGTSTP, syscall.SIGCONT)
	go s.watch()
	return s
}

// screenGone says that nobody takes from aside any more: what comes now needs
// no screen.
func (s *suspender) screenGone() { close(s.gone) }

// release ends the watch.
func (s *suspender) release() {
	signal.Stop(s.signals)
	close(s.released)
}

func (s *suspender) watch() {
	for {
		select {
		case sig := <-s.signals:
			s.obey(sig)
		case <-s.released:
			return
		}
	}
}

func (s *suspender) obey(sig os.Signal) {
	switch {
	case sig == syscall.SIGTSTP && s.begin():
		s.hand(func() { s.stop(syscall.Getpid()) })
	case sig == syscall.SIGTSTP: // twice is once
	case s.asked.Load():
		s.goOn()
	default: // after SIGSTOP, which nobody catches: the terminal is taken anew
		s.hand(func() {})
	}
}

// hand has f called while the terminal is given back.
func (s *suspender) hand(f func()) {
	select {
	case s.aside <- f:
	case <-s.gone:
		f()
	}
}

// suspend is Ctrl+Z: it stops what a terminal's Ctrl+Z would, the whole process
// group, and returns when that goes on.
func (s *suspender) suspend() {
	s.begin()
	s.stop(0)
}

// begin notes that a stop is under way, and returns whether none was before.
func (s *suspender) begin() bool {
	if s.asked.Swap(true) {
		return false
	}
	select {
	case <-s.continued: // an earlier one's
	default:
	}
	return true
}

func (s *suspender) goOn() {
	select {
	case s.continued <- struct{}{}:
	default:
	}
}

// stop stops the process pid, or the process group with 0, and returns when it
// goes on; soon, where it cannot be stopped.
func (s *suspender) stop(pid int) {
	defer s.asked.Store(false)
	if s.goesOn(onItsWay) {
		// The shell had taken the terminal before it was given back, where it
		// stopped others of the group first. That was the stop.
		return
	}
	_ = syscall.Kill(pid, syscall.SIGTTOU)
	s.goesOn(stopping)
}

// goesOn waits for SIGCONT, and reports whether it came.
func (s *suspender) goesOn(within time.Duration) bool {
	select {
	case <-s.continued:
		return true
	case <-time.After(within):
		return false
	}
}

const (
	onItsWay = 20 * time.Millisecond  // longer than a signal takes from the kernel to us
	stopping = 300 * time.Millisecond // far longer than the kernel takes to stop the program
)
