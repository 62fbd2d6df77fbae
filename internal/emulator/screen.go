// Package emulator is the terminal of a test: it shows what a program writes to
// a pseudo-terminal as its user would see it. Only tests import it.
package emulator

import (
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/hinshun/vt10x"
)

// Screen is an emulated screen. What is written to it shows on it. It is safe
// for concurrent use.
type Screen struct {
	vt10x.Terminal
	mu      sync.Mutex
	written []byte // all so far
	shown   int    // how much of it the emulator has
}

// New returns an empty screen of a size in cells.
func New(columns, lines int) *Screen {
	return &Screen{Terminal: vt10x.New(vt10x.WithSize(columns, lines))}
}

// Write shows p. The emulator is never given half a character: it would not put
// the halves together.
func (s *Screen) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.written = append(s.written, p...)
	if whole := wholeRunes(s.written); whole > s.shown {
		s.Terminal.Write(s.written[s.shown:whole])
		s.shown = whole
	}
	return len(p), nil
}

// wholeRunes returns how many bytes of b are whole characters.
func wholeRunes(b []byte) int {
	for i := len(b) - 1; i >= 0 && i > len(b)-utf8.UTFMax; i-- {
		if utf8.RuneStart(b[i]) {
			if !utf8.FullRune(b[i:]) {
				return i
			}
			break
		}
	}
	return len(b)
}

// Written returns all that was written so far.
func (s *Screen) Written() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return string(s.written)
}

// Count returns how many bytes were written so far.
func (s *Screen) Count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.written)
}

// Sees waits until the screen shows every text, and none of those that begin
// with "!"; after patience the test fails.
func (s *Screen) Sees(t testing.TB, patience time.Duration, texts ...string) {
	t.Helper()
	s.Until(t, patience, "the screen shows "+strings.Join(texts, " and "), func() bool {
		shown := s.String()
		for _, text := range texts {
			want, gone := strings.CutPrefix(text, "!")
			if strings.Contains(shown, want) == gone {
				return false
			}
		}
		return true
	})
}

// Until waits until something holds; after patience the test fails.
func (s *Screen) Until(t testing.TB, patience time.Duration, what string, holds func() bool) {
	t.Helper()
	deadline := time.NewTimer(patience)
	defer deadline.Stop()
	look := time.NewTicker(2 * time.Millisecond)
	defer look.Stop()
	for !holds() {
		select {
		case <-look.C:
		case <-deadline.C:
			t.Fatalf("it never came to this: %s; the screen shows\n%s", what, s)
		}
	}
}
