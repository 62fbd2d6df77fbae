package tui

import (
	"fmt"
	"strings"

	"charm.land/lipgloss/v2"
	"charm.land/lipgloss/v2/table"
)

// routeTable draws rows of routes as a table. It is a function of what is in
// it and of the room there is.
type routeTable struct {
	rows    []row
	columns []column
	sort    string // name of the column the rows are sorted by; empty: none
	down    bool
	cursor  int // the selected row; -1: none
	first   int // the first row shown
	trend   bool
	scope   string     // what is counted, beside the first head; may be empty
	marks   []headMark // where the heads were drawn
}

// draw draws the table in w by h cells. The last row, the total, always shows.
func (t *routeTable) draw(s *styles, w, h int) string {
	name := t.nameWidth(w)
	columns := choose(t.columns, name, w-1)
	trend := 0
	used := 1
	for _, c := range columns[1:] {
		used += c.width
	}
	name = min(t.longestName(), w-used)
	if rest := w - used - name; t.trend && rest >= 8 {
		trend = min(rest, 2+trendPoints)
	}
	shown, total := t.visible(h - 1)
	t.mark(columns, name)
	grid := table.New().Border(lipgloss.HiddenBorder()).
		BorderTop(false).BorderBottom(false).BorderLeft(false).BorderRight(false).
		BorderColumn(false).BorderHeader(false).BorderRow(false).Wrap(false).
		Headers(t.heads(s, columns, name, trend)...)
	lines := append(append([]row{}, shown...), total...)
	hidden := len(t.rows) - len(lines)
	for i := range lines {
		cells := t.cells(s, &lines[i], columns, name, trend)
		if t.first+i == t.cursor && i < len(shown) {
			cells[0] = s.glyph.selected + strings.TrimPrefix(cells[0], " ")
		}
		if lines[i].total && hidden > 0 {
			cells[0] = fit(fmt.Sprintf(" all; %d more: k j", hidden), name+1)
		}
		grid.Row(cells...)
	}
	grid.StyleFunc(func(r, c int) lipgloss.Style {
		switch {
		case r == table.HeaderRow && c < len(columns) && columns[c].name == t.sort && t.sort != "":
			return s.headOn
		case r == table.HeaderRow:
			return s.head
		case r >= len(lines):
			return s.plain
		case r == t.cursor-t.first && r < len(shown):
			return s.selected
		case c < len(columns) && columns[c].alarm && columns[c].value(&lines[r]) > 0:
			return s.bad
		case c == len(columns):
			return s.dim
		case lines[r].total:
			return s.bold
		}
		return s.plain
	})
	return fill(grid.Render(), w, h)
}

// mark notes where the heads are.
func (t *routeTable) mark(columns []column, name int) {
	t.marks = t.marks[:0]
	end := name + 1
	for i, c := range columns {
		if i > 0 {
			end += c.width
		}
		t.marks = append(t.marks, headMark{c.name, end})
	}
}

// longestName is how many cells the names want.
func (t *routeTable) longestName() int {
	n := 8 + lipgloss.Width(t.scope)
	for i := range t.rows {
		n = max(n, lipgloss.Width(t.rows[i].name())+2)
	}
	return n
}

// nameWidth is how many cells the names get at least.
func (t *routeTable) nameWidth(w int) int { return min(t.longestName(), max(12, w/3)) }

// visible returns the rows shown in h lines, and the total.
func (t *routeTable) visible(h int) (shown, total []row) {
	rows := t.rows
	if n := len(rows); n > 0 && rows[n-1].total {
		rows, total = rows[:n-1], rows[n-1:]
		h--
	}
	h = max(0, h)
	t.first = scroll(t.first, t.cursor, len(rows), h)
	return rows[t.first:min(len(rows), t.first+h)], total
}

// scroll returns the first of n lines to show in h lines so that the cursor is
// among them.
func scroll(first, cursor, n, h int) int {
	if cursor >= 0 {
		first = min(first, cursor)
		first = max(first, cursor-h+1)
	}
	return max(0, min(first, n-h))
}

func (t *routeTable) heads(s *styles, columns []column, name, trend int) []string {
	out := make([]string, 0, len(columns)+1)
	for i, c := range columns {
		text := c.name
		if c.name == t.sort {
			if t.down {
				text += s.glyph.down
			} else {
				text += s.glyph.up
			}
		}
		if i == 0 {
			if t.scope != "" {
				text += " " + t.scope
			}
			out = append(out, fit(" "+text, name+1))
		} else {
			out = append(out, fitRight(text, c.width))
		}
	}
	if trend > 0 {
		out = append(out, fit("  TREND", trend))
	}
	return out
}

func (t *routeTable) cells(s *styles, r *row, columns []column, name, trend int) []string {
	out := make([]string, 0, len(columns)+1)
	for i, c := range columns {
		if i == 0 {
			out = append(out, fit(" "+c.cell(s, r), name+1))
		} else {
			out = append(out, fitRight(c.cell(s, r), c.width))
		}
	}
	if trend > 0 {
		line := strings.Repeat(" ", trend)
		if !r.total {
			line = "  " + sparkline(s, r.trend, trend-2)
		}
		out = append(out, line)
	}
	return out
}
