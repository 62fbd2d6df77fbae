package tui

import (
	"strings"

	tea "charm.land/bubbletea/v2"
	"charm.land/lipgloss/v2"

	"brink/runner/stats"
)

// logPane is the view of what happened when.
type logPane struct {
	run  *runScreen
	list list
	tail bool // the latest shows
}

func newLogPane(r *runScreen) pane { return &logPane{run: r, tail: true} }

func (p *logPane) press(msg tea.KeyPressMsg) (tea.Cmd, bool) {
	taken := p.list.press(msg, p.run.k)
	if taken {
		p.tail = p.list.cursor >= p.list.n-1
	}
	return nil, taken
}

func (p *logPane) mouse(msg tea.MouseMsg, _, y int) {
	switch m := msg.(type) {
	case tea.MouseWheelMsg:
		p.list.move(wheel(m))
	case tea.MouseClickMsg:
		p.list.move(p.list.first + y - p.list.cursor)
	}
	p.tail = p.list.cursor >= p.list.n-1
}

func (p *logPane) hints() []hint { return []hint{{"j k", "scroll", 2}, {"G", "latest", 3}} }

func (p *logPane) draw(w, h int) string {
	s, events := p.run.s, p.run.tally.events
	if len(events) == 0 {
		return fill("\n  Nothing happened yet.\n\n  Live changes, marks ("+s.key.Render("m")+"), stages of the profile and warnings\n  will be listed here.", w, h)
	}
	p.list.set(len(events), h)
	if p.tail {
		p.list.cursor = len(events) - 1
		p.list.set(len(events), h)
	}
	var lines []string
	for i := p.list.first; i < min(len(events), p.list.first+h); i++ {
		line := eventLine(s, &events[i], w)
		if i == p.list.cursor && !p.tail {
			line = s.selected.Render(fit(lipgloss.NewStyle().Render(eventText(&events[i])), w))
		}
		lines = append(lines, line)
	}
	return fill(strings.Join(lines, "\n"), w, h)
}

// eventText is an event in one plain line.
func eventText(e *stats.Event) string {
	return fitRight(clock(e.At), 8) + "  " + fit(e.Kind.String(), 9) + " " + clean(e.Text)
}

// eventLine draws an event in one line.
func eventLine(s *styles, e *stats.Event, w int) string {
	kind := s.dim
	switch e.Kind {
	case stats.EventWarning:
		kind = s.warn
	case stats.EventMark:
		kind = s.mark
	case stats.EventStart, stats.EventStop:
		kind = s.bold
	}
	return fit(s.dim.Render(fitRight(clock(e.At), 8))+"  "+kind.Render(fit(e.Kind.String(), 9))+" "+clean(e.Text), w)
}

// logPanel draws the latest events beside the failures of the live view.
func logPanel(s *styles, t *tally, w, h int) string {
	events := t.events[max(0, len(t.events)-(h-2)):]
	lines := make([]string, len(events))
	for i := range events {
		lines[i] = eventLine(s, &events[i], w-2)
	}
	return s.panel(s.title.Render("log"), strings.Join(lines, "\n"), "", w, h)
}
