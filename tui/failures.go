package tui

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"brink/runner/stats"
)

// failureGroups returns the groups of failures, the most frequent first, then
// the latest.
func (t *tally) failureGroups() []stats.FailureGroup {
	groups := slices.Clone(t.total.Failures)
	slices.SortStableFunc(groups, func(a, b stats.FailureGroup) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(b.Last, a.Last), a.Route.Compare(b.Route), strings.Compare(a.Text, b.Text))
	})
	return groups
}

// failureText is a group's reason in one line.
func failureText(g *stats.FailureGroup) string {
	if g.Text != "" {
		return clean(g.Text)
	}
	return g.Class.String()
}

// failureLine draws a group in one line of w cells.
func failureLine(s *styles, g *stats.FailureGroup, w int) string {
	left := s.bad.Render(fitRight(short(g.Count, 7), 7)+s.glyph.times) + "  " + fit(clean(g.Route.String()), min(22, max(10, w/5))) + "  " + failureText(g)
	when := fmt.Sprintf("first %s   last %s ", clock(g.First), clock(g.Last))
	switch { // why it failed is worth more room than when
	case w < 70:
		when = clock(g.Last) + " "
	case w < 110:
		when = "last " + clock(g.Last) + " "
	}
	return spread(left, " "+s.dim.Render(when), w)
}

// failuresPanel draws the failures of the live view.
func failuresPanel(s *styles, t *tally, w, h int) string {
	groups := t.failureGroups()
	title := s.title.Render("failures")
	if len(groups) == 0 {
		return s.panel(title, " "+s.good.Render("no failures so far"), "", w, h)
	}
	title += s.dim.Render(fmt.Sprintf(" %s in %s", count(t.total.Total.Failures), plural(len(groups), "group")))
	lines := make([]string, 0, h)
	for i := range groups {
		if i >= h-2 {
			break
		}
		lines = append(lines, failureLine(s, &groups[i], w-2))
	}
	return s.panel(title, strings.Join(lines, "\n"), "", w, h)
}

// failuresLine is the failures of the live view where there is one line for
// them.
func failuresLine(s *styles, t *tally, w int) string {
	groups := t.failureGroups()
	if len(groups) == 0 {
		return " " + s.good.Render("no failures so far")
	}
	return failureLine(s, &groups[0], w)
}

// failuresPane is the view of all failures, grouped, and of one in full.
type failuresPane struct {
	run  *runScreen
	list list
	open *failureDetail // nil: the list shows
}

func newFailuresPane(r *runScreen) pane { return &failuresPane{run: r} }

func (p *failuresPane) press(msg tea.KeyPressMsg) (tea.Cmd, bool) {
	k := p.run.k
	if p.open != nil {
		if key.Matches(msg, k.back) || key.Matches(msg, k.enter) {
			p.open = nil
			return nil, true
		}
		if key.Matches(msg, k.copyCurl) {
			return p.copy(&p.open.group), true
		}
		return nil, p.open.scroll.press(msg, k)
	}
	groups := p.run.tally.failureGroups()
	switch {
	case key.Matches(msg, k.enter):
		if len(groups) > 0 {
			p.show(&groups[min(p.list.cursor, len(groups)-1)])
		}
		return nil, true
	case key.Matches(msg, k.copyCurl):
		if len(groups) > 0 {
			return p.copy(&groups[min(p.list.cursor, len(groups)-1)]), true
		}
		return nil, true
	}
	return nil, p.list.press(msg, k)
}

func (p *failuresPane) show(g *stats.FailureGroup) { p.open = &failureDetail{group: *g} }

// copy puts the failing request into the clipboard of the user's terminal
// (OSC 52), which works over SSH too.
func (p *failuresPane) copy(g *stats.FailureGroup) tea.Cmd {
	if g.Exchange == nil || g.Exchange.Curl == "" {
		p.run.say("no request of this group was kept", true)
		return nil
	}
	p.run.say("copied as a curl command, if your terminal allows it", false)
	return tea.SetClipboard(g.Exchange.Curl)
}

func (p *failuresPane) mouse(msg tea.MouseMsg, _, y int) {
	l := &p.list
	if p.open != nil {
		l = &p.open.scroll
	}
	switch m := msg.(type) {
	case tea.MouseWheelMsg:
		l.move(wheel(m))
	case tea.MouseClickMsg:
		if p.open != nil {
			return
		}
		groups := p.run.tally.failureGroups()
		if at := l.first + y - 1; y >= 1 && at < len(groups) {
			if at == l.cursor {
				p.show(&groups[at])
			}
			l.cursor = at
		}
	}
}

func (p *failuresPane) hints() []hint {
	if p.open != nil {
		return []hint{{"j k", "scroll", 5}, {"y", "copy as curl", 0}, {"esc", "back", 0}}
	}
	if len(p.run.tally.total.Failures) == 0 {
		return nil
	}
	return []hint{{"j k", "select", 5}, {"enter", "request & response", 2}, {"y", "copy as curl", 3}}
}

func (p *failuresPane) draw(w, h int) string {
	s, t := p.run.s, p.run.tally
	if p.open != nil {
		return p.open.draw(s, t, w, h)
	}
	groups := t.failureGroups()
	if len(groups) == 0 {
		return fill("\n  "+s.good.Render("No failures so far.")+"\n\n  What fails will be listed here, with one recent request and its\n  response in full.", w, h)
	}
	heads := fit(fitRight("COUNT", 9)+"  "+fitRight("PER S", 7)+"  "+fit("ROUTE", p.routeWidth(w))+"  "+"WHY", w-18)
	lines := []string{s.head.Render(fit(heads, w-18) + "   FIRST    LAST  ")}
	p.list.set(len(groups), h-1)
	for i := p.list.first; i < min(len(groups), p.list.first+h-1); i++ {
		lines = append(lines, p.line(&groups[i], w, i == p.list.cursor))
	}
	return fill(strings.Join(lines, "\n"), w, h)
}

func (p *failuresPane) routeWidth(w int) int { return min(30, max(12, w/5)) }

func (p *failuresPane) line(g *stats.FailureGroup, w int, on bool) string {
	s := p.run.s
	mark := "  "
	if on {
		mark = s.glyph.selected + " "
	}
	recent := p.run.tally.window.perSecond(p.run.tally.window.failures(g))
	text := fit(mark+fitRight(short(g.Count, 7), 7)+"  "+fitRight(perSecond(recent), 7)+"  "+
		fit(clean(g.Route.String()), p.routeWidth(w))+"  "+failureText(g), w-18)
	text += fmt.Sprintf("  %7s %7s ", clock(g.First), clock(g.Last))
	if on {
		return s.selected.Render(fit(text, w))
	}
	return text
}
