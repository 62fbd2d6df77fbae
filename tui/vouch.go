package tui

import (
	"strings"

	"charm.land/bubbles/v2/textinput"
	tea "charm.land/bubbletea/v2"
)

// Unvouched is Start's error for a public host that the user has not said may
// be loaded. The screen has its name typed, calls Vouch, and starts again.
type Unvouched struct {
	Host string
	Err  error // for who leaves the screen instead
}

func (e *Unvouched) Error() string { return e.Err.Error() }

// Unwrap returns Err.
func (e *Unvouched) Unwrap() error { return e.Err }

// vouching has the name of a public host typed before it is loaded.
type vouching struct {
	*common
	setup Setup
	host  string
	input textinput.Model
	wrong bool
}

func newVouching(c *common, setup Setup, host string) *vouching {
	v := &vouching{common: c, setup: setup, host: host, input: newInput(c.s, 50)}
	v.input.CharLimit = 300
	v.input.Focus()
	return v
}

func (v *vouching) update(msg tea.Msg) tea.Cmd {
	key, ok := msg.(tea.KeyPressMsg)
	if !ok {
		return nil
	}
	switch key.String() {
	case "esc", "ctrl+c":
		return func() tea.Msg { return backMsg{} }
	case "enter":
		if v.wrong = !strings.EqualFold(strings.TrimSpace(v.input.Value()), v.host); v.wrong {
			return nil
		}
		v.Vouch(v.host)
		return func() tea.Msg { return beginMsg{v.setup} }
	}
	v.wrong = false
	var cmd tea.Cmd
	v.input, cmd = v.input.Update(msg)
	return cmd
}

func (v *vouching) view() string {
	host := clean(v.host)
	lines := []string{
		"",
		"  " + v.s.brand.Render("brink") + "  " + v.s.warn.Render(v.s.glyph.warning+" "+host+" is a public address."),
		"",
		"  Load only what is yours, or what you were asked to load.",
		"  Type its name to go on:",
		"",
		"  " + v.input.View(),
		"",
	}
	if v.wrong {
		lines = append(lines, "  "+v.s.bad.Render("That is not "+host+"."), "")
	}
	lines = append(lines, "  "+v.s.key.Render("enter")+" goes on   "+v.s.key.Render("esc")+" goes back, nothing was sent")
	return fill(strings.Join(lines, "\n"), v.w, v.h)
}
