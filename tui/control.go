package tui

import (
	"time"

	tea "charm.land/bubbletea/v2"

	"brink/runner/stats"
)

// pending is a load that was wished but that no Snapshot shows yet, so that
// ten quick presses of a key add up.
type pending struct {
	users *int
	rate  *float64
	since time.Time
}

// patience is how long a wish counts as pending.
const patience = 3 * time.Second

// settle forgets what a Snapshot shows, or what should long have come.
func (p *pending) settle(l *stats.Load, now time.Time) {
	if p.users != nil && (l.Model == stats.ClosedModel && l.WantedUsers == *p.users || now.Sub(p.since) > patience) {
		p.users = nil
	}
	if p.rate != nil && (l.Model == stats.OpenModel && l.WantedRate == *p.rate || now.Sub(p.since) > patience) {
		p.rate = nil
	}
}

// wishes sends Wishes to the run one after another, off the screen's loop: a
// run may be far away. Those that wait are joined, the later wins.
type wishes struct {
	run     Run
	queue   []stats.Wish
	sending bool
}

// wishedMsg says that a Wish was sent, or why it was refused.
type wishedMsg struct{ err error }

// send takes a wish and returns the command that sends it, if none is on its
// way.
func (q *wishes) send(w stats.Wish) tea.Cmd {
	if n := len(q.queue); n > 0 && loadOnly(q.queue[n-1]) && loadOnly(w) {
		q.queue[n-1] = w
	} else {
		q.queue = append(q.queue, w)
	}
	return q.next()
}

// done takes note that the one on its way has arrived.
func (q *wishes) done() tea.Cmd {
	q.sending = false
	return q.next()
}

func (q *wishes) next() tea.Cmd {
	if q.sending || len(q.queue) == 0 {
		return nil
	}
	w, run := q.queue[0], q.run
	q.queue, q.sending = q.queue[1:], true
	return guarded(func() tea.Msg { return wishedMsg{run.Set(w)} })
}

// loadOnly reports whether a wish does nothing but set the load, so that a
// later such wish replaces it.
func loadOnly(w stats.Wish) bool {
	return (w.Users != nil || w.Rate != nil) && w.Pause == nil && !w.HandBack && w.Weights == nil &&
		w.Mute == nil && w.Mark == "" && !w.Stop && !w.Cut
}
