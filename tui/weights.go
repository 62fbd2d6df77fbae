package tui

import (
	"fmt"
	"strconv"
	"strings"

	tea "charm.land/bubbletea/v2"

	"brink/runner/stats"
)

// weightsBox is the small editor of the mix: weights of tasks, and routes on
// and off. Every change takes effect at once.
type weightsBox struct {
	run   *runScreen
	lines []weightLine
	list  list
	typed bool // a digit continues the number
}

// weightLine is a task with its weight, or a route that can be switched off.
type weightLine struct {
	task   string
	weight int
	back   int // the weight it gets when switched on again
	route  *stats.Route
	muted  bool
}

// mix is what was set in the editor so far, kept while the editor is closed.
type mix struct {
	weights map[string]int
	muted   map[stats.Route]bool
}

func newWeights(r *runScreen) *weightsBox {
	b := &weightsBox{run: r}
	if r.mix.weights == nil {
		r.mix = mix{map[string]int{}, map[stats.Route]bool{}}
	}
	if r.setup.Scenario == nil {
		return b
	}
	seen := map[string]bool{}
	for _, u := range r.setup.Scenario.Users {
		for _, t := range u.Tasks {
			if seen[t.Name] {
				continue
			}
			seen[t.Name] = true
			l := weightLine{task: t.Name, weight: t.Weight, back: max(1, t.Weight)}
			if w, set := r.mix.weights[t.Name]; set {
				l.weight = w
			}
			b.lines = append(b.lines, l)
		}
	}
	for _, route := range r.setup.Scenario.Routes {
		b.lines = append(b.lines, weightLine{route: &route, muted: r.mix.muted[route]})
	}
	b.list.set(len(b.lines), len(b.lines))
	return b
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
		l.muted = !l.muted
		b.run.mix.muted[*l.route] = l.muted
		return b.run.wishes.send(stats.Wish{Mute: map[stats.Route]bool{*l.route: l.muted}})
	}
	if l.weight > 0 {
		l.back = l.weight
		return b.weigh(l, 0)
	}
	return b.weigh(l, l.back)
}

func (b *weightsBox) weigh(l *weightLine, n int) tea.Cmd {
	l.weight = max(0, min(n, 1_000_000))
	b.run.mix.weights[l.task] = l.weight
	return b.run.wishes.send(stats.Wish{Weights: map[string]int{l.task: l.weight}})
}

func (b *weightsBox) box(w, h int) string {
	s := b.run.s
	total := 0
	for _, l := range b.lines {
		total += l.weight
	}
	width := min(w-4, 66)
	var lines []string
	at := 0
	for i, l := range b.lines {
		if i == 0 && l.task != "" {
			lines = append(lines, s.head.Render(fit(" task", width-22))+s.head.Render(fitRight("weight", 8)+fitRight("share", 10)))
		}
		if l.route != nil && (i == 0 || b.lines[i-1].route == nil) {
			lines = append(lines, "", s.head.Render(fit(" route", width-4)))
		}
		text := ""
		if l.route != nil {
			state := "on"
			if l.muted {
				state = "off"
			}
			text = fit(" "+clean(l.route.String()), width-22) + fitRight(state, 8)
		} else {
			text = fit(" "+clean(l.task), width-22) + fitRight(strconv.Itoa(l.weight), 8) + fitRight(percent(int64(l.weight), int64(total)), 10)
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
