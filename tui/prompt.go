package tui

import (
	"strconv"
	"strings"

	"charm.land/bubbles/v2/textinput"
	tea "charm.land/bubbletea/v2"
	"charm.land/lipgloss/v2"

	"brink/runner/stats"
)

// prompt asks for one line in the footer.
type prompt struct {
	s     *styles
	label string
	input textinput.Model
	width int    // cells the line gets, where there is room
	wrong string // what is wrong with the line
	// accept takes the line; a sentence says why it makes no sense.
	accept func(text string) (cmd tea.Cmd, wrong string)
}

func newPrompt(s *styles, label, hint string, accept func(string) (tea.Cmd, string)) *prompt {
	p := &prompt{s: s, label: label, input: newInput(s, 24), width: 24, accept: accept}
	p.input.Placeholder = hint
	p.input.Focus()
	return p
}

func newUsersPrompt(r *runScreen) *prompt {
	return newPrompt(r.s, "users", "a number", func(text string) (tea.Cmd, string) {
		n, err := strconv.Atoi(text)
		if err != nil || n < 0 || n > maxUsers {
			return nil, "a whole number from 0 to 1000000"
		}
		return r.setUsers(n), ""
	})
}

func newRatePrompt(r *runScreen) *prompt {
	return newPrompt(r.s, "requests a second", "a number", func(text string) (tea.Cmd, string) {
		v, err := strconv.ParseFloat(strings.TrimSuffix(text, "/s"), 64)
		if err != nil || !(v >= 0 && v <= maxUsers) {
			return nil, "a number from 0 to 1000000"
		}
		return r.setRate(v), ""
	})
}

func newMarkPrompt(r *runScreen) *prompt {
	p := newPrompt(r.s, "mark", "what happens now?", func(text string) (tea.Cmd, string) {
		if text == "" {
			text = "mark"
		}
		return r.wishes.send(stats.Wish{Mark: text}), ""
	})
	p.width = 60
	return p
}

func (p *prompt) press(msg tea.KeyPressMsg) (tea.Cmd, bool) {
	switch msg.String() {
	case "esc":
		return nil, true
	case "enter":
		cmd, wrong := p.accept(strings.TrimSpace(p.input.Value()))
		p.wrong = wrong
		return cmd, wrong == ""
	}
	p.wrong = ""
	p.input, _ = p.input.Update(msg)
	return nil, false
}

func (p *prompt) paste(msg tea.PasteMsg) { p.input, _ = p.input.Update(msg) }

func (p *prompt) box(int, int) string { return "" }

func (p *prompt) footer(w int) string {
	note := p.s.key.Render("enter") + " " + p.s.dim.Render("sets") + "  " + p.s.key.Render("esc") + " " + p.s.dim.Render("cancels") + " "
	if p.wrong != "" {
		note = p.s.bad.Render(p.s.glyph.warning+" "+p.wrong) + " "
	}
	label := " " + p.s.bold.Render(p.label+":") + " "
	// One cell more is for the cursor behind the line, one is the gap.
	p.input.SetWidth(max(8, min(p.width, w-lipgloss.Width(label)-lipgloss.Width(note)-2)))
	return spread(label+p.input.View(), note, w)
}
