package tui

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"time"

	"charm.land/lipgloss/v2"

	"brink/runner/stats"
)

// charts draws load → throughput and load → p95 beside each other.
func (p *levelsPane) charts(rows []stats.Level, c stats.Capacity, w, h int) string {
	curve := levelsByLoad(rows)
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

// levelsByLoad returns the levels of the latest model by load, the latest of
// equal ones.
func levelsByLoad(rows []stats.Level) []stats.Level {
	last := rows[len(rows)-1].Model
	var out []stats.Level
	for i := len(rows) - 1; i >= 0; i-- {
		same := func(l stats.Level) bool { return l.Load() == rows[i].Load() }
		if rows[i].Model == last && !slices.ContainsFunc(out, same) {
			out = append(out, rows[i])
		}
	}
	slices.SortFunc(out, func(a, b stats.Level) int { return cmp.Compare(a.Load(), b.Load()) })
	return out
}

// curve draws one value of the levels over their load, with a mark where the
// knee is and where the thresholds break.
func (p *levelsPane) curve(curve []stats.Level, c stats.Capacity, rows []stats.Level, title string, w, h int, value func(*stats.Level) float64) string {
	s := p.run.s
	n := columnsIn(w)
	least, most := curve[0].Load(), curve[len(curve)-1].Load()
	at := func(load float64) int {
		if most == least {
			return 0
		}
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
	if len(curve) == 1 {
		values = append([]float64{values[0], values[0], values[0]}, values[3:]...)
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
	write := func(x int, text string, style lipgloss.Style) int {
		for i, r := range []rune(text) {
			if x+i < w-1 {
				cells[x+i] = style.Render(string(r))
			}
		}
		return x + len([]rune(text))
	}
	free := 0
	for i := range curve {
		text := perSecond(curve[i].Load())
		x := max(1, min(1+yAxis+at(curve[i].Load()), w-1-len(text)))
		style, sign := s.dim, ""
		switch {
		case c.Knee >= 0 && curve[i].Load() == rows[c.Knee].Load():
			style, sign = s.mark, s.glyph.mark+"knee"
		case c.Breaks >= 0 && curve[i].Load() == rows[c.Breaks].Load():
			style, sign = s.bad, s.glyph.mark+"breaks"
		case c.Holds >= 0 && curve[i].Load() == rows[c.Holds].Load():
			style, sign = s.good, s.glyph.mark+"holds"
		}
		if x < free && sign == "" || x+len(text) > w-1 {
			continue
		}
		free = write(max(x, free), text+sign, style) + 1
	}
	return strings.Join(cells, "")
}
