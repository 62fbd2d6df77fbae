package tui

import (
	"fmt"
	"slices"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"
	"charm.land/lipgloss/v2"

	"brink/runner/stats"
)

// levelsPane is the capacity curve: what came out of every level of load that
// was held long enough.
type levelsPane struct {
	run  *runScreen
	list list
}

func newLevelsPane(r *runScreen) pane { return &levelsPane{run: r} }

func (p *levelsPane) press(msg tea.KeyPressMsg) (tea.Cmd, bool) {
	return nil, p.list.press(msg, p.run.k)
}

func (p *levelsPane) mouse(msg tea.MouseMsg, _, _ int) {
	if m, ok := msg.(tea.MouseWheelMsg); ok {
		p.list.move(wheel(m))
	}
}

func (p *levelsPane) hints() []hint { return []hint{{"j k", "scroll", 4}} }

func (p *levelsPane) draw(w, h int) string {
	s := p.run.s
	rows := p.run.tally.levels.Rows()
	if len(rows) == 0 {
		return fill("\n  No level yet.\n\n  Hold a load for some seconds, then take another: each becomes a row here,\n  and the rows become the capacity curve. "+
			s.key.Render("u")+" sets the users, "+s.key.Render(p.run.k.upTen.Help().Key)+" adds ten.", w, h)
	}
	thresholds := p.run.tally.levels.Thresholds
	capacity := stats.FindCapacity(rows, thresholds)
	lines := append([]string{}, wrap(conclusion(rows, capacity, thresholds), w-2, " ")...)
	for i := range lines {
		lines[i] = s.bold.Render(lines[i])
	}
	if len(capacity.Curve) < 2 {
		lines = append(lines, " Take another load, and the curve begins: "+s.key.Render(p.run.k.upTen.Help().Key)+" adds ten, "+s.key.Render("u")+" types a number.", "")
	} else if room := roundHeight(min(19, h-len(lines)-min(len(rows)+1, max(5, h/3)))); room >= 7 {
		lines = append(lines, p.charts(rows, capacity, w, room))
	}
	used := lipgloss.Height(strings.Join(lines, "\n"))
	lines = append(lines, p.table(rows, capacity, w, h-used))
	return fill(strings.Join(lines, "\n"), w, h)
}

// conclusion says in a sentence what the levels show.
func conclusion(rows []stats.Level, c stats.Capacity, thresholds []stats.Threshold) string {
	var parts []string
	switch {
	case c.Holds >= 0 && c.Breaks >= 0:
		parts = append(parts, fmt.Sprintf("It holds %s; at %s %s.", loadOf(&rows[c.Holds]), loadOf(&rows[c.Breaks]), brokenBy(&rows[c.Breaks], thresholds)))
	case c.Holds >= 0:
		parts = append(parts, fmt.Sprintf("It holds %s; no level broke a threshold yet: go higher.", loadOf(&rows[c.Holds])))
	case c.Breaks >= 0:
		parts = append(parts, fmt.Sprintf("At %s %s; no level held yet: go lower.", loadOf(&rows[c.Breaks]), brokenBy(&rows[c.Breaks], thresholds)))
	case len(thresholds) == 0:
		parts = append(parts, "The scenario has no thresholds, so no level can hold or break them.")
	case len(c.Unknown) < len(c.Curve):
		parts = append(parts, "Too few requests in each level to hold the thresholds against.")
	}
	if len(c.Unknown) > 0 {
		parts = append(parts, unknown(rows, c.Unknown))
	}
	if c.Knee >= 0 {
		parts = append(parts, fmt.Sprintf("The knee is at %s: more load gives little more throughput.", loadOf(&rows[c.Knee])))
	}
	return strings.Join(parts, " ")
}

// unknown says of which loads nothing is known, and why.
func unknown(rows []stats.Level, which []int) string {
	var loads []string
	for _, i := range which {
		loads = append(loads, loadOf(&rows[i]))
	}
	return stats.NothingKnown(loads, rows[which[0]].Summary.Verdict().Reasons[0])
}

// brokenBy names the first threshold that a level breaks.
func brokenBy(l *stats.Level, thresholds []stats.Threshold) string {
	for i := range thresholds {
		if held, known := thresholds[i].HoldsFor(l.Summary); known && !held {
			return "\"" + clean(thresholds[i].Text) + "\" breaks"
		}
	}
	return "a threshold breaks"
}

func loadOf(l *stats.Level) string {
	if l.Model == stats.OpenModel {
		return perSecond(l.Rate) + " requests/s"
	}
	return plural(l.Users, "user")
}

// levelColumn is a column of the table of levels.
type levelColumn struct {
	name  string
	width int
	less  int // where room is short the highest go first
	cell  func(*stats.Level) string
}

var levelColumns = []levelColumn{
	{"LOAD", 14, 0, loadOf},
	{"HELD", 8, 4, func(l *stats.Level) string { return span(l.Summary.Duration().Round(time.Second)) }},
	{"OK/S", 9, 0, func(l *stats.Level) string { return perSecond(l.Throughput()) }},
	{"FAILED", 9, 0, func(l *stats.Level) string { return percent(l.Summary.Total.Failures, l.Summary.Total.Requests) }},
	{"P50", 8, 3, func(l *stats.Level) string { return millis(l.Summary.Total.All().Percentile(50)) }},
	{"P95", 8, 0, func(l *stats.Level) string { return millis(l.Summary.Total.All().Percentile(95)) }},
	{"P99", 8, 2, func(l *stats.Level) string { return millis(l.Summary.Total.All().Percentile(99)) }},
	{"FROM", 8, 5, func(l *stats.Level) string { return clock(l.Summary.From) }},
}

// columns returns the columns of the table: all there are, and who set the
// load, where a profile could have.
func (p *levelsPane) columns() []levelColumn {
	if p.run.setup.Profile == "" {
		return levelColumns
	}
	return append(slices.Clone(levelColumns), levelColumn{"BY", 9, 6, func(l *stats.Level) string {
		if l.Manual {
			return "hand"
		}
		return "profile"
	}})
}

// noteWidth is how many cells the notes behind a level take.
const noteWidth = 14

// fitting returns those of the columns that fit into w cells beside the notes.
func fitting(columns []levelColumn, w int) []levelColumn {
	out := slices.Clone(columns)
	for {
		sum, at := noteWidth, 0
		for i, c := range out {
			sum += c.width
			if c.less > out[at].less {
				at = i
			}
		}
		if sum <= w || out[at].less == 0 {
			return out
		}
		out = slices.Delete(out, at, at+1)
	}
}

// table lists the levels in the order of time.
func (p *levelsPane) table(rows []stats.Level, c stats.Capacity, w, h int) string {
	s := p.run.s
	p.list.set(len(rows), h-1)
	if p.list.cursor == 0 {
		p.list.first = max(0, len(rows)-(h-1))
	}
	columns := fitting(p.columns(), w)
	head := ""
	for _, col := range columns {
		head += fitRight(col.name, col.width)
	}
	lines := []string{s.head.Render(fit(head, w))}
	for i := p.list.first; i < min(len(rows), p.list.first+h-1); i++ {
		line := ""
		for _, col := range columns {
			line += fitRight(col.cell(&rows[i]), col.width)
		}
		lines = append(lines, fit(line+"  "+noteOf(s, i, c), w))
	}
	return fill(strings.Join(lines, "\n"), w, h)
}

// noteOf says what a level is in the curve.
func noteOf(s *styles, i int, c stats.Capacity) string {
	var notes []string
	if i == c.Holds {
		notes = append(notes, s.good.Render("holds"))
	}
	if i == c.Breaks {
		notes = append(notes, s.bad.Render("breaks"))
	}
	if i == c.Knee {
		notes = append(notes, s.mark.Render("knee"))
	}
	if slices.Contains(c.Unknown, i) {
		notes = append(notes, s.warn.Render("unknown"))
	}
	return strings.Join(notes, " ")
}
