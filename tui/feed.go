package tui

import (
	"math"

	tea "charm.land/bubbletea/v2"

	"brink/runner/stats"
)

// feed brings a run's Snapshots to a screen, in order, with those filled in
// from the run's history that the screen was too slow for or that came before
// it was there. One command of it is under way at a time.
type feed struct {
	run  Run
	news <-chan *stats.Snapshot
	next int // the second that should come next
}

// newsMsg brings new seconds, or that there are no more.
type newsMsg struct {
	list []*stats.Snapshot
	over bool
}

// wait returns the command that waits for the next second.
func (f *feed) wait() tea.Cmd {
	return guarded(func() tea.Msg {
		s, ok := <-f.news
		if !ok {
			return newsMsg{f.missed(math.MaxInt), true}
		}
		var list []*stats.Snapshot
		if s.Seq > f.next {
			list = f.missed(s.Seq)
		}
		f.next = max(f.next, s.Seq+1)
		return newsMsg{append(list, s), false}
	})
}

// missed returns the seconds of the history from the next one up to, but not
// with, the given one.
func (f *feed) missed(to int) []*stats.Snapshot {
	var list []*stats.Snapshot
	for _, s := range f.run.History() {
		if s.Seq >= f.next && s.Seq < to {
			list = append(list, s)
		}
	}
	return list
}
