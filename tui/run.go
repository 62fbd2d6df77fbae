package tui

import (
	"cmp"
	"context"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"
	"charm.land/lipgloss/v2"

	"brink/runner/stats"
)

// runScreen shows a run and drives it: the header, the tabs, one of the views,
// and the footer, with at most one dialog in front.
type runScreen struct {
	*common
	setup   Setup
	started *Started
	stop    context.CancelFunc // ends the feed
	feed    feed
	wishes  wishes
	tally   *tally
	head    header
	known   []stats.Route
	weights *weightsBox

	showing view
	panes   [numViews]pane
	dialog  dialog

	ending  ending
	leaving bool // the screen closes when everything is saved
	outcome *Outcome
	heard   time.Time // when the last news came
	flash   string
	flashed time.Time
	bad     bool // the flash is bad news
	first   bool // the three lines for a first start show
}

// ending is how far the end of a run is.
type ending uint8

const (
	goingOn  ending = iota
	asked           // q was pressed once
	draining        // stopping: what is in flight gets the grace period
	cutting         // stopping at once
)

// pane is one of the views.
type pane interface {
	// press takes a key; false where the pane has no use for it.
	press(tea.KeyPressMsg) (tea.Cmd, bool)
	// mouse takes a click or a turn of the wheel at a cell of the pane.
	mouse(msg tea.MouseMsg, x, y int)
	draw(w, h int) string
	hints() []hint
}

// dialog is something in front of the view that takes all keys.
type dialog interface {
	// press returns whether the dialog is done.
	press(tea.KeyPressMsg) (tea.Cmd, bool)
	// box draws the dialog; empty for one that lives in the footer.
	box(w, h int) string
	// footer is its line at the bottom.
	footer(w int) string
}

// outcomeMsg brings the end of a run.
type outcomeMsg struct{ Outcome }

func newRunScreen(ctx context.Context, c *common, setup Setup, started *Started) *runScreen {
	ctx, stop := context.WithCancel(ctx)
	r := &runScreen{
		common: c, setup: setup, started: started, stop: stop,
		feed:   feed{run: started.Run, news: started.Run.Snapshots(ctx)},
		wishes: wishes{run: started.Run},
		heard:  c.now(), first: c.Hints,
	}
	r.tally = newTally()
	if s := setup.Scenario; s != nil {
		r.tally.levels.Thresholds = s.Thresholds
		r.known = s.Routes
		r.head.name = s.Name
		if s.Target != nil {
			r.head.target = s.Target.String()
		}
	}
	r.head.tally = r.tally
	r.head.profile = setup.Profile
	if target := cmp.Or(started.Target, setup.Target); target != "" {
		r.head.target = target
	}
	r.weights = newWeights(r)
	r.panes = [numViews]pane{newLivePane(r), newRoutesPane(r), newFailuresPane(r), newLevelsPane(r), newLogPane(r)}
	return r
}

// init starts to listen to the run.
func (r *runScreen) init() tea.Cmd {
	if r.started.Wait == nil {
		return r.feed.wait()
	}
	wait := r.started.Wait
	return tea.Batch(r.feed.wait(), guarded(func() tea.Msg { return outcomeMsg{wait()} }))
}

// close lets go of the run.
func (r *runScreen) close() { r.stop() }

func (r *runScreen) update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case newsMsg:
		return r.news(msg)
	case outcomeMsg:
		return r.ended(&msg.Outcome)
	case wishedMsg:
		if msg.err != nil {
			r.say(msg.err.Error(), true)
			r.head.pending = pending{}
		}
		return r.wishes.done()
	case savedMsg:
		r.saved(msg)
	case tickMsg:
		r.ticked()
	case tea.KeyPressMsg:
		r.first = false
		return r.press(msg)
	case tea.PasteMsg:
		if p, ok := r.dialog.(*prompt); ok {
			p.paste(msg)
		}
	case tea.MouseClickMsg:
		return r.click(msg)
	case tea.MouseWheelMsg:
		if r.dialog == nil {
			r.panes[r.showing].mouse(msg, msg.X, msg.Y-r.top())
		}
	}
	return nil
}

// news folds new seconds in.
func (r *runScreen) news(msg newsMsg) tea.Cmd {
	r.heard, r.head.lost = r.now(), 0
	for _, s := range msg.list {
		r.tally.add(s)
		r.head.pending.settle(&s.Load, r.now())
		r.weights.follow(&s.Load.Mix)
		r.warn(s.Events)
	}
	if msg.over {
		r.head.over = true
		return nil
	}
	return r.feed.wait()
}

// warn shows warnings of the run as they come.
func (r *runScreen) warn(events []stats.Event) {
	for _, e := range events {
		if e.Kind == stats.EventWarning {
			r.say(e.Text, true)
		}
	}
}

// ended takes note that everything is saved.
func (r *runScreen) ended(o *Outcome) tea.Cmd {
	r.outcome, r.head.over = o, true
	if r.leaving {
		return send(leaveMsg{})
	}
	r.ending = goingOn
	r.flash = ""
	r.head.fault, r.head.saved = o.Err, r.started.Folder
	return nil
}

// How long things show.
const (
	flashTime  = 4 * time.Second
	silentTime = 3 * time.Second
)

// ticked lets go of what showed long enough.
func (r *runScreen) ticked() {
	if r.flash != "" && r.now().Sub(r.flashed) > flashTime {
		r.flash = ""
	}
	if lost := r.now().Sub(r.heard); lost > silentTime && !r.head.over {
		r.head.lost = lost.Truncate(time.Second)
	}
}

// say shows a sentence for some seconds.
func (r *runScreen) say(text string, bad bool) {
	r.flash, r.flashed, r.bad = text, r.now(), bad
}

// finished reports whether nothing is left to stop.
func (r *runScreen) finished() bool { return r.outcome != nil || r.head.over && r.started.Wait == nil }

func (r *runScreen) view() string {
	r.head.now = r.now()
	lines := append(r.head.draw(r.s, r.w), r.tabs(r.w))
	body := r.panes[r.showing].draw(r.w, r.h-len(lines)-1)
	text := strings.Join(lines, "\n") + "\n" + body + "\n" + r.footer()
	if box := r.box(); box != "" {
		return overlay(text, box, r.w, r.h)
	}
	return text
}

// top returns the line at which the view begins.
func (r *runScreen) top() int { return len(r.head.draw(r.s, r.w)) + 1 }

// tabs draws the row of views with the latest message at its right, or instead
// of them where it is long.
func (r *runScreen) tabs(w int) string {
	if r.flash == "" {
		return fit(r.tabsText(), w)
	}
	style := r.s.good
	if r.bad {
		style = r.s.bad
	}
	flash := style.Render(clean(r.flash)) + " "
	if lipgloss.Width(flash)+lipgloss.Width(r.tabsText())+1 > w {
		return fit(" "+flash, w)
	}
	return spread(r.tabsText(), flash, w)
}

func (r *runScreen) tabsText() string {
	var b strings.Builder
	for v := range numViews {
		style := r.s.tab
		if v == r.showing {
			style = r.s.tabOn
		}
		b.WriteString(style.Render(r.tabName(v)))
	}
	return b.String()
}

func (r *runScreen) tabName(v view) string {
	name := " " + string(rune('1'+v)) + " " + v.String()
	if n := len(r.tally.total.Failures); v == failuresView && n > 0 {
		name += " " + count(int64(n))
	}
	return name + " "
}

// footer is the last line: the dialog's, or the important keys.
func (r *runScreen) footer() string {
	switch {
	case r.ending == asked:
		return fit(" "+r.s.warn.Render("Stop and save?")+"  "+r.s.key.Render("q")+" or "+r.s.key.Render("enter")+" stops, any other key goes on", r.w)
	case r.dialog != nil:
		return r.dialog.footer(r.w)
	}
	var list []hint
	if r.ending < draining && !r.head.over {
		list = r.driving()
	}
	list = append(list, r.panes[r.showing].hints()...)
	quit := "stop & save"
	if r.finished() {
		quit = "quit"
	} else if r.ending >= draining {
		quit = "cut"
	}
	list = append(list, hint{"tab", "view", 7}, hint{"?", "help", 0}, hint{"q", quit, 0})
	return hints(r.s, r.w, list...)
}

// driving are the keys that change the load as it is now.
func (r *runScreen) driving() []hint {
	l := r.tally.load()
	pause := hint{"space", "pause", 4}
	if l.Paused {
		pause = hint{"space", "go on", 0}
	}
	list := []hint{
		{r.s.glyph.updown, "±1", 1}, {r.s.glyph.shift + r.s.glyph.updown, "±10", 5}, {"u", "users", 6}, {"r", "rate", 8},
		pause,
	}
	if l.Manual && r.setup.Profile != "" {
		list = append(list, hint{"P", "profile", 12})
	}
	return append(list, hint{r.k.weights.Help().Key, "weights", 9}, hint{"m", "mark", 10})
}

// box returns what is drawn in front of the view.
func (r *runScreen) box() string {
	switch {
	case r.dialog != nil:
		return r.dialog.box(r.w, r.h)
	case r.leaving:
		return r.drainBox()
	case r.first && r.Hints:
		return r.firstBox()
	}
	return ""
}
