package tui

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
)

// driver runs the app's model without a terminal: it sends messages, performs
// the commands that come back, and reads the screen. It works in a bubble of
// testing/synctest, so it knows when a command waits for something outside;
// and time stands still unless a test moves it.
type driver struct {
	t    *testing.T
	app  *app
	time time.Time
	cmds []chan tea.Msg // of commands that wait for something outside
	quit bool
	clip string // what was copied last
}

// newDriver returns a driver of a screen of w by h cells.
func newDriver(t *testing.T, o Options, w, h int, env ...string) *driver {
	t.Helper()
	d := &driver{t: t, time: time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)}
	ctx, cancel := context.WithCancel(t.Context())
	t.Cleanup(cancel)
	d.app = newApp(ctx, o, append([]string{"TERM=xterm-256color", "COLORTERM=truecolor", "LANG=en_US.UTF-8"}, env...))
	d.app.now = func() time.Time { return d.time }
	d.app.tick = func() tea.Cmd { return nil }
	d.send(tea.WindowSizeMsg{Width: w, Height: h})
	if o.Setup != nil {
		d.perform(d.app.begin(*o.Setup))
	}
	return d
}

// send gives the app a message and performs what comes of it.
func (d *driver) send(msg tea.Msg) {
	d.t.Helper()
	_, cmd := d.app.Update(msg)
	d.app.View() // as Bubble Tea does after every message
	d.perform(cmd)
}

// perform runs a command and what comes of it until it waits for something: a
// feed's next second, the end of a run, the next tick.
func (d *driver) perform(cmd tea.Cmd) {
	d.t.Helper()
	if cmd == nil {
		return
	}
	got := make(chan tea.Msg, 1)
	go func() { got <- cmd() }()
	d.cmds = append(d.cmds, got)
	d.settle()
}

// settle takes all messages of commands that need not wait, and returns
// whether there was any.
func (d *driver) settle() (any bool) {
	d.t.Helper()
	for {
		synctest.Wait()
		i := slices.IndexFunc(d.cmds, func(c chan tea.Msg) bool { return len(c) > 0 })
		if i < 0 {
			return any
		}
		got := d.cmds[i]
		d.cmds = slices.Delete(d.cmds, i, i+1)
		d.take(<-got)
		any = true
	}
}

func (d *driver) take(msg tea.Msg) {
	d.t.Helper()
	switch msg := msg.(type) {
	case nil:
	case tea.BatchMsg:
		for _, c := range msg {
			d.perform(c)
		}
	case tea.QuitMsg:
		d.quit = true
	case panicMsg:
		d.t.Fatalf("a command panicked: %v\n%s", msg.Value, msg.Stack)
	default:
		if text, ok := clipboard(msg); ok {
			d.clip = text
			return
		}
		d.send(msg)
	}
}

// clipboard returns the text of Bubble Tea's message that sets the clipboard.
func clipboard(msg tea.Msg) (string, bool) {
	want := tea.SetClipboard("")()
	if sameType(msg, want) {
		return toString(msg), true
	}
	return "", false
}

// pump takes what comes until done holds.
func (d *driver) pump(what string, done func() bool) {
	d.t.Helper()
	for !done() {
		if !d.settle() && !done() {
			d.t.Fatalf("waited in vain for %s; the screen is\n%s", what, d.screen())
		}
	}
}

// keys presses keys by their names, such as "enter", "shift+up" or "q".
func (d *driver) keys(names ...string) {
	d.t.Helper()
	for _, name := range names {
		d.send(press(name))
	}
}

// typing types text character by character.
func (d *driver) typing(text string) {
	d.t.Helper()
	for _, r := range text {
		d.send(tea.KeyPressMsg{Code: r, Text: string(r)})
	}
}

// press makes the message of a key.
func press(name string) tea.KeyPressMsg {
	named := map[string]tea.KeyPressMsg{
		"enter": {Code: tea.KeyEnter}, "esc": {Code: tea.KeyEscape}, "tab": {Code: tea.KeyTab},
		"shift+tab": {Code: tea.KeyTab, Mod: tea.ModShift}, "up": {Code: tea.KeyUp}, "down": {Code: tea.KeyDown},
		"left": {Code: tea.KeyLeft}, "right": {Code: tea.KeyRight}, "shift+up": {Code: tea.KeyUp, Mod: tea.ModShift},
		"shift+down": {Code: tea.KeyDown, Mod: tea.ModShift}, "space": {Code: tea.KeySpace, Text: " "},
		"backspace": {Code: tea.KeyBackspace}, "home": {Code: tea.KeyHome}, "end": {Code: tea.KeyEnd},
		"pgup": {Code: tea.KeyPgUp}, "pgdown": {Code: tea.KeyPgDown},
		"ctrl+c": {Code: 'c', Mod: tea.ModCtrl}, "ctrl+t": {Code: 't', Mod: tea.ModCtrl}, "ctrl+r": {Code: 'r', Mod: tea.ModCtrl},
		"ctrl+s": {Code: 's', Mod: tea.ModCtrl}, "ctrl+z": {Code: 'z', Mod: tea.ModCtrl},
	}
	if k, ok := named[name]; ok {
		return k
	}
	return tea.KeyPressMsg{Code: []rune(name)[0], Text: name}
}

// screen returns what the terminal shows, without colours.
func (d *driver) screen() string { return ansi.Strip(d.app.View().Content) }

// shows fails the test unless the screen contains each of the texts.
func (d *driver) shows(texts ...string) {
	d.t.Helper()
	screen := d.screen()
	for _, text := range texts {
		if !strings.Contains(screen, text) {
			d.t.Fatalf("the screen does not show %q:\n%s", text, screen)
		}
	}
}

// lacks fails the test if the screen contains one of the texts.
func (d *driver) lacks(texts ...string) {
	d.t.Helper()
	screen := d.screen()
	for _, text := range texts {
		if strings.Contains(screen, text) {
			d.t.Fatalf("the screen shows %q:\n%s", text, screen)
		}
	}
}

// step lets the fake run make n seconds and the screen show them.
func (d *driver) step(r *fakeRun, n int) {
	d.t.Helper()
	for range n {
		r.step()
		d.time = d.time.Add(time.Second)
		want := len(r.History())
		d.pump("the next second", func() bool {
			s, ok := d.app.screen.(*runScreen)
			return ok && s.tally.next() >= want
		})
	}
}

// options returns options that start the given run at once.
func options(t *testing.T, r *fakeRun) Options {
	t.Cleanup(r.end)
	return Options{
		Entries: fakeEntries(), Version: "0.1.0",
		Start: func(context.Context, Setup, func(string)) (*Started, error) {
			return &Started{
				Run: r, Folder: "results/text-embedding",
				Saves: []Save{{"HTML report", func() ([]string, error) { return []string{"results/report.html"}, nil }}, {"CSV files", func() ([]string, error) { return nil, errors.New("the disk is full") }}},
				Wait:  func() Outcome { <-r.ended; return Outcome{Paths: []string{"results/text-embedding"}} },
			}, nil
		},
	}
}

// running returns a driver of a run that has gone on for some seconds.
func running(t *testing.T, r *fakeRun, w, h, seconds int, env ...string) *driver {
	t.Helper()
	o := options(t, r)
	o.Setup = &Setup{Scenario: fakeScenario(), Path: "scenarios/embedding.yaml", Profile: "sustained"}
	d := newDriver(t, o, w, h, env...)
	d.pump("the run", func() bool { _, ok := d.app.screen.(*runScreen); return ok })
	for range seconds {
		r.step()
	}
	if seconds > 0 {
		d.step(r, 1)
	}
	return d
}

// splitLines yields the lines of a text.
func splitLines(text string) func(func(string) bool) {
	return func(yield func(string) bool) {
		for _, line := range strings.Split(text, "\n") {
			if !yield(line) {
				return
			}
		}
	}
}
