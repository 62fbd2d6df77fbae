package tui

import (
	"io"
	"time"

	tea "charm.land/bubbletea/v2"
)

// asideMsg asks for a call while the terminal is given back.
type asideMsg func()

// lostMsg says that the terminal could not be taken again.
type lostMsg struct{ error }

// call makes the call. Nothing else happens on the screen meanwhile; afterwards
// it is drawn anew.
func (f asideMsg) call() tea.Cmd {
	return tea.Exec(aside(f), func(err error) tea.Msg {
		if err != nil {
			return lostMsg{err}
		}
		return nil
	})
}

// aside is a function as Bubble Tea calls it.
type aside func()

// Run calls it.
func (f aside) Run() error {
	f()
	time.Sleep(settling)
	return nil
}

// settling is long enough for Bubble Tea's drawing to come to rest. It does so
// on its own, after the terminal was given back; where it is told to go on
// before, it rests forever.
const settling = 20 * time.Millisecond

// SetStdin does nothing, and neither do the other two: a function needs none.
func (aside) SetStdin(io.Reader) {}

// SetStdout does nothing.
func (aside) SetStdout(io.Writer) {}

// SetStderr does nothing.
func (aside) SetStderr(io.Writer) {}
