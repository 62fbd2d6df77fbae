package reports

import (
	"slices"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"brink/runner/stats"
)

// narrowed leaves columns out, in the order of their headings in expendable,
// until the rows fit.
func (p *paper) narrowed(rows [][]string, expendable ...string) [][]string {
	for _, heading := range expendable {
		if p.width == 0 || lengthOf(widths(rows)) <= p.width {
			break
		}
		i := slices.Index(rows[0], heading)
		for n := range rows {
			rows[n] = slices.Delete(rows[n], i, i+1)
		}
	}
	return rows
}

// maxName is how much of a line on a terminal the name of a route may take.
const maxName = 40

// named makes a cell of a route's name.
func (p *paper) named(name string) string {
	return p.wrapped(stats.Clean(strings.TrimSpace(name), 200))
}

// wrapped makes a cell of some lines of a text that is long.
func (p *paper) wrapped(text string) string {
	if p.width == 0 {
		return text
	}
	return ansi.Wrap(text, maxName, "/")
}

// widths returns how wide each column is.
func widths(rows [][]string) []int {
	width := make([]int, len(rows[0]))
	for _, row := range rows {
		for i, c := range row {
			for line := range strings.SplitSeq(c, "\n") {
				width[i] = max(width[i], ansi.StringWidth(line))
			}
		}
	}
	return width
}

// lengthOf returns how wide a line of these columns is.
func lengthOf(width []int) int {
	sum := 2 * (len(width) - 1)
	for _, w := range width {
		sum += w
	}
	return sum
}

// layout says how a table is drawn.
type layout struct {
	numbers int // from this column on cells are aligned to the right; 0: none is
	text    int // the column that is wrapped where the rows are too wide
	total   int // the row that a rule goes before; 0: none does
}

// table writes rows in columns, the first row as a heading.
func (p *paper) table(rows [][]string, l layout) {
	width := widths(rows)
	if over := lengthOf(width) - p.width; p.width > 0 && over > 0 {
		room := max(minText, width[l.text]-over)
		for _, row := range rows {
			row[l.text] = ansi.Wrap(row[l.text], room, "/")
		}
		width = widths(rows)
	}
	for n, row := range rows {
		if n > 0 && n == l.total {
			p.line("%s", strings.Repeat("─", lengthOf(width)))
		}
		p.row(row, width, l, n == 0)
	}
}

// row writes a row in as many lines as its highest cell has.
func (p *paper) row(row []string, width []int, l layout, heading bool) {
	for n, more := 0, true; more; n++ {
		more = false
		var b strings.Builder
		for i, c := range row {
			lines := strings.Split(c, "\n")
			cell := ""
			if n < len(lines) {
				cell = lines[n]
			}
			more = more || n+1 < len(lines)
			pad := strings.Repeat(" ", max(0, width[i]-ansi.StringWidth(cell)))
			if i > 0 {
				b.WriteString("  ")
			}
			if l.numbers > 0 && i >= l.numbers {
				b.WriteString(pad + cell)
			} else {
				b.WriteString(cell + pad)
			}
		}
		line := strings.TrimRight(b.String(), " ")
		if heading {
			line = p.paint(bold, line)
		}
		p.line("%s", line)
	}
}
