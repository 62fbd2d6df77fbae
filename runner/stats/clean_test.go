package stats

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestClean(t *testing.T) {
	for in, want := range map[string]string{
		"plain text, 日本 👩‍🔬": "plain text, 日本 👩‍🔬",
		"\x1b[2Jgone":        `\x1b[2Jgone`,
		"a\r\nb\tc":          `a\r\nb\tc`,
		"\u009b31m":          `\x9b31m`,
		"abc\u202edcba":      `abc\u202edcba`,
		"broken \xff\xfe":    `broken \xff\xfe`,
		"\ufeffbom\u2028":    `\ufeffbom\u2028`,
		"\x00\x07\x7f":       `\x00\x07\x7f`,
	} {
		if got := Clean(in, 0); got != want {
			t.Errorf("Clean(%q) = %q; want %q", in, got, want)
		}
	}
	if got := Clean(strings.Repeat("é", 50), 10); got != strings.Repeat("é", 9)+"…" {
		t.Errorf("bounded: %q", got)
	}
	if got := Clean(strings.Repeat("é", 10), 10); got != strings.Repeat("é", 10) {
		t.Errorf("just fits: %q", got)
	}
}

func FuzzClean(f *testing.F) {
	f.Add("\x1b]52;c;aGk=\x07", 10)
	f.Fuzz(func(t *testing.T, s string, max int) {
		if got := Clean(s, max); !utf8.ValidString(got) || strings.ContainsFunc(got, Unsafe) {
			t.Fatalf("Clean(%q, %d) = %q", s, max, got)
		}
	})
}
