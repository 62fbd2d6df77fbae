package tui

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"brink/runner/stats"
)

// weightsBox is the small editor of the mix: weights of tasks, and routes on
// and off. Every change takes effect at once. The run's screen has one, so that
// it remembers what was switched off.
type weightsBox struct {
	run   *runScreen
	lines []weightLine
	list  list
	typed bool // a digit continues the number
}

// weightLine is a task of a kind of users with its weight, or a route that can
// be switched off. A task that two kinds of users share has one weight.
type weightLine struct {
	head   string // heading above it; empty: as the line before
	user   int    // index of the kind of users
	task   string
	usual  int // the weight in the scenario
	weight int
	back   int // the weight it gets when switched on again
	route  *stats.Route
	muted  bool
	since  time.Time // when it was changed here; zero: it is as the run says
}

// open shows the editor from its first line.
func (b *weightsBox) open() dialog {
	b.list.cursor, b.typed = 0, false
	return b
}

func newWeights(r *runScreen) *weightsBox {
	b := &weightsBox{run: r}
	if r.setup.Scenario == nil {
		return b
	}
	users := r.setup.Scenario.Users
	for i, u := range users {
		head := "task"
		if len(users) > 1 {
			head = "task of " + u.Name
		}
		for _, t := range u.Tasks {
			b.lines = append(b.lines, weightLine{head: head, user: i, task: t.Name, usual: t.Weight, weight: t.Weight, back: max(1, t.Weight)})
			head = ""
		}
	}
	head := "route"
	for _, route := range r.setup.Scenario.Routes {
		b.lines = append(b.lines, weightLine{head: head, user: -1, route: &route})
		head = ""
	}
	b.list.set(len(b.lines), len(b.lines))
	return b
}

// follow takes over what the run says, whoever changed it; what was changed
// here shows until the run has it, or should have.
func (b *weightsBox) follow(m *stats.Mix) {
	for i := range b.lines {
		l := &b.lines[i]
		weight, muted := l.usual, false
		if l.route != nil {
			muted = slices.Contains(m.Muted, *l.route)
		} else if w, set := m.Weight(l.task); set {
			weight = w
		}
		if weight == l.weight && muted == l.muted || b.run.now().Sub(l.since) > patience {
			l.weight, l.muted, l.since = weight, muted, time.Time{}
		}
	}
}

func (b *weightsBox) press(msg tea.KeyPressMsg) (tea.Cmd, bool) {
	k := msg.String()
	if len(b.lines) == 0 {
		return nil, true
	}
	l := &b.lines[b.list.cursor]
	digit := len(k) == 1 && k[0] >= '0' && k[0] <= '9'
	defer func() { b.typed = digit }()
	switch {
	case k == "esc" || k == "q" || k == "w" || k == "e" || k == "enter":
		return nil, true
	case k == "up" || k == "k":
		b.list.move(-1)
	case k == "down" || k == "j":
		b.list.move(1)
	case k == "space":
		return b.toggle(l), false
	case l.route != nil:
	case k == "right" || k == "+" || k == "l":
		return b.weigh(l, l.weight+1), false
	case k == "left" || k == "-" || k == "h":
		return b.weigh(l, l.weight-1), false
	case digit && b.typed:
		n, _ := strconv.Atoi(strconv.Itoa(l.weight) + k)
		return b.weigh(l, n), false
	case digit:
		return b.weigh(l, int(k[0]-'0')), false
	}
	return nil, false
}

// toggle switches a task or a route off, or on again.
func (b *weightsBox) toggle(l *weightLine) tea.Cmd {
	if l.route != nil {
		l.muted, l.since = !l.muted, b.run.now()
		return b.run.wishes.send(stats.Wish{Mute: map[stats.Route]bool{*l.route: l.muted}})
	}
	if l.weight > 0 {
		l.back = l.weight
		return b.weigh(l, 0)
	}
	return b.weigh(l, l.back)
}

func (b *weightsBox) weigh(l *weightLine, n int) tea.Cmd {
	n = max(0, min(n, 1_000_000))
	for i := range b.lines {
		if other := &b.lines[i]; other.route == nil && other.task == l.task {
			other.weight, other.since = n, b.run.now()
		}
	}
	return b.run.wishes.send(stats.Wish{Weights: map[string]int{l.task: n}})
}

func (b *weightsBox) box(w, h int) string {
	s := b.run.s
	totals := map[int]int{}
	for _, l := range b.lines {
		totals[l.user] += l.weight
	}
	width := min(w-4, 66)
	var lines []string
	at := 0
	for i, l := range b.lines {
		if l.head != "" {
			if i > 0 {
				lines = append(lines, "")
			}
			head := fit(" "+clean(l.head), width-22)
			if l.route == nil {
				head += fitRight("weight", 8) + fitRight("share", 10)
			}
			lines = append(lines, s.head.Render(fit(head, width-4)))
		}
		text := ""
		if l.route != nil {
			state := "on"
			if l.muted {
				state = "off"
			}
			text = fit(" "+clean(l.route.String()), width-22) + fitRight(state, 8)
		} else {
			text = fit(" "+clean(l.task), width-22) + fitRight(strconv.Itoa(l.weight), 8) + fitRight(percent(int64(l.weight), int64(totals[l.user])), 10)
		}
		if i == b.list.cursor {
			at = len(lines)
			text = s.selected.Render(fit(s.glyph.selected+text[1:], width-4))
		}
		lines = append(lines, text)
	}
	if len(b.lines) == 0 {
		lines = []string{" This run has no tasks to weigh."}
	}
	room := min(h-2, len(lines)+2)
	first := max(0, min(at-(room-2)/2, len(lines)-(room-2)))
	return s.panel(s.title.Render("weights of tasks, routes on and off"), strings.Join(lines[first:], "\n"), fmt.Sprintf("at once %s esc: back", s.glyph.dot), width, room)
}

func (b *weightsBox) footer(w int) string {
	g := &b.run.s.glyph
	return hints(b.run.s, w, hint{g.updown, "choose", 0}, hint{"+ -", "weight", 0}, hint{"0-9", "type it", 1}, hint{"space", "on/off", 0}, hint{"esc", "back", 0})
}
