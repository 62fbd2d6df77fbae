package tui

import (
	"context"
	"strconv"
	"strings"
	"time"

	"charm.land/bubbles/v2/textinput"
	tea "charm.land/bubbletea/v2"

	"brink/scenarios"
)

// form is where a run is set up: the file's values are filled in, and any of
// them can be changed.
type form struct {
	*common
	entry    scenarios.Entry
	profiles []string // names; the first, empty, is "by hand"
	chosen   int
	inputs   [numFields]textinput.Model
	focus    field
	trouble  [numFields]string // what is wrong with a field
	refused  string            // why the run could not be started
	tried    string            // what a single try gave; empty: none shows
	trying   context.CancelFunc
}

// field is a line of the form.
type field uint8

const (
	targetField field = iota
	profileField
	usersField
	spawnField
	timeField
	numFields
)

var fieldNames = [numFields]string{"target", "profile", "users", "spawn rate", "run time"}

var fieldHelp = [numFields]string{
	"base URL of the API",
	"how the load goes",
	"virtual users",
	"a second; empty: all at once",
	"30s, 5m, 1h; empty: until you stop",
}

// formTop is the line of the first field.
const formTop = 4

func newForm(c *common, e scenarios.Entry) *form {
	f := &form{common: c, entry: e, profiles: []string{""}, focus: usersField}
	for i := range f.inputs {
		f.inputs[i] = newInput(c.s, 24)
	}
	f.inputs[targetField].SetWidth(50)
	f.inputs[targetField].CharLimit = 2000
	f.inputs[targetField].SetValue(targetOf(&e))
	for i := range e.Scenario.Profiles {
		f.profiles = append(f.profiles, e.Scenario.Profiles[i].Name)
		if e.Scenario.Profiles[i].Name == e.Scenario.Default {
			f.chosen = i + 1
		}
	}
	f.fillIn()
	f.turn(0)
	return f
}

// profile returns the chosen profile, nil for "by hand".
func (f *form) profile() *scenarios.Profile {
	if f.chosen == 0 {
		return nil
	}
	return &f.entry.Scenario.Profiles[f.chosen-1]
}

// staged reports whether the profile sets the load by itself, so that users
// and spawn rate are not asked for.
func (f *form) staged() bool {
	p := f.profile()
	return p != nil && (len(p.Stages) > 0 || p.Open())
}

// fillIn puts the chosen profile's values into the fields.
func (f *form) fillIn() {
	users, spawn, long := "1", "", ""
	if p := f.profile(); p != nil {
		users = ""
		if p.Users > 0 {
			users = strconv.Itoa(p.Users)
		}
		if p.SpawnRate > 0 {
			spawn = strconv.FormatFloat(p.SpawnRate, 'g', -1, 64)
		}
		if p.RunTime > 0 {
			long = shortDuration(p.RunTime)
		}
	}
	if f.staged() {
		users, spawn = "", ""
	}
	f.inputs[usersField].SetValue(users)
	f.inputs[spawnField].SetValue(spawn)
	f.inputs[timeField].SetValue(long)
	f.trouble = [numFields]string{}
}

// shortDuration writes a duration as a user types it: "1m30s".
func shortDuration(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

// refuse shows why the run could not be started.
func (f *form) refuse(err error) { f.refused = err.Error() }

func (f *form) update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case tea.KeyPressMsg:
		return f.press(msg)
	case tea.PasteMsg:
		return f.typed(msg)
	case triedMsg:
		f.trying = nil
		f.tried = string(msg)
	case tea.MouseClickMsg:
		if i := msg.Y - formTop; i >= 0 && i < int(numFields) && !f.skipped(field(i)) {
			f.focusOn(field(i))
		}
	}
	return nil
}

// triedMsg brings what a single try gave.
type triedMsg string

func (f *form) press(msg tea.KeyPressMsg) tea.Cmd {
	if f.tried != "" || f.trying != nil {
		if f.trying != nil {
			f.trying()
		}
		f.tried = ""
		return nil
	}
	f.refused = ""
	switch msg.String() {
	case "ctrl+c":
		return send(leaveMsg{})
	case "esc":
		return send(backMsg{})
	case "enter":
		return f.submit()
	case "up", "shift+tab":
		f.turn(-1)
	case "down", "tab":
		f.turn(1)
	case "ctrl+t":
		return f.try()
	case "left", "right", "space":
		if f.focus != profileField {
			return f.typed(msg)
		}
		f.choose(msg.String() != "left")
	default:
		if f.focus != profileField {
			return f.typed(msg)
		}
	}
	return nil
}

// choose takes the next or the previous profile.
func (f *form) choose(next bool) {
	n := len(f.profiles)
	if next {
		f.chosen = (f.chosen + 1) % n
	} else {
		f.chosen = (f.chosen + n - 1) % n
	}
	f.fillIn()
}

func (f *form) typed(msg tea.Msg) tea.Cmd {
	if f.focus == profileField {
		return nil
	}
	var cmd tea.Cmd
	f.inputs[f.focus], cmd = f.inputs[f.focus].Update(msg)
	f.trouble[f.focus] = ""
	return cmd
}

// turn moves the focus by a field, over those that are not asked for.
func (f *form) turn(by int) {
	at := f.focus
	for {
		at = field((int(at) + by + int(numFields)) % int(numFields))
		if !f.skipped(at) || by == 0 {
			break
		}
	}
	if f.skipped(at) {
		at = profileField
	}
	f.focusOn(at)
}

func (f *form) focusOn(at field) {
	f.inputs[f.focus].Blur()
	f.focus = at
	if at != profileField {
		f.inputs[at].Focus()
		f.inputs[at].CursorEnd()
	}
}

func (f *form) skipped(at field) bool {
	return f.staged() && (at == usersField || at == spawnField || at == timeField && len(f.profile().Stages) > 0)
}
