package tui

import (
	"fmt"
	"strings"

	"charm.land/lipgloss/v2"

	"brink/runner/stats"
)

// failureDetail is a group with a request and its response in full.
type failureDetail struct {
	group  stats.FailureGroup
	scroll list
}

func (d *failureDetail) draw(s *styles, t *tally, w, h int) string {
	for _, g := range t.total.Failures { // a newer example may have come
		if g.Route == d.group.Route && g.Failure == d.group.Failure {
			d.group.Count, d.group.Last = g.Count, g.Last
		}
	}
	g := &d.group
	lines := []string{
		" " + s.bad.Render(count(g.Count)+s.glyph.times) + "  " + s.bold.Render(clean(g.Route.String())) + "  " + failureText(g),
		s.dim.Render(fmt.Sprintf(" first %s, last %s, class: %s", clock(g.First), clock(g.Last), g.Class)), "",
	}
	if g.Exchange == nil {
		lines = append(lines, " No request of this group was kept.")
	} else {
		lines = append(lines, s.dim.Render(" a request that failed at "+clock(g.Exchange.At)+", secrets masked:"), "")
		lines = append(lines, exchangeLines(s, "request", g.Exchange.Request, w)...)
		lines = append(lines, "")
		lines = append(lines, exchangeLines(s, "response", g.Exchange.Response, w)...)
		if g.Exchange.Curl != "" {
			lines = append(lines, "")
			lines = append(lines, exchangeLines(s, "as curl (y copies)", g.Exchange.Curl, w)...)
		}
	}
	d.scroll.set(len(lines), h)
	d.scroll.first = max(0, min(d.scroll.cursor, len(lines)-h))
	d.scroll.cursor = d.scroll.first
	return fill(strings.Join(lines[d.scroll.first:], "\n"), w, h)
}

// exchangeLines draws one side of an exchange, its lines as lines and all
// other control characters visible.
func exchangeLines(s *styles, title, text string, w int) []string {
	lines := []string{" " + s.title.Render(title)}
	if text == "" {
		return append(lines, "   "+s.dim.Render("none"))
	}
	text = strings.ReplaceAll(text, "\r\n", "\n")
	for _, l := range strings.Split(strings.TrimRight(text, "\n"), "\n") {
		l = stats.Clean(strings.ReplaceAll(l, "\t", "    "), 0)
		for lipgloss.Width(l) > w-4 {
			head := fitCut(l, w-4)
			lines = append(lines, "   "+head)
			l = l[len(head):]
		}
		lines = append(lines, "   "+l)
	}
	return lines
}
