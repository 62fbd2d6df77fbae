package cli

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"sync"
	"syscall"
)

// helm turns signals into the end of a run. Before the load has begun, a signal
// gives the beginning up. After that the first ends the load gracefully and the
// second at once; a lost terminal can signal more than once, so SIGHUP never
// does that.
type helm struct {
	signals chan os.Signal
	giveUp  context.CancelCauseFunc
	goOn    bool               // a run outlives its terminal
	left    context.CancelFunc // closes the screen; nil where there is none

	mu      sync.Mutex
	session *session  // nil until the load has begun
	early   os.Signal // came before that

	released chan struct{}
	watching sync.WaitGroup
}

// takeHelm begins to catch the signals that end a run. The context that it
// returns ends when a signal comes before the load has begun.
func takeHelm(ctx context.Context, f *runFlags) (context.Context, *helm) {
	ctx, giveUp := context.WithCancelCause(ctx)
	h := &helm{
		signals:  make(chan os.Signal, 8),
		giveUp:   giveUp,
		goOn:     f.onHangup.goOn,
		released: make(chan struct{}),
	}
	signal.Notify(h.signals, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	h.watching.Go(h.watch)
	return ctx, h
}

// steer hands the run over that signals are to end from now on, and from a
// moment ago.
func (h *helm) steer(s *session) {
	h.mu.Lock()
	h.session = s
	early := h.early
	h.mu.Unlock()
	if early != nil {
		h.obey(early)
	}
}

// steered returns the run that steer was given, nil without one.
func (h *helm) steered() *session {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.session
}

// release gives signals their usual meaning back.
func (h *helm) release() {
	signal.Stop(h.signals)
	close(h.released)
	h.watching.Wait()
	h.giveUp(nil)
}

func (h *helm) watch() {
	for {
		select {
		case sig := <-h.signals:
			h.obey(sig)
		case <-h.released:
			return
		}
	}
}

func (h *helm) obey(sig os.Signal) {
	code, reason := reasonOf(sig)
	h.mu.Lock()
	s := h.session
	if s == nil {
		h.early = sig
	}
	h.mu.Unlock()
	if s == nil {
		h.giveUp(exit(code, errors.New(reason+" before the load began")))
		return
	}
	if sig == syscall.SIGHUP {
		h.close() // there is nothing left to draw on
		if !h.goOn {
			s.stop(code, reason)
		}
		return
	}
	if !s.stop(code, reason) {
		s.cut()
	}
	// The screen shows how the run ends, then goes.
	h.watching.Go(func() {
		<-s.done
		h.close()
	})
}

// close closes the screen, if there is one.
func (h *helm) close() {
	if h.left != nil {
		h.left()
	}
}

// reasonOf says what a signal means for a run: the exit code and a sentence.
func reasonOf(sig os.Signal) (ExitCode, string) {
	switch sig {
	case syscall.SIGTERM:
		return ExitTerminate, "stopped by SIGTERM"
	case syscall.SIGHUP:
		return ExitHangup, "stopped because the terminal went away (SIGHUP)"
	}
	return ExitInterrupt, "stopped by Ctrl+C"
}
