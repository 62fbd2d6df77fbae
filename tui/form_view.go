package tui

import (
	"fmt"
	"strconv"
	"strings"

	"charm.land/lipgloss/v2"

	"brink/scenarios"
)

// labelWidth is how many cells the names of the fields take.
const labelWidth = 14

func (f *form) view() string {
	s := f.s
	lines := []string{
		spread("  "+s.brand.Render("brink")+"  "+s.bold.Render(clean(f.entry.Title)), s.dim.Render(clean(f.entry.Path))+"  ", f.w),
		fit("  "+s.dim.Render(clean(routesOf(&f.entry))), f.w),
		"", "",
	}
	for i := range numFields {
		lines = append(lines, f.line(i))
	}
	lines = append(lines, "")
	for _, text := range wrap("Plan: "+describePlan(f.profile(), f.inputs[usersField].Value()), min(f.w-2, 90), "  ") {
		lines = append(lines, s.dim.Render(text))
	}
	if t := f.entry.Scenario.Thresholds; len(t) > 0 {
		texts := make([]string, len(t))
		for i := range t {
			texts[i] = t[i].Text
		}
		for _, text := range wrap("Thresholds: "+clean(strings.Join(texts, ", ")), min(f.w-2, 90), "  ") {
			lines = append(lines, s.dim.Render(text))
		}
	}
	if f.refused != "" {
		lines = append(lines, "")
		sign := s.glyph.warning
		for _, text := range strings.Split(strings.TrimSpace(f.refused), "\n") {
			for _, l := range wrap(clean(text), min(f.w-6, 96), "") {
				lines = append(lines, s.bad.Render("  "+sign+" "+l))
				sign = " "
			}
		}
	}
	list := []hint{{"enter", "start", 0}, {s.glyph.updown, "field", 0}, {"esc", "back", 0}}
	if f.Try != nil {
		list = append(list, hint{"ctrl+t", "try one user once", 1})
	}
	text := fill(strings.Join(lines, "\n"), f.w, f.h-1) + "\n" + hints(s, f.w, list...)
	switch {
	case f.trying != nil:
		return overlay(text, s.panel(s.title.Render("try"), "\n  One user sends its requests once"+s.glyph.ellipsis, "any key: give up", min(60, f.w-4), 5), f.w, f.h)
	case f.tried != "":
		return overlay(text, f.triedBox(), f.w, f.h)
	}
	return text
}

// line draws a field: its name, its value, and help or what is wrong with it.
func (f *form) line(at field) string {
	s := f.s
	mark, label := "  ", s.dim.Render(fit(fieldNames[at], labelWidth))
	if at == f.focus {
		mark, label = s.key.Render(s.glyph.selected)+" ", s.bold.Render(fit(fieldNames[at], labelWidth))
	}
	value := f.inputs[at].View()
	switch {
	case at == profileField:
		value = f.choice()
	case f.skipped(at):
		value = s.dim.Render("as planned")
	case at != f.focus:
		value = f.inputs[at].Value()
		if value == "" {
			value = s.dim.Render(s.glyph.dash)
		}
	}
	help := fieldHelp[at]
	if at == targetField && ownTarget(&f.entry) {
		help = "brink starts it on a free port"
	}
	note := s.dim.Render(help)
	if t := f.trouble[at]; t != "" {
		note = s.bad.Render(s.glyph.warning + " " + t)
	}
	left := "  " + mark + label + value
	if room := f.w - 2; lipgloss.Width(left)+2+lipgloss.Width(note) > room && f.trouble[at] == "" {
		return fit(left, f.w)
	}
	return fit(fit(left, max(46, lipgloss.Width(left)+2))+note, f.w)
}

// choice draws the profiles with the chosen one marked.
func (f *form) choice() string {
	s := f.s
	names := make([]string, len(f.profiles))
	for i, name := range f.profiles {
		if name == "" {
			name = "by hand"
		}
		names[i] = s.dim.Render(clean(name))
		if i == f.chosen {
			names[i] = s.field.Render(clean(name))
			if f.focus == profileField {
				names[i] = s.selected.Render(" " + clean(name) + " ")
			}
		}
	}
	room := f.w - labelWidth - 8
	for first := 0; ; first++ {
		line := strings.Join(names[first:], "  ")
		if first > 0 {
			line = s.dim.Render(s.glyph.ellipsis) + " " + line
		}
		if lipgloss.Width(line) <= room || first >= f.chosen {
			return fit(line, min(room, lipgloss.Width(line)))
		}
	}
}

func (f *form) triedBox() string {
	w := min(f.w-4, 110)
	var lines []string
	for _, text := range strings.Split(strings.TrimRight(f.tried, "\n"), "\n") {
		lines = append(lines, wrap(clean(text), w-3, " ")...)
	}
	return f.s.panel(f.s.title.Render("one user, once"), strings.Join(lines, "\n"), "any key: back", w, min(f.h-2, len(lines)+2))
}

// describePlan says in words what a profile does.
func describePlan(p *scenarios.Profile, users string) string {
	switch {
	case p == nil:
		return usersText(users) + " until you change it; every change is written down."
	case len(p.Stages) > 0:
		parts := make([]string, len(p.Stages))
		for i, st := range p.Stages {
			parts[i] = describeStage(&st)
		}
		return strings.Join(parts, ", then ") + "."
	case p.Open():
		kind := "evenly spaced"
		if p.Poisson {
			kind = "at random times (Poisson)"
		}
		text := fmt.Sprintf("%s requests a second, %s", perSecond(p.Rate), kind)
		if p.MaxUsers > 0 {
			text += fmt.Sprintf(", by at most %d users", p.MaxUsers)
		}
		return text + "."
	case p.SpawnRate > 0:
		return fmt.Sprintf("up to %s, %s a second, then hold.", usersText(users), perSecond(p.SpawnRate))
	}
	return usersText(users) + " from the first second on."
}

func describeStage(st *scenarios.Stage) string {
	load := plural(st.Users, "user")
	if st.Rate > 0 {
		load = perSecond(st.Rate) + " requests a second"
	}
	text := load
	if st.Over > 0 {
		text = "to " + load + " within " + span(st.Over)
	}
	if st.For > 0 {
		text += " for " + span(st.For)
	}
	return text
}

// usersText is what was typed as a number of users.
func usersText(typed string) string {
	n, err := strconv.Atoi(strings.TrimSpace(typed))
	if err != nil {
		return "? users"
	}
	return plural(n, "user")
}
