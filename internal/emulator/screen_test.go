package emulator

import (
	"testing"
	"time"
)

// A character that comes in halves shows whole, and so does what follows.
func TestHalfCharacters(t *testing.T) {
	s := New(20, 2)
	for _, b := range []byte("a → b 🚀\r\n预测") {
		s.Write([]byte{b})
	}
	s.Sees(t, time.Second, "a → b", "🚀", "预", "!�")
	if s.Written() != "a → b 🚀\r\n预测" || s.Count() != len(s.Written()) {
		t.Errorf("written: %q, %d bytes", s.Written(), s.Count())
	}
}
