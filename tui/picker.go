package tui

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"charm.land/bubbles/v2/textinput"
	tea "charm.land/bubbletea/v2"

	"brink/scenarios"
)

// picker is the list of scenarios, filtered by what is typed. A broken file is
// in it with its error.
type picker struct {
	*common
	filter textinput.Model
	cursor int  // index into the matches
	first  int  // the first match shown
	wrong  bool // the selected file's errors show in full
}

func newPicker(c *common) *picker {
	p := &picker{common: c, filter: newInput(c.s, 44)}
	p.filter.Placeholder = "type a part of a name, route or profile"
	p.filter.Focus()
	return p
}

// pickerTop is how many lines are above the list, linesEach how many a
// scenario takes.
const (
	pickerTop = 4
	linesEach = 3
)

// matches returns the indexes of the entries that contain what was typed.
func (p *picker) matches() []int {
	words := strings.Fields(strings.ToLower(p.filter.Value()))
	var out []int
	for i := range p.Entries {
		text := strings.ToLower(describe(&p.Entries[i]))
		if !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(text, w) }) {
			out = append(out, i)
		}
	}
	return out
}

// describe is the text that the filter searches.
func describe(e *scenarios.Entry) string {
	return strings.Join([]string{e.Title, e.Path, targetOf(e), routesOf(e), profilesOf(e)}, " ")
}

func targetOf(e *scenarios.Entry) string {
	if e.Scenario == nil || e.Scenario.Target == nil {
		return ""
	}
	return e.Scenario.Target.String()
}

// ownTarget reports whether the scenario's target is one that brink starts
// itself, on a port that is not known yet.
func ownTarget(e *scenarios.Entry) bool {
	return e.Scenario != nil && e.Scenario.Target != nil && e.Scenario.Target.Port() == "0"
}

func routesOf(e *scenarios.Entry) string {
	if e.Scenario == nil {
		return ""
	}
	names := make([]string, len(e.Scenario.Routes))
	for i, r := range e.Scenario.Routes {
		names[i] = r.String()
	}
	return strings.Join(names, ", ")
}

func profilesOf(e *scenarios.Entry) string {
	if e.Scenario == nil {
		return ""
	}
	var names []string
	for i := range e.Scenario.Profiles {
		if pr := &e.Scenario.Profiles[i]; !pr.Builtin {
			names = append(names, pr.Name)
		}
	}
	return strings.Join(names, ", ")
}

func (p *picker) update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case tea.KeyPressMsg:
		return p.press(msg)
	case tea.MouseWheelMsg:
		if msg.Button == tea.MouseWheelUp {
			p.move(-1)
		} else if msg.Button == tea.MouseWheelDown {
			p.move(1)
		}
	case tea.MouseClickMsg:
		if at := p.first + (msg.Y-pickerTop)/linesEach; msg.Y >= pickerTop && at < len(p.matches()) {
			if p.cursor == at {
				return p.pick()
			}
			p.cursor = at
		}
	case tea.PasteMsg:
		return p.typed(msg)
	}
	return nil
}

func (p *picker) press(msg tea.KeyPressMsg) tea.Cmd {
	if p.wrong {
		p.wrong = false
		return nil
	}
	switch msg.String() {
	case "ctrl+c":
		return send(leaveMsg{})
	case "esc":
		if p.filter.Value() == "" {
			return send(leaveMsg{})
		}
		p.filter.Reset()
		p.cursor = 0
	case "up", "ctrl+p":
		p.move(-1)
	case "down", "ctrl+n", "tab":
		p.move(1)
	case "pgup":
		p.move(-p.room())
	case "pgdown":
		p.move(p.room())
	case "home":
		p.cursor = 0
	case "end":
		p.move(len(p.Entries))
	case "ctrl+r":
		if p.Reload != nil {
			reload := p.Reload
			return guarded(func() tea.Msg { return reloadedMsg(reload()) })
		}
	case "enter":
		return p.pick()
	default:
		return p.typed(msg)
	}
	return nil
}

// reloadedMsg brings the entries found anew.
type reloadedMsg []scenarios.Entry

func (p *picker) typed(msg tea.Msg) tea.Cmd {
	var cmd tea.Cmd
	before := p.filter.Value()
	p.filter, cmd = p.filter.Update(msg)
	if p.filter.Value() != before {
		p.cursor = 0
	}
	return cmd
}

// pick opens the form for the selected scenario, or shows what is wrong with
// it.
func (p *picker) pick() tea.Cmd {
	matches := p.matches()
	if len(matches) == 0 {
		return nil
	}
	i := matches[min(p.cursor, len(matches)-1)]
	if p.Entries[i].Err != nil || p.Entries[i].Scenario == nil {
		p.wrong = true
		return nil
	}
	return send(pickedMsg{i})
}

func (p *picker) move(by int) {
	p.cursor = max(0, min(p.cursor+by, len(p.matches())-1))
}

// room returns how many scenarios fit on the screen.
func (p *picker) room() int { return max(1, (p.h-pickerTop-2)/linesEach) }

func (p *picker) view() string {
	matches := p.matches()
	p.first = scroll(p.first, p.cursor, len(matches), p.room())
	lines := []string{
		spread("  "+p.s.brand.Render("brink")+"  which scenario?", p.s.dim.Render(p.Version)+"  ", p.w),
		"",
		spread("  "+p.s.dim.Render("filter: ")+p.filter.View(), p.s.dim.Render(p.place(len(matches)))+"  ", p.w),
		"",
	}
	for at := p.first; at < min(len(matches), p.first+p.room()); at++ {
		lines = append(lines, p.entry(&p.Entries[matches[at]], at == p.cursor)...)
	}
	switch {
	case len(matches) == 0 && len(p.Entries) > 0:
		lines = append(lines, "  Nothing matches. "+p.s.key.Render("esc")+" clears the filter.")
	case !slices.ContainsFunc(p.Entries, func(e scenarios.Entry) bool { return !e.Example }):
		lines = append(lines, "  No scenario files of your own here: `brink init` writes one to start from,", "  `brink URL` loads one address.")
	}
	foot := hints(p.s, p.w, hint{p.s.glyph.updown, "choose", 0}, hint{"enter", "set up", 0}, hint{"esc", "leave", 0}, hint{"ctrl+r", "look again", 1})
	text := fill(strings.Join(lines, "\n"), p.w, p.h-1) + "\n" + foot
	if p.wrong && len(matches) > 0 {
		return overlay(text, p.problems(&p.Entries[matches[p.cursor]]), p.w, p.h)
	}
	return text
}

// place says which of n matches show, where not all do.
func (p *picker) place(n int) string {
	if n <= p.room() {
		return ""
	}
	return fmt.Sprintf("%d%s%d of %d", p.first+1, p.s.glyph.dash, min(n, p.first+p.room()), n)
}

// entry draws a scenario in linesEach lines.
func (p *picker) entry(e *scenarios.Entry, on bool) []string {
	mark, title := "   ", clean(e.Title)
	if on {
		mark = " " + p.s.key.Render(p.s.glyph.selected)
	}
	where := clean(e.Path)
	if e.Example {
		where = "built-in example"
	}
	name := p.s.bold.Render(title) + " "
	if on {
		name = p.s.selected.Render(" " + title + " ")
	}
	if e.Err != nil || e.Scenario == nil {
		first := problemLines(e.Err)[0]
		return []string{
			spread(mark+name, p.s.dim.Render(where)+"  ", p.w),
			fit("     "+p.s.bad.Render("broken: ")+clean(first), p.w), "",
		}
	}
	target := clean(targetOf(e))
	if ownTarget(e) {
		target = "brink starts the target too"
	}
	line := mark + name + " " + p.s.dim.Render(target)
	detail := "     " + clean(routesOf(e))
	if profiles := profilesOf(e); profiles != "" {
		detail += p.s.dim.Render("  " + p.s.glyph.dot + "  " + clean(profiles))
	}
	return []string{spread(line, p.s.dim.Render(where)+"  ", p.w), fit(detail, p.w), ""}
}

// problems draws all that is wrong with a file.
func (p *picker) problems(e *scenarios.Entry) string {
	w := min(p.w-4, 100)
	lines := []string{""}
	for _, text := range problemLines(e.Err) {
		lines = append(lines, wrap(clean(text), w-4, " ")...)
	}
	lines = append(lines, "", " Mend the file and choose it again ("+p.s.key.Render("ctrl+r")+" looks again).")
	h := min(p.h-2, len(lines)+2)
	return p.s.panel(p.s.bad.Render(clean(e.Title)+" cannot be used"), strings.Join(lines, "\n"), "any key: back", w, h)
}

// problemLines returns an error's lines, at least one.
func problemLines(err error) []string {
	if err == nil {
		return []string{"it is no scenario"}
	}
	var problems scenarios.Problems
	if errors.As(err, &problems) && len(problems) > 0 {
		return strings.Split(strings.TrimSpace(problems.Error()), "\n")
	}
	return strings.Split(err.Error(), "\n")
}

// send returns a command that does nothing but bring a message.
func send(msg tea.Msg) tea.Cmd { return func() tea.Msg { return msg } }
