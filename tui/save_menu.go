package tui

import (
	"strings"

	tea "charm.land/bubbletea/v2"
)

// saveMenu writes a report while the run goes on.
type saveMenu struct {
	run  *runScreen
	list list
}

// savedMsg brings what was written.
type savedMsg struct {
	name  string
	paths []string
	err   error
}

func newSaveMenu(r *runScreen) *saveMenu {
	m := &saveMenu{run: r}
	m.list.set(len(r.started.Saves), len(r.started.Saves))
	return m
}

func (m *saveMenu) press(msg tea.KeyPressMsg) (tea.Cmd, bool) {
	saves := m.run.started.Saves
	switch k := msg.String(); {
	case k == "up" || k == "k":
		m.list.move(-1)
	case k == "down" || k == "j":
		m.list.move(1)
	case k == "enter" && len(saves) > 0:
		return m.save(saves[m.list.cursor]), true
	case len(k) == 1 && k[0] >= '1' && int(k[0]-'1') < len(saves):
		return m.save(saves[k[0]-'1']), true
	default:
		return nil, true
	}
	return nil, false
}

func (m *saveMenu) save(s Save) tea.Cmd {
	m.run.say("writing "+s.Name+m.run.s.glyph.ellipsis, false)
	return guarded(func() tea.Msg {
		paths, err := s.Do()
		return savedMsg{s.Name, paths, err}
	})
}

// saved tells where a report is.
func (r *runScreen) saved(m savedMsg) {
	switch {
	case m.err != nil:
		r.say(m.err.Error(), true)
	case len(m.paths) == 1:
		r.say("written: "+m.paths[0], false)
	default:
		r.say(plural(len(m.paths), "file")+" written: "+strings.Join(m.paths, ", "), false)
	}
}

func (m *saveMenu) box(w, h int) string {
	s := m.run.s
	saves := m.run.started.Saves
	width := min(w-4, 50)
	lines := make([]string, 0, len(saves))
	for i, sv := range saves {
		line := fit("  "+string(rune('1'+i))+"  "+sv.Name, width-2)
		if i == m.list.cursor {
			line = s.selected.Render(line)
		}
		lines = append(lines, line)
	}
	if len(saves) == 0 {
		lines = append(lines, "  Nothing can be saved from here.", "  Everything is saved when the run ends.")
	}
	return s.panel(s.title.Render("save now; the run goes on"), strings.Join(lines, "\n"), "esc: back", width, min(h-2, len(lines)+2))
}

func (m *saveMenu) footer(w int) string {
	return hints(m.run.s, w, hint{m.run.s.glyph.updown, "choose", 0}, hint{"enter", "save", 0}, hint{"esc", "back", 0})
}
