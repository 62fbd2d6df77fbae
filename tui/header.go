package tui

import (
	"fmt"
	"strings"
	"time"

	"charm.land/lipgloss/v2"

	"brink/runner/stats"
)

// header is the upper two or three lines of every view of a run: what is run
// against what, how far it is, the load, and what the target does now.
type header struct {
	name, target, profile string
	tally                 *tally
	pending               pending // what was wished and is not reached yet
	over                  bool    // the run has ended
	fault                 error   // how it ended, where that is bad news
	saved                 string  // the folder everything is saved in; empty: not yet
	lost                  time.Duration
	now                   time.Time
}

// part is a piece of a line; where the line is too long, those with the
// highest number go first.
type part struct {
	text  string
	less  int    // drop order: 0 stays
	short string // what is left of it before it goes; may be empty
}

// draw returns the header in w cells: two lines, and a third where there is
// something to worry about.
func (h *header) draw(s *styles, w int) []string {
	lines := []string{h.first(s, w), h.second(s, w)}
	if alarm := h.alarm(s, w); alarm != "" {
		lines = append(lines, alarm)
	}
	return lines
}

// first says what is run, and how far it is.
func (h *header) first(s *styles, w int) string {
	name := clean(h.name)
	left := " "
	if w >= 70 {
		left += s.brand.Render("brink") + "  "
	}
	left += s.bold.Render(fit(name, min(lipgloss.Width(name), w/3)))
	right := join("  ", w-lipgloss.Width(left)-3, h.state(s), h.plan(s), part{text: h.clock()}, part{text: s.verdict(h.tally.total.Verdict().Grade)})
	if room := w - lipgloss.Width(left) - lipgloss.Width(right) - 4; room > 12 {
		target := clean(h.target)
		if lipgloss.Width(target) > room-2 {
			_, target, _ = strings.Cut(target, "://")
		}
		left += s.dim.Render(" "+s.glyph.arrow+" ") + fit(target, min(lipgloss.Width(target), room-2))
	}
	return spread(left, right+" ", w)
}

// state says what the run does now, with a sign and a word.
func (h *header) state(s *styles) part {
	l := h.tally.load()
	switch {
	case h.over:
		return part{text: s.brand.Render(s.glyph.done + " finished")}
	case h.tally.last == nil:
		return part{text: s.dim.Render(s.glyph.waiting + " starting")}
	case l.Stopping:
		return part{text: s.warn.Render(s.glyph.stopping + " stopping")}
	case l.Paused:
		return part{text: s.warn.Render(s.glyph.paused + " paused")}
	}
	return part{text: s.good.Render(s.glyph.running + " running")}
}

// plan says who sets the load: a profile, and which stage, or the user.
func (h *header) plan(s *styles) part {
	l := h.tally.load()
	switch {
	case l.Manual && h.profile != "":
		return part{text: s.warn.Render("by hand") + s.dim.Render(" (not "+h.profile+")"), less: 2, short: s.warn.Render("by hand")}
	case l.Manual || h.profile == "":
		return part{text: "by hand", less: 1}
	case l.Stage != "":
		return part{text: h.profile + s.dim.Render(": "+clean(l.Stage)), less: 2, short: h.profile}
	}
	return part{text: h.profile, less: 1}
}

// clock is the time so far, and of how much.
func (h *header) clock() string {
	now := clock(h.tally.now())
	if end := h.tally.load().PlanEnd; end > 0 {
		return now + " / " + clock(end)
	}
	return now
}

// second shows the load and the last seconds' numbers.
func (h *header) second(s *styles, w int) string {
	t := h.tally
	now := &t.window
	rate := 0.0
	if t.last != nil {
		rate = perSecondOf(t.last)
	}
	failed := s.plain
	if now.failed > 0 {
		failed = s.bad
	}
	l := t.load()
	return fit(" "+join("    ", w-2,
		part{text: h.loadText(s, &l)},
		part{text: h.bar(s, &l), less: 5},
		part{text: s.bold.Render(perSecond(rate)) + " req/s"},
		part{text: failed.Render("failed " + percent(now.failed, now.ok+now.failed))},
		h.percentiles(s),
		h.inFlight(s, &l),
	), w)
}

// percentiles are those of the last seconds' response times, dashes where
// nothing was answered.
func (h *header) percentiles(s *styles) part {
	text := [3]string{s.glyph.dash, s.glyph.dash, s.glyph.dash}
	if now := &h.tally.window; now.ok+now.failed > 0 {
		for i, d := range now.marks {
			text[i] = millis(d)
		}
	}
	p95 := "p95 " + s.bold.Render(text[1])
	return part{text: "p50 " + text[0] + "  " + p95 + "  p99 " + text[2] + " ms", less: 1, short: p95 + " ms"}
}

// perSecondOf returns the requests a second of one Snapshot.
func perSecondOf(o *stats.Snapshot) float64 {
	var n int64
	for i := range o.Routes {
		n += o.Routes[i].Requests
	}
	if o.End <= o.Start {
		return 0
	}
	return float64(n) / (o.End - o.Start).Seconds()
}

// loadText says what load there is, and what it goes to.
func (h *header) loadText(s *styles, l *stats.Load) string {
	if l.Model == stats.OpenModel && h.pending.users == nil || h.pending.rate != nil {
		want := l.WantedRate
		if h.pending.rate != nil {
			want = *h.pending.rate
		}
		return "rate " + s.bold.Render(perSecond(want)+"/s") + s.dim.Render(fmt.Sprintf("  users %s", count(int64(l.Users))))
	}
	want := l.WantedUsers
	if h.pending.users != nil {
		want = *h.pending.users
	}
	text := "users " + s.bold.Render(count(int64(l.Users)))
	if want != l.Users {
		text += " " + s.glyph.arrow + " " + s.bold.Render(count(int64(want)))
	}
	return text
}

// bar shows the load against the most there was.
func (h *header) bar(s *styles, l *stats.Load) string {
	const cells = 16
	most := roundUp(h.tally.mostLoad)
	on := 0
	if most > 0 {
		on = min(cells, int(wanted(l)/most*cells+0.5))
	}
	g := &s.glyph
	return s.dim.Render(g.barLeft) + s.first.Render(strings.Repeat(g.barOn, on)) + s.dim.Render(strings.Repeat(g.barOff, cells-on)+g.barRight+" "+axisNumber(most))
}

// inFlight says how many requests wait for an answer, and how old the oldest
// is where that is worth a look.
func (h *header) inFlight(s *styles, l *stats.Load) part {
	text := "in flight " + count(int64(l.Busy))
	if l.OldestBusy >= 2*time.Second {
		return part{text: s.warn.Render(text + ", oldest " + span(l.OldestBusy)), less: 3, short: s.warn.Render(text)}
	}
	return part{text: text, less: 3}
}

// alarm is one line on what is wrong, and on how the run ended; empty where
// there is nothing to say.
func (h *header) alarm(s *styles, w int) string {
	t := h.tally
	var parts []part
	add := func(style lipgloss.Style, text string) {
		parts = append(parts, part{text: style.Render(s.glyph.warning + " " + text), less: len(parts)})
	}
	if h.fault != nil {
		add(s.bad, clean(h.fault.Error()))
	}
	if h.saved != "" {
		parts = append(parts, part{text: s.good.Render(s.glyph.done + " saved in " + clean(h.saved)), less: len(parts)})
	}
	if h.lost > 0 {
		add(s.bad, "no news from the run for "+span(h.lost))
	}
	if t.silent > 0 && t.silent >= 2*time.Second && !h.over {
		l := t.load()
		add(s.bad, fmt.Sprintf("nothing answered for %s: %d in flight, the oldest for %s", span(t.silent), l.Busy, span(l.OldestBusy)))
	}
	if t.total.Dropped > 0 {
		add(s.bad, fmt.Sprintf("%s dropped: no user was free", plural(int(t.total.Dropped), "arrival")))
	}
	if v := t.total.Verdict(); v.Grade > stats.Valid && len(v.Reasons) > 0 {
		style := s.warn
		if v.Grade == stats.Invalid {
			style = s.bad
		}
		add(style, v.Grade.String()+": "+v.Reasons[0])
	}
	if t.unseen > 0 {
		add(s.warn, plural(t.unseen, "second")+" not seen by this screen; the record has them")
	}
	if len(parts) == 0 {
		return ""
	}
	return fit(" "+join("  ", w-2, parts...), w)
}

// join puts the parts that fit into w cells between gaps, in their order; the
// dispensable go first, of equals the last.
func join(gap string, w int, parts ...part) string {
	for {
		var texts []string
		most, at := 0, -1
		for i, p := range parts {
			if p.text == "" {
				continue
			}
			texts = append(texts, p.text)
			if p.less > 0 && p.less >= most {
				most, at = p.less, i
			}
		}
		line := strings.Join(texts, gap)
		if lipgloss.Width(line) <= w {
			return line
		}
		if len(gap) > 2 {
			gap = gap[:len(gap)-1]
			continue
		}
		if at < 0 {
			return fit(line, w)
		}
		parts[at] = part{text: parts[at].short, less: min(1, parts[at].less)}
	}
}
