package tui

import (
	"strings"

	tea "charm.land/bubbletea/v2"
)

// columnsBox chooses the columns of the view of routes.
type columnsBox struct {
	pane *routesPane
	list list
}

func newColumnsEditor(p *routesPane) *columnsBox {
	b := &columnsBox{pane: p}
	b.list.set(len(routeColumns)-1, len(routeColumns))
	return b
}

func (b *columnsBox) press(msg tea.KeyPressMsg) (tea.Cmd, bool) {
	switch msg.String() {
	case "esc", "q", "enter", "C":
		return nil, true
	case "up", "k":
		b.list.move(-1)
	case "down", "j":
		b.list.move(1)
	case "space", "x":
		name := routeColumns[b.list.cursor+1].name
		b.pane.hidden[name] = !b.pane.hidden[name]
	case "a":
		clear(b.pane.hidden)
	}
	return nil, false
}

func (b *columnsBox) box(w, h int) string {
	s := b.pane.run.s
	width := min(w-4, 72)
	var lines []string
	for i, c := range routeColumns[1:] {
		box := "[x] "
		if b.pane.hidden[c.name] {
			box = "[ ] "
		}
		line := fit(" "+box+fit(c.name, 8)+c.title, width-2)
		if i == b.list.cursor {
			line = s.selected.Render(line)
		}
		lines = append(lines, line)
	}
	room := min(h-2, len(lines)+2)
	first := max(0, min(b.list.cursor-(room-2)/2, len(lines)-(room-2)))
	return s.panel(s.title.Render("columns"), strings.Join(lines[first:], "\n"), "where room is short, some are left out by themselves", width, room)
}

func (b *columnsBox) footer(w int) string {
	return hints(b.pane.run.s, w, hint{b.pane.run.s.glyph.updown, "choose", 0}, hint{"space", "show or hide", 0}, hint{"a", "all", 1}, hint{"esc", "back", 0})
}
