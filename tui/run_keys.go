package tui

import (
	"fmt"
	"math"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"brink/runner/stats"
)

// press takes a key: the question about the end first, then the dialog, the
// end, the view, and the keys of every view.
func (r *runScreen) press(msg tea.KeyPressMsg) tea.Cmd {
	if r.ending == asked {
		return r.answer(msg)
	}
	if r.dialog != nil && msg.String() != "ctrl+c" {
		cmd, done := r.dialog.press(msg)
		if done {
			r.dialog = nil
		}
		return cmd
	}
	switch {
	case key.Matches(msg, r.k.quit):
		return r.quit(msg.String() == "ctrl+c")
	case key.Matches(msg, r.k.cut):
		return r.cut()
	}
	if cmd, taken := r.panes[r.showing].press(msg); taken {
		return cmd
	}
	if cmd, taken := r.turn(msg); taken {
		return cmd
	}
	return r.drive(msg)
}

// turn takes the keys that change what shows.
func (r *runScreen) turn(msg tea.KeyPressMsg) (tea.Cmd, bool) {
	switch {
	case key.Matches(msg, r.k.nextView):
		r.showing = (r.showing + 1) % numViews
	case key.Matches(msg, r.k.prevView):
		r.showing = (r.showing + numViews - 1) % numViews
	case key.Matches(msg, r.k.view):
		r.showing = view(msg.String()[0] - '1')
	case key.Matches(msg, r.k.help):
		r.dialog = newHelp(r)
	case key.Matches(msg, r.k.reset):
		r.tally.reset()
		r.say("statistics shown count from now on; the record keeps all", false)
	case key.Matches(msg, r.k.save):
		r.dialog = newSaveMenu(r)
	default:
		return nil, false
	}
	return nil, true
}

// drive takes the keys that change the load.
func (r *runScreen) drive(msg tea.KeyPressMsg) tea.Cmd {
	if r.ending >= draining || r.head.over {
		return nil
	}
	switch {
	case key.Matches(msg, r.k.up):
		return r.change(func(v float64) float64 { return v + 1 })
	case key.Matches(msg, r.k.down):
		return r.change(func(v float64) float64 { return v - 1 })
	case key.Matches(msg, r.k.upTen):
		return r.change(func(v float64) float64 { return v + 10 })
	case key.Matches(msg, r.k.downTen):
		return r.change(func(v float64) float64 { return v - 10 })
	case key.Matches(msg, r.k.double):
		return r.change(func(v float64) float64 { return max(1, v*2) })
	case key.Matches(msg, r.k.halve):
		return r.change(func(v float64) float64 { return math.Floor(v / 2) })
	case key.Matches(msg, r.k.users):
		r.dialog = newUsersPrompt(r)
	case key.Matches(msg, r.k.rate):
		r.dialog = newRatePrompt(r)
	case key.Matches(msg, r.k.mark):
		r.dialog = newMarkPrompt(r)
	case key.Matches(msg, r.k.weights):
		r.dialog = r.weights.open()
	case key.Matches(msg, r.k.pause):
		pause := !r.tally.load().Paused
		return r.wishes.send(stats.Wish{Pause: &pause})
	case key.Matches(msg, r.k.handBack):
		return r.handBack()
	}
	return nil
}

// change sets the users, or the rate in the open model, to f of what it is.
func (r *runScreen) change(f func(float64) float64) tea.Cmd {
	l := r.tally.load()
	p := &r.head.pending
	open := l.Model == stats.OpenModel
	if p.users != nil {
		open = false
	} else if p.rate != nil {
		open = true
	}
	if open {
		now := l.WantedRate
		if p.rate != nil {
			now = *p.rate
		}
		return r.setRate(max(0, f(now)))
	}
	now := l.WantedUsers
	if p.users != nil {
		now = *p.users
	}
	return r.setUsers(int(max(0, f(float64(now)))))
}

// maxUsers bounds what can be asked for by a key.
const maxUsers = 1_000_000

func (r *runScreen) setUsers(n int) tea.Cmd {
	n = min(n, maxUsers)
	r.head.pending = pending{users: &n, since: r.now()}
	return r.wishes.send(stats.Wish{Users: &n})
}

func (r *runScreen) setRate(v float64) tea.Cmd {
	v = min(v, maxUsers)
	r.head.pending = pending{rate: &v, since: r.now()}
	return r.wishes.send(stats.Wish{Rate: &v})
}

// handBack lets the profile set the load again.
func (r *runScreen) handBack() tea.Cmd {
	switch {
	case r.setup.Profile == "":
		r.say("this run has no profile to go back to", true)
		return nil
	case !r.tally.load().Manual:
		r.say("the profile sets the load already", false)
		return nil
	}
	r.head.pending = pending{}
	return r.wishes.send(stats.Wish{HandBack: true})
}

// quit is q or ctrl+c: it asks, stops, or leaves.
func (r *runScreen) quit(now bool) tea.Cmd {
	switch {
	case r.finished() || r.started.Wait == nil:
		return send(leaveMsg{})
	case r.ending >= draining:
		r.leaving = true
		return r.cut()
	case r.head.over: // over by itself, and being saved
		r.leaving = true
		return nil
	case now:
		return r.drain()
	}
	r.ending = asked
	return nil
}

// answer takes the key after q.
func (r *runScreen) answer(msg tea.KeyPressMsg) tea.Cmd {
	r.ending = goingOn
	switch msg.String() {
	case "q", "enter", "y", "ctrl+c":
		return r.quit(true)
	}
	return nil
}

// drain stops the run in order and leaves when it is saved.
func (r *runScreen) drain() tea.Cmd {
	r.dialog, r.ending, r.leaving = nil, draining, true
	return r.wishes.send(stats.Wish{Stop: true})
}

// cut stops the run at once.
func (r *runScreen) cut() tea.Cmd {
	if r.head.over || r.ending == cutting {
		return nil
	}
	r.dialog, r.ending = nil, cutting
	return r.wishes.send(stats.Wish{Cut: true})
}

// drainBox says what the end waits for.
func (r *runScreen) drainBox() string {
	text := "saving"
	switch {
	case r.head.over:
	case r.ending == cutting:
		text = "cutting what is in flight"
	default:
		text = fmt.Sprintf("waiting for %s, %s again to cut", plural(r.tally.load().Busy, "request"), r.s.key.Render("q"))
	}
	lines := "\n  " + text
	if r.started.Folder != "" {
		lines += "\n  everything is saved in " + clean(r.started.Folder)
	}
	return r.s.panel(r.s.title.Render("stopping"), lines, "", min(r.w-4, 64), 6)
}

// click takes a click: on a tab, or in the view.
func (r *runScreen) click(msg tea.MouseClickMsg) tea.Cmd {
	r.first = false
	if r.dialog != nil || r.ending == asked || msg.Button != tea.MouseLeft {
		return nil
	}
	top := r.top()
	if msg.Y != top-1 {
		if msg.Y >= top {
			r.panes[r.showing].mouse(msg, msg.X, msg.Y-top)
		}
		return nil
	}
	x := 0
	for v := range numViews {
		x += len(r.tabName(v))
		if msg.X < x {
			r.showing = v
			break
		}
	}
	return nil
}
