package tui

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
)

// framesPerSecond bounds how often the terminal is written to. What is shown
// changes once a second; the rest is for typing.
const framesPerSecond = 50

// parting is how long a terminal that takes nothing any more is waited for.
const parting = 2 * time.Second

func show(ctx context.Context, o Options, in io.Reader, out io.Writer, env []string) (Result, error) {
	a := newApp(ctx, o, env)
	g := &guard{model: a}
	p := tea.NewProgram(g,
		tea.WithInput(in), tea.WithOutput(out), tea.WithEnvironment(env),
		tea.WithFPS(framesPerSecond), tea.WithoutSignalHandler())
	g.quit = p.Quit
	ended := make(chan error, 1)
	go func() {
		_, err := p.Run()
		ended <- err
	}()
	err, stuck := await(ctx, p, o.Aside, ended)
	if stuck {
		return Result{}, context.Cause(ctx)
	}
	a.leave()
	switch {
	case g.panic != nil:
		return a.result, g.panic
	case ctx.Err() != nil:
		return a.result, context.Cause(ctx)
	case err != nil:
		return a.result, fmt.Errorf("the terminal cannot be used: %w", err)
	}
	return a.result, a.err
}

// await hands p what comes from aside until p has ended, or ctx has and the
// terminal is stuck.
func await(ctx context.Context, p *tea.Program, aside <-chan func(), ended <-chan error) (err error, stuck bool) {
	for {
		select {
		case f := <-aside:
			go p.Send(asideMsg(f))
		case err := <-ended:
			return err, false
		case <-ctx.Done():
			go p.Quit()
			select {
			case err := <-ended:
				return err, false
			case <-time.After(parting):
				return nil, true
			}
		}
	}
}

// common is what all screens share: the options, the looks, the room.
type common struct {
	Options
	s     *styles
	k     *keyMap
	w, h  int
	ascii bool
	now   func() time.Time
}

// screen is one thing that fills the terminal.
type screen interface {
	update(tea.Msg) tea.Cmd
	// view returns the screen's text, c.h lines of c.w cells.
	view() string
}

// app is the model of the whole program: it holds the screen that shows, and
// goes from the picker to the form, to the wait for the target, to the run.
type app struct {
	*common
	ctx    context.Context
	screen screen
	picker *picker
	form   *form
	begun  *begin // the start under way; nil: none
	result Result
	err    error

	tick  func() tea.Cmd // brings a tickMsg after a second
	drawn string         // the last picture
	dirty bool           // it is out of date
	gone  bool           // the screen is being left: it is wiped
}

// The messages that lead from one screen to another.
type (
	pickedMsg struct{ index int }
	backMsg   struct{}
	beginMsg  struct{ setup Setup }
	leaveMsg  struct{}
	tickMsg   time.Time
)

func newApp(ctx context.Context, o Options, env []string) *app {
	c := &common{Options: o, ascii: asciiOnly(env), now: time.Now, w: 80, h: 24}
	c.s, c.k = newStyles(colorprofile.Env(env), true, c.ascii), newKeys(o.Keys, c.ascii)
	a := &app{common: c, ctx: ctx, dirty: true, tick: tick}
	a.picker = newPicker(c)
	a.screen = a.picker
	return a
}

// asciiOnly reports whether the locale of env asks for ASCII.
func asciiOnly(env []string) bool {
	values := map[string]string{}
	for _, e := range env {
		name, value, _ := strings.Cut(e, "=")
		values[name] = value
	}
	for _, name := range []string{"LC_ALL", "LC_CTYPE", "LANG"} {
		if v := values[name]; v != "" {
			v = strings.ToLower(strings.ReplaceAll(v, "-", ""))
			return !strings.Contains(v, "utf8")
		}
	}
	return false // most terminals of today know more, whatever the locale
}

// Init starts the clock and asks the terminal for its background.
func (a *app) Init() tea.Cmd {
	cmds := []tea.Cmd{a.tick(), tea.RequestBackgroundColor}
	if a.Setup != nil {
		cmds = append(cmds, a.begin(*a.Setup))
	}
	return tea.Batch(cmds...)
}

func tick() tea.Cmd { return tea.Tick(time.Second, func(t time.Time) tea.Msg { return tickMsg(t) }) }

// Update handles what concerns the whole program and hands the rest to the
// screen.
func (a *app) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	a.dirty = a.dirty || !isNoise(msg)
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		a.w, a.h = msg.Width, msg.Height
	case tea.ColorProfileMsg:
		a.restyle(msg.Profile, a.s.dark)
	case tea.BackgroundColorMsg:
		a.restyle(a.s.profile, msg.IsDark())
	case tickMsg:
		return a, tea.Batch(a.tick(), a.screen.update(msg))
	case pickedMsg:
		a.form = newForm(a.common, a.Entries[msg.index])
		a.screen = a.form
		return a, nil
	case reloadedMsg:
		a.Entries = msg
	case backMsg:
		return a, a.back()
	case beginMsg:
		return a, a.begin(msg.setup)
	case startedMsg:
		return a, a.started(msg)
	case outcomeMsg:
		a.result.Outcome = &msg.Outcome
	case leaveMsg:
		return a, a.end()
	case asideMsg:
		return a, msg.call()
	case lostMsg:
		a.err = fmt.Errorf("the terminal cannot be used: %w", msg.error)
		return a, a.end()
	case tea.KeyPressMsg:
		switch {
		case msg.String() == "ctrl+z" && a.Suspend != nil:
			return a, asideMsg(a.Suspend).call()
		case msg.String() == "ctrl+l":
			return a, tea.ClearScreen
		}
	}
	return a, a.screen.update(msg)
}

// isNoise reports whether a message can change nothing on the screen.
func isNoise(msg tea.Msg) bool {
	switch msg.(type) {
	case tea.MouseMotionMsg, tea.MouseReleaseMsg, tea.EnvMsg, tea.ModeReportMsg:
		return true
	}
	return false
}

// restyle takes on what has become known about the terminal.
func (a *app) restyle(profile colorprofile.Profile, dark bool) {
	if profile != a.s.profile || dark != a.s.dark {
		a.s = newStyles(profile, dark, a.ascii)
	}
}

// back goes to the screen before, or ends.
func (a *app) back() tea.Cmd {
	_, vouching := a.screen.(*vouching)
	switch {
	case a.form == nil:
	case a.screen == a.form:
		a.screen = a.picker
		return nil
	case vouching:
		a.err, a.screen = nil, a.form
		return nil
	}
	return a.end()
}

// end wipes the screen and ends the program. A multiplexer whose window grew
// meanwhile would otherwise keep the last picture.
func (a *app) end() tea.Cmd {
	a.gone, a.dirty = true, true
	return tea.Quit
}

// started goes on to the run, or back to where it was asked for.
func (a *app) started(msg startedMsg) tea.Cmd {
	setup := a.begun.setup
	a.begun = nil
	switch unvouched := new(Unvouched); {
	case errors.As(msg.err, &unvouched):
		a.err = msg.err // unless it is started after all
		a.screen = newVouching(a.common, setup, unvouched.Host)
		return nil
	case msg.err == nil:
		a.err = nil
		a.result.Started, a.result.Setup = msg.started, setup
		r := newRunScreen(a.ctx, a.common, setup, msg.started)
		a.screen = r
		return r.init()
	case a.form != nil:
		if !errors.Is(msg.err, context.Canceled) {
			a.form.refuse(msg.err)
		}
		a.screen = a.form
		return nil
	}
	a.err = msg.err
	return a.end()
}

// leave ends what the program still has under way.
func (a *app) leave() {
	if a.begun != nil {
		a.begun.cancel()
	}
	if r, ok := a.screen.(*runScreen); ok {
		r.close()
	}
}

// The smallest terminal that shows enough.
const (
	leastWidth  = 60
	leastHeight = 20
)

// View draws the screen, if anything changed since the last time.
func (a *app) View() tea.View {
	if a.dirty {
		a.drawn, a.dirty = a.draw(), false
	}
	v := tea.NewView(a.drawn)
	v.AltScreen = true
	v.MouseMode = tea.MouseModeCellMotion
	v.WindowTitle = "brink"
	return v
}

func (a *app) draw() string {
	text := ""
	switch {
	case a.gone:
		return fill("", a.w, a.h)
	case a.w < leastWidth || a.h < leastHeight:
		text = tooSmall(a.w, a.h)
	default:
		text = a.screen.view()
	}
	if a.ascii {
		return toASCII(text)
	}
	return text
}

func tooSmall(w, h int) string {
	text := fmt.Sprintf("\n This terminal is too small:\n %d×%d, and brink needs %d×%d.\n Make it larger to go on;\n the run goes on meanwhile.", w, h, leastWidth, leastHeight)
	return fill(text, w, h)
}
