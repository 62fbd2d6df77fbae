package tui

import (
	"fmt"
	"slices"
	"strings"

	"charm.land/bubbles/v2/key"
	"charm.land/bubbles/v2/textinput"
	tea "charm.land/bubbletea/v2"
)

// routesPane is the table of routes with all columns: sorted, filtered, and
// one route in detail.
type routesPane struct {
	run    *runScreen
	list   list
	scope  scope
	sort   string // name of the column
	down   bool
	hidden map[string]bool // columns by name
	filter textinput.Model
	typing bool // keys go to the filter
	open   *routeDetail
	memo   memo
	rows   []row // as drawn last
	marks  []headMark
}

// headMark is where a column's head was drawn.
type headMark struct {
	name string
	end  int // the cell after it
}

func newRoutesPane(r *runScreen) pane {
	p := &routesPane{run: r, hidden: map[string]bool{}, filter: newInput(r.s, 24)}
	p.filter.Placeholder = "part of a name"
	return p
}

func (p *routesPane) press(msg tea.KeyPressMsg) (tea.Cmd, bool) {
	k := p.run.k
	switch {
	case p.typing:
		return nil, p.typed(msg)
	case p.open != nil:
		return nil, p.open.press(msg, k, func() { p.open = nil })
	case p.list.press(msg, k):
	case key.Matches(msg, k.enter):
		p.show()
	case key.Matches(msg, k.sortNext):
		p.sortBy(1)
	case key.Matches(msg, k.sortPrev):
		p.sortBy(-1)
	case key.Matches(msg, k.reverse):
		p.down = !p.down
	case key.Matches(msg, k.scope):
		p.scope = (p.scope + 1) % numScopes
	case key.Matches(msg, k.filter):
		p.typing = true
		p.filter.Focus()
	case key.Matches(msg, k.columns):
		p.run.dialog = newColumnsEditor(p)
	case key.Matches(msg, k.back) && p.filter.Value() != "":
		p.filter.Reset()
	default:
		return nil, false
	}
	return nil, true
}

// typed takes a key for the filter.
func (p *routesPane) typed(msg tea.KeyPressMsg) bool {
	switch msg.String() {
	case "enter":
		p.typing = false
		p.filter.Blur()
	case "esc":
		p.typing = false
		p.filter.Blur()
		p.filter.Reset()
	default:
		p.filter, _ = p.filter.Update(msg)
		p.list.cursor = 0
	}
	return true
}

// columns returns the columns to show, with their twins when side by side.
func (p *routesPane) columns() []column {
	var out []column
	for _, c := range routeColumns {
		if p.hidden[c.name] {
			continue
		}
		out = append(out, c)
		if p.scope == sideBySide && c.pair {
			out = append(out, c.twin())
		}
	}
	return out
}

// sortBy sorts by the next or previous column; the better direction first.
func (p *routesPane) sortBy(by int) {
	var names []string
	for _, c := range routeColumns {
		if !p.hidden[c.name] {
			names = append(names, c.name)
		}
	}
	i := slices.Index(names, p.sort)
	if i < 0 && by < 0 {
		i = 0
	}
	p.sortOn(names[(i+by+len(names))%len(names)])
}

// sortOn sorts by a column: numbers from high to low first, names from A.
func (p *routesPane) sortOn(name string) {
	if p.sort == name {
		p.down = !p.down
		return
	}
	p.sort, p.down = name, name != routeColumns[0].name
}

// show opens the selected route.
func (p *routesPane) show() {
	if at := p.list.cursor; at < len(p.rows) {
		p.open = &routeDetail{route: p.rows[at].route}
	}
}

func (p *routesPane) mouse(msg tea.MouseMsg, x, y int) {
	switch m := msg.(type) {
	case tea.MouseWheelMsg:
		if p.open != nil {
			p.open.scroll.move(wheel(m))
		} else {
			p.list.move(wheel(m))
		}
	case tea.MouseClickMsg:
		y-- // the line above the table
		switch {
		case p.open != nil || y < 0:
		case y == 0:
			for _, h := range p.marks {
				if x < h.end {
					p.sortOn(h.name)
					return
				}
			}
		case p.list.first+y-1 < len(p.rows):
			at := p.list.first + y - 1
			if at == p.list.cursor {
				p.show()
			}
			p.list.cursor = at
		}
	}
}

func (p *routesPane) hints() []hint {
	switch {
	case p.typing:
		return []hint{{"enter", "keeps the filter", 0}, {"esc", "clears it", 0}}
	case p.open != nil:
		return []hint{{"esc", "back", 0}}
	}
	g := &p.run.s.glyph
	return []hint{{"j k", "select", 8}, {"enter", "open", 2}, {"/", "filter", 3}, {g.sides, "sort", 3}, {"c", "total/10 s", 5}, {"C", "columns", 9}}
}

func (p *routesPane) draw(w, h int) string {
	r, t := p.run, p.run.tally
	if p.open != nil {
		return p.open.draw(r.s, t, w, h)
	}
	type picture struct {
		version, w, h, cursor, first int
		scope                        scope
		sort, filter, hidden         string
		down, typing                 bool
		s                            *styles
	}
	k := picture{t.version, w, h, p.list.cursor, p.list.first, p.scope, p.sort, p.filter.Value(), fmt.Sprint(p.hidden), p.down, p.typing, r.s}
	return p.memo.get(k, func() string { return p.table(w, h) })
}

func (p *routesPane) table(w, h int) string {
	r, t := p.run, p.run.tally
	rows := t.rows(r.known, p.scope)
	if want := strings.ToLower(p.filter.Value()); want != "" {
		rows = slices.DeleteFunc(rows, func(r row) bool {
			return !r.total && !strings.Contains(strings.ToLower(r.route.String()), want)
		})
	}
	for i := range routeColumns {
		if routeColumns[i].name == p.sort {
			sortRows(rows, &routeColumns[i], p.down)
		}
	}
	p.rows = rows[:len(rows)-1]
	p.list.set(len(p.rows), h-3)
	table := routeTable{rows: rows, columns: p.columns(), sort: p.sort, down: p.down, cursor: p.list.cursor, first: p.list.first, trend: true}
	text := table.draw(r.s, w, h-1)
	p.list.first = table.first
	p.marks = table.marks
	return p.title(w) + "\n" + text
}

// title says what the table counts and what is filtered.
func (p *routesPane) title(w int) string {
	s, t := p.run.s, p.run.tally
	text := p.scope.String()
	if t.since > 0 && p.scope != lastSeconds {
		text = strings.Replace(text, "since the start", "since "+clock(t.since), 1)
	}
	left := " " + s.dim.Render(text)
	switch {
	case p.typing:
		left = " " + s.bold.Render("filter: ") + p.filter.View()
	case p.filter.Value() != "":
		left += s.warn.Render("  only names with \"" + clean(p.filter.Value()) + "\"")
	}
	return spread(left, s.dim.Render("ms; percentiles of all requests, failed ones too "), w)
}
