package tui

import (
	"fmt"
	"strings"
	"time"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
	"charm.land/lipgloss/v2"

	"brink/runner/stats"
)

// livePane is the view that one works in: charts, the table of routes, the
// latest failures.
type livePane struct {
	run    *runScreen
	ranges chartRange
	scope  scope
	first  int // the first route shown
	charts memo
	routes memo
}

func newLivePane(r *runScreen) pane { return &livePane{run: r} }

// memo keeps a drawn panel until what it was drawn from changes.
type memo struct {
	key  any
	text string
}

// get returns the panel for a key, drawing it anew where the key is another.
func (m *memo) get(key any, draw func() string) string {
	if m.key != key {
		m.key, m.text = key, draw()
	}
	return m.text
}

func (p *livePane) press(msg tea.KeyPressMsg) (tea.Cmd, bool) {
	k := p.run.k
	switch {
	case key.Matches(msg, k.shorter):
		p.ranges = max(p.ranges, 1) - 1
	case key.Matches(msg, k.longer):
		p.ranges = min(p.ranges+1, wholeRun)
	case key.Matches(msg, k.scope):
		p.scope = (p.scope + 1) % sideBySide
	case key.Matches(msg, k.next):
		p.first++
	case key.Matches(msg, k.prev):
		p.first = max(0, p.first-1)
	default:
		return nil, false
	}
	return nil, true
}

func (p *livePane) mouse(msg tea.MouseMsg, _, _ int) {
	if m, ok := msg.(tea.MouseWheelMsg); ok {
		p.first = max(0, p.first+wheel(m))
	}
}

// wheel returns by how many rows a turn of the wheel moves.
func wheel(m tea.MouseWheelMsg) int {
	if m.Button == tea.MouseWheelUp {
		return -1
	}
	return 1
}

func (p *livePane) hints() []hint {
	return []hint{{"[ ]", p.ranges.String(), 11}, {"c", p.scope.String(), 12}}
}

// heights shares the lines out among charts, table and failures. A chart gets
// a height at which the labels of its axis are round.
func (p *livePane) heights(h, routes int) (charts, table, failures int) {
	switch {
	case h < 18:
		failures = 1
	case h < 28:
		failures = 3
	default:
		failures = 4
	}
	table = min(routes+2, max(4, (h-failures)/2))
	charts = min(h-failures-table, max(9, h*5/8))
	if charts = roundHeight(charts); charts == 0 {
		table = h - failures
	}
	return charts, table, h - charts - table
}

// roundHeight returns the greatest height of at most h of a chart whose axis
// divides well, 0 where there is no room for one.
func roundHeight(h int) int {
	for _, round := range []int{27, 23, 19, 15, 11, 9, 7, 5} {
		if round <= h {
			return round
		}
	}
	return 0
}

func (p *livePane) draw(w, h int) string {
	r, t := p.run, p.run.tally
	charts, table, failures := p.heights(h, len(t.routes(r.known)))
	type size struct {
		version, w, h, extra int
		s                    *styles
	}
	var parts []string
	if charts > 0 {
		parts = append(parts, p.charts.get(size{t.version, w, charts, int(p.ranges), r.s}, func() string { return p.drawCharts(w, charts) }))
	}
	key := size{t.version, w, table, int(p.scope)*1_000_000 + p.first, r.s}
	parts = append(parts, p.routes.get(key, func() string { return p.drawTable(w, table) }))
	parts = append(parts, p.drawFailures(w, failures))
	return strings.Join(parts, "\n")
}

func (p *livePane) drawTable(w, h int) string {
	r := p.run
	rt := routeTable{rows: r.tally.rows(r.known, p.scope), columns: liveColumns, cursor: -1, first: p.first, trend: true}
	if w >= 160 {
		rt.columns = routeColumns
	}
	switch {
	case p.scope == lastSeconds:
		rt.scope = p.scope.String()
	case r.tally.since > 0:
		rt.scope = "since " + clock(r.tally.since)
	}
	text := rt.draw(r.s, w, h)
	p.first = rt.first
	return text
}

// drawCharts draws as many charts beside each other as there is room for.
func (p *livePane) drawCharts(w, h int) string {
	n := 2
	if w < 72 {
		n = 1
	} else if w >= 160 {
		n = 3
	}
	widths := make([]int, n)
	for i := range widths {
		widths[i] = w / n
	}
	widths[0] += w % n
	t := p.run.tally
	f := p.ranges.frameAt(t.now())
	draw := []func(f frame, columns []*point, w, h int) string{p.latency, p.throughput, p.load}
	texts := make([]string, n)
	var columns []*point
	for i := range texts {
		if i == 0 || widths[i] != widths[i-1] {
			columns = t.course.columns(f.from, f.long, columnsIn(widths[i]))
		}
		texts[i] = draw[i](f, columns, widths[i], h)
	}
	return lipgloss.JoinHorizontal(lipgloss.Top, texts...)
}

// latency is the chart of percentiles.
func (p *livePane) latency(f frame, columns []*point, w, h int) string {
	c := chart{title: "latency", unit: milliseconds, frame: f, events: p.run.tally.events, empty: p.empty()}
	for i, name := range []string{"p50", "p95", "p99"} {
		c.lines = append(c.lines, line{name: name, values: plot(columns, func(p *point) float64 {
			return float64(p.marks[i]) / float64(time.Millisecond)
		}, func(p *point) bool { return p.ok+p.failed > 0 })})
	}
	return c.draw(p.run.s, w, h)
}

// throughput is the chart of requests a second, with the load in its own
// scale.
func (p *livePane) throughput(f frame, columns []*point, w, h int) string {
	t := p.run.tally
	c := chart{title: "requests/s", frame: f, events: t.events, empty: p.empty()}
	c.lines = []line{
		{name: "ok", values: plot(columns, func(p *point) float64 { return p.rate(p.ok) }, nil)},
		{name: "failed", values: plot(columns, func(p *point) float64 { return p.rate(p.failed) }, nil)},
	}
	if t.load().Model == stats.OpenModel {
		c.lines = append(c.lines, line{name: "wanted", values: plot(columns, func(p *point) float64 { return p.wanted }, nil)})
	} else {
		users := plot(columns, func(p *point) float64 { return p.users }, nil)
		top := roundUp(highest(users))
		c.lines = append(c.lines, line{name: "users", note: "(top " + axisNumber(top) + ")", values: users, top: top})
	}
	return c.draw(p.run.s, w, h)
}

// load is the chart of users and requests in flight.
func (p *livePane) load(f frame, columns []*point, w, h int) string {
	c := chart{title: "load", frame: f, events: p.run.tally.events, empty: p.empty(), lines: []line{
		{name: "users", values: plot(columns, func(p *point) float64 { return p.users }, nil)},
		{name: "in flight", values: plot(columns, func(p *point) float64 { return p.busy }, nil)},
	}}
	return c.draw(p.run.s, w, h)
}

// empty says why there is nothing to show.
func (p *livePane) empty() string {
	l := p.run.tally.load()
	switch {
	case p.run.tally.last == nil:
		return "the first second is on its way"
	case p.run.head.over:
		return "nothing was answered in this time"
	case l.Paused:
		return "paused: space goes on"
	case wanted(&l) == 0:
		return "no load: " + p.run.k.up.Help().Key + " adds a user"
	case l.Busy > 0:
		return fmt.Sprintf("no answer yet: %s in flight", plural(l.Busy, "request"))
	}
	return "no answer yet"
}

// drawFailures draws the latest groups of failures; where there is much room,
// what happened beside them.
func (p *livePane) drawFailures(w, h int) string {
	r := p.run
	if h < 3 {
		return fill(failuresLine(r.s, r.tally, w), w, h)
	}
	if w < 150 || h < 5 {
		return failuresPanel(r.s, r.tally, w, h)
	}
	left := w * 3 / 5
	return lipgloss.JoinHorizontal(lipgloss.Top, failuresPanel(r.s, r.tally, left, h), logPanel(r.s, r.tally, w-left, h))
}
