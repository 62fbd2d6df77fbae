package tui

import (
	"math"
	"slices"
	"strings"
	"time"

	"charm.land/lipgloss/v2"

	"brink/runner/stats"
)

// charts draws load → throughput and load → p95 beside each other, for at least
// two levels.
func (p *levelsPane) charts(rows []stats.Level, c stats.Capacity, w, h int) string {
	curve := make([]stats.Level, len(c.Curve))
	for i, row := range c.Curve {
		curve[i] = rows[row]
	}
	left := w / 2
	if w < 72 {
		left = w
	}
	throughput := p.curve(curve, c, rows, "successes/s by load", left, h, (*stats.Level).Throughput)
	if left == w {
		return throughput
	}
	p95 := p.curve(curve, c, rows, "p95 by load, ms", w-left, h, func(l *stats.Level) float64 {
		return float64(l.Summary.Total.All().Percentile(95)) / float64(time.Millisecond)
	})
	return lipgloss.JoinHorizontal(lipgloss.Top, throughput, p95)
}

// curve draws one value of at least two levels over their load, with a mark where the
// knee is and where the thresholds break.
func (p *levelsPane) curve(curve []stats.Level, c stats.Capacity, rows []stats.Level, title string, w, h int, value func(*stats.Level) float64) string {
	s := p.run.s
	n := columnsIn(w)
	least, most := curve[0].Load(), curve[len(curve)-1].Load()
	at := func(load float64) int {
		return int(math.Round((load - least) / (most - least) * float64(n-1)))
	}
	values := make([]float64, n)
	for i := range values {
		values[i] = math.NaN()
	}
	for i := range curve {
		x, v := at(curve[i].Load()), value(&curve[i])
		values[x] = v
		if i > 0 {
			px, pv := at(curve[i-1].Load()), value(&curve[i-1])
			for j := px + 1; j < x; j++ {
				values[j] = pv + (v-pv)*float64(j-px)/float64(x-px)
			}
		}
	}
	top := roundUp(highest(values))
	ch := chart{lines: []line{{values: values}}}
	panel := s.panel(s.title.Render(title), ch.plot(s, top, 1, w-2, h-2), "", w, h)
	cut := strings.LastIndexByte(panel, '\n')
	return panel[:cut+1] + p.loadAxis(curve, c, rows, w, at)
}

// loadAxis draws the lower edge of a curve: the loads, and what is marked.
func (p *levelsPane) loadAxis(curve []stats.Level, c stats.Capacity, rows []stats.Level, w int, at func(float64) int) string {
	s := p.run.s
	cells := make([]string, w)
	for i := range cells {
		cells[i] = s.border.Render(s.box.Bottom)
	}
	cells[0], cells[w-1] = s.border.Render(s.box.BottomLeft), s.border.Render(s.box.BottomRight)
	// What is marked comes first, the signs behind each other where they are
	// close; the other loads take the room that is left.
	taken := make([]bool, w)
	write := func(x int, text string, style lipgloss.Style) {
		for i, r := range []rune(text) {
			cells[x+i], taken[x+i] = style.Render(string(r)), true
		}
	}
	free := 1
	for i := range curve {
		sign, style := p.markOf(curve[i].Load(), c, rows)
		if sign == "" {
			continue
		}
		text := perSecond(curve[i].Load()) + sign
		n := lipgloss.Width(text)
		if x := max(free, min(1+yAxis+at(curve[i].Load()), w-1-n)); x+n < w {
			write(x, text, style)
			free = x + n + 1
		}
	}
	for i := range curve {
		text := perSecond(curve[i].Load())
		x := min(1+yAxis+at(curve[i].Load()), w-1-len(text))
		if x > 1 && !slices.Contains(taken[x-1:x+len(text)+1], true) {
			write(x, text, s.dim)
		}
	}
	return strings.Join(cells, "")
}

// markOf is what a load is in the curve: the sign for the axis, empty where it
// is nothing special.
func (p *levelsPane) markOf(load float64, c stats.Capacity, rows []stats.Level) (string, lipgloss.Style) {
	s := p.run.s
	is := func(row int) bool { return row >= 0 && load == rows[row].Load() }
	switch {
	case is(c.Knee):
		return s.glyph.mark + "knee", s.mark
	case is(c.Breaks):
		return s.glyph.mark + "breaks", s.bad
	case is(c.Holds):
		return s.glyph.mark + "holds", s.good
	case slices.ContainsFunc(c.Unknown, is):
		return s.glyph.mark + "unknown", s.warn
	}
	return "", s.dim
}
