package tui

import (
	"slices"
	"strings"
	"time"

	"brink/runner/stats"
)

// rule writes the time axis into the lower edge of the panel: clock times at
// the ticks, and a mark where the run was changed.
func (c *chart) rule(s *styles, panel string, w int) string {
	cut := strings.LastIndexByte(panel, '\n')
	if cut < 0 || !c.filled() {
		return panel
	}
	cells := make([]string, w)
	for i := range cells {
		cells[i] = s.border.Render(s.box.Bottom)
	}
	cells[0], cells[w-1] = s.border.Render(s.box.BottomLeft), s.border.Render(s.box.BottomRight)
	taken := make([]bool, w)
	for _, e := range c.events {
		if x, in := c.column(e.At, w); in && marked(e.Kind) {
			cells[x], taken[x] = s.mark.Render(s.glyph.mark), true
		}
	}
	c.ticks(s, cells, taken)
	return panel[:cut+1] + strings.Join(cells, "")
}

// ticks writes the clock times into the cells of the lower edge, evenly; where
// a mark is in the way a cell or two further on, or not at all.
func (c *chart) ticks(s *styles, cells []string, taken []bool) {
	const least = 9 // cells from one time to the next
	every := time.Duration(1)
	for perTick := float64(columnsIn(len(cells))) * float64(c.frame.step) / float64(c.frame.long); float64(every)*perTick < least; {
		every++
	}
	for t := c.frame.from; t <= c.frame.from+c.frame.long; t += c.frame.step {
		at, in := c.column(t, len(cells))
		if t/c.frame.step%every != 0 || !in {
			continue
		}
		text := clock(t)
		for x := at; x <= min(at+2, len(cells)-1-len(text)); x++ {
			if slices.Contains(taken[x:x+len(text)], true) {
				continue
			}
			for i, r := range text {
				cells[x+i] = s.dim.Render(string(r))
			}
			break
		}
	}
}

// column returns the cell of a moment in a chart of w cells.
func (c *chart) column(t time.Duration, w int) (int, bool) {
	if t < c.frame.from || c.frame.long <= 0 {
		return 0, false
	}
	n := columnsIn(w)
	x := int(float64(t-c.frame.from) / float64(c.frame.long) * float64(n))
	return 1 + yAxis + x, x < n
}

// marked reports whether an event shows on the time axis.
func marked(k stats.EventKind) bool {
	return k != stats.EventWarning && k != stats.EventStart
}
