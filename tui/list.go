package tui

import (
	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
)

// list is a cursor in a list of lines and which of them show.
type list struct {
	cursor, first int
	n, h          int // lines there are, lines that fit
}

// set takes how many lines there are and how many fit.
func (l *list) set(n, h int) {
	l.n, l.h = n, max(1, h)
	l.move(0)
	l.first = scroll(l.first, l.cursor, n, l.h)
}

func (l *list) move(by int) { l.cursor = max(0, min(l.cursor+by, l.n-1)) }

// press takes the keys that move the cursor.
func (l *list) press(msg tea.KeyPressMsg, k *keyMap) bool {
	switch {
	case key.Matches(msg, k.next):
		l.move(1)
	case key.Matches(msg, k.prev):
		l.move(-1)
	case key.Matches(msg, k.pageDown):
		l.move(l.h)
	case key.Matches(msg, k.pageUp):
		l.move(-l.h)
	case key.Matches(msg, k.top):
		l.move(-l.n)
	case key.Matches(msg, k.bottom):
		l.move(l.n)
	default:
		return false
	}
	return true
}

// fitCut returns the longest beginning of plain text that fits into w cells,
// at least one character.
func fitCut(s string, w int) string {
	head := ansi.Truncate(s, w, "")
	if head == "" {
		for i := range s {
			if i > 0 {
				return s[:i]
			}
		}
		return s
	}
	return head
}
