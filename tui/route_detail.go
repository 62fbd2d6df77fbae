package tui

import (
	"fmt"
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
	"charm.land/lipgloss/v2"

	"brink/runner/stats"
)

// routeDetail is one route with all that is known of it.
type routeDetail struct {
	route  stats.Route
	scroll list
}

func (d *routeDetail) press(msg tea.KeyPressMsg, k *keyMap, back func()) bool {
	if key.Matches(msg, k.back) || key.Matches(msg, k.enter) {
		back()
		return true
	}
	return d.scroll.press(msg, k)
}

func (d *routeDetail) draw(s *styles, t *tally, w, h int) string {
	total, recent := rowOf(t.total, d.route), rowOf(t.window.summary(), d.route)
	lines := []string{" " + s.title.Render(clean(d.route.String())) + s.dim.Render(fmt.Sprintf("   %s, %s/s in the last 10 s, ", plural(int(total.stats.Requests), "request"), perSecond(recent.perSecond(recent.stats.Requests)))) +
		d.failed(s, &total), ""}
	left := append(d.spectrum(s, &total, &recent), "")
	left = append(left, d.statuses(s, total.stats)...)
	right := append(d.phases(s, total.stats), "")
	right = append(right, d.counters(s, total.stats)...)
	right = append(right, "")
	right = append(right, d.failures(s, t)...)
	if w < 100 {
		lines = append(append(append(lines, left...), ""), right...)
	} else {
		half := w / 2
		lines = append(lines, strings.Split(lipgloss.JoinHorizontal(lipgloss.Top,
			fill(strings.Join(left, "\n"), half, max(len(left), len(right))),
			fill(strings.Join(right, "\n"), w-half, max(len(left), len(right)))), "\n")...)
	}
	d.scroll.set(len(lines), h)
	d.scroll.first = max(0, min(d.scroll.cursor, len(lines)-h))
	d.scroll.cursor = d.scroll.first
	return fill(strings.Join(lines[d.scroll.first:], "\n"), w, h)
}

func (d *routeDetail) failed(s *styles, r *row) string {
	text := fmt.Sprintf("%s failed (%s)", count(r.stats.Failures), percent(r.stats.Failures, r.stats.Requests))
	if r.stats.Failures > 0 {
		return s.bad.Render(text)
	}
	return s.dim.Render(text)
}

// spectrumRanks are the percentiles of a route's detail.
var spectrumRanks = []float64{10, 25, 50, 75, 90, 95, 99, 99.9, 99.99, 100}

// spectrum draws the percentiles as bars, from start to end and recently.
func (d *routeDetail) spectrum(s *styles, total, recent *row) []string {
	lines := []string{" " + s.head.Render(fit("percentile", 12)+fitRight("since start", 12)+fitRight("last 10 s", 12)+"  ms")}
	all, now := total.all.Percentiles(spectrumRanks), recent.all.Percentiles(spectrumRanks)
	top := float64(max(total.all.Max(), 1))
	for i, rank := range spectrumRanks {
		name := fmt.Sprintf("p%g", rank)
		if rank == 100 {
			name = "max"
		}
		bar := strings.Repeat(s.glyph.barOn, int(float64(all[i])/top*16+0.5))
		lines = append(lines, " "+fit(name, 12)+fitRight(millis(all[i]), 12)+fitRight(millis(now[i]), 12)+"  "+s.first.Render(bar))
	}
	service := total.stats.ServiceTimes().Percentiles([]float64{50, 95, 99})
	return append(lines, "", s.dim.Render(fmt.Sprintf(" service time: p50 %s  p95 %s  p99 %s", millis(service[0]), millis(service[1]), millis(service[2]))))
}

// statuses draws the status codes and the classes of failures.
func (d *routeDetail) statuses(s *styles, r *stats.RouteStats) []string {
	lines := []string{" " + s.head.Render(fit("status", 36))}
	for _, c := range r.Statuses {
		style := s.plain
		if c.Key >= 400 {
			style = s.warn
		}
		name := fmt.Sprint(c.Key)
		if c.Key == 0 {
			name = "no response"
		}
		lines = append(lines, " "+style.Render(fit(name, 24))+fitRight(count(c.N), 12))
	}
	for _, c := range r.Classes {
		lines = append(lines, " "+s.bad.Render(fit(c.Key.String(), 24))+fitRight(count(c.N), 12))
	}
	return lines
}

// phases draws where the time of a request goes.
func (d *routeDetail) phases(s *styles, r *stats.RouteStats) []string {
	lines := []string{" " + s.head.Render(fit("phase", 24)+fitRight("requests", 10)+fitRight("mean", 9)+fitRight("max", 9)+"  ms")}
	for i, ph := range r.Phases {
		if ph.N == 0 {
			continue
		}
		lines = append(lines, " "+fit(stats.PhaseNames[i], 24)+fitRight(short(ph.N, 9), 10)+fitRight(millis(ph.Mean()), 9)+fitRight(millis(ph.Max), 9))
	}
	if len(lines) == 1 {
		lines = append(lines, s.dim.Render(" nothing yet"))
	}
	return lines
}

// counters draws what else was counted.
func (d *routeDetail) counters(s *styles, r *stats.RouteStats) []string {
	line := func(name, value string) string { return " " + fit(name, 24) + fitRight(value, 10) }
	lines := []string{
		line("connections made", count(r.NewConns)),
		line("sent again", count(r.Retries)),
		line("bytes out", size(float64(r.BytesOut))),
		line("bytes in", size(float64(r.BytesIn))),
	}
	if r.Unfinished > 0 {
		lines = append(lines, line("unfinished", count(r.Unfinished)))
	}
	return lines
}

// failures draws the route's own failures.
func (d *routeDetail) failures(s *styles, t *tally) []string {
	lines := []string{" " + s.head.Render(fit("recent failures", 52))}
	for _, g := range t.failureGroups() {
		if g.Route == d.route {
			lines = append(lines, " "+s.bad.Render(fitRight(short(g.Count, 7), 7)+s.glyph.times)+"  "+failureText(&g)+s.dim.Render("  last "+clock(g.Last)))
		}
	}
	if len(lines) == 1 {
		lines = append(lines, " "+s.good.Render("none"))
	}
	return lines
}
