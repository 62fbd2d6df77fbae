package tui

import (
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
	"charm.land/lipgloss/v2"
)

// helpBox shows every key of the view at hand.
type helpBox struct {
	s      *styles
	view   view
	groups []group
	first  int
}

func newHelp(r *runScreen) *helpBox {
	return &helpBox{s: r.s, view: r.showing, groups: r.k.groups(r.showing)}
}

func (b *helpBox) press(msg tea.KeyPressMsg) (tea.Cmd, bool) {
	switch msg.String() {
	case "down", "j", "pgdown":
		b.first += 4
	case "up", "k", "pgup":
		b.first = max(0, b.first-4)
	default:
		return nil, true
	}
	return nil, false
}

func (b *helpBox) box(w, h int) string {
	columns := 1
	if w >= 120 {
		columns = 2
	}
	width := min(w-4, columns*58)
	per := (width - 2) / columns
	var texts []string
	for i := range columns {
		var lines []string
		for j, g := range b.groups {
			if j*columns/len(b.groups) == i {
				lines = append(lines, b.group(g, per)...)
			}
		}
		texts = append(texts, fill(strings.Join(lines, "\n"), per, len(lines)))
	}
	lines := strings.Split(lipgloss.JoinHorizontal(lipgloss.Top, texts...), "\n")
	room := min(h-2, len(lines)+2)
	b.first = max(0, min(b.first, len(lines)-(room-2)))
	note := "any key: back"
	if len(lines) > room-2 {
		note = b.s.glyph.updown + " more, any other key: back"
	}
	return b.s.panel(b.s.title.Render("keys: "+b.view.String()), strings.Join(lines[b.first:], "\n"), note, width, room)
}

// group draws the keys of one heading.
func (b *helpBox) group(g group, w int) []string {
	lines := []string{fit(" "+b.s.brand.Render(g.title), w)}
	for _, k := range g.keys {
		lines = append(lines, fit("  "+b.s.key.Render(fit(helpKey(k), 9))+" "+k.Help().Desc, w))
	}
	return append(lines, "")
}

func helpKey(k key.Binding) string { return k.Help().Key }

func (b *helpBox) footer(w int) string {
	return hints(b.s, w, hint{b.s.glyph.updown, "scroll", 0}, hint{"any other key", "back", 0})
}

// firstBox shows what to do, once, on a first start.
func (r *runScreen) firstBox() string {
	s, k := r.s, r.k
	text := strings.Join([]string{
		"",
		"  " + s.key.Render(k.up.Help().Key+" "+k.down.Help().Key) + "  change the number of users while the load runs,",
		"       " + s.key.Render("u") + " types one; watch p95 and failures answer.",
		"  " + s.key.Render("tab") + "  goes through the views: levels tells how much it holds.",
		"  " + s.key.Render("q") + "    stops and saves everything; " + s.key.Render("?") + " shows all keys.",
	}, "\n")
	return s.panel(s.title.Render("welcome"), text, "any key: go on", min(r.w-2, 66), 7)
}
