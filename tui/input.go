package tui

import (
	"charm.land/bubbles/v2/textinput"
	"charm.land/lipgloss/v2"
)

// newInput returns a field to type into. Its cursor does not blink: a blinking
// one would have the terminal written to all the time.
func newInput(s *styles, width int) textinput.Model {
	in := textinput.New()
	in.Prompt = ""
	in.SetWidth(width)
	in.CharLimit = 200
	st := in.Styles()
	st.Cursor.Blink = false
	st.Focused = textinput.StyleState{Text: s.plain, Placeholder: s.dim, Suggestion: s.dim, Prompt: s.plain}
	st.Blurred = st.Focused
	st.Cursor.Color = lipgloss.NoColor{}
	in.SetStyles(st)
	return in
}
