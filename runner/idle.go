package runner

import "time"

// idle is the users of a class that wait for an arrival, as a list through the
// users themselves. Who joined it last is at the top and gets the next arrival:
// its connection is the one that the server is least likely to have closed. So
// a peak leaves users behind whom nobody needs, the longest idle at the bottom,
// and no rate is spread thin over all users that there ever were. The zero
// value is empty.
type idle struct{ top, bottom *user }

// spot is where a user is in the list.
type spot struct {
	above, below *user
	in           bool
	since        time.Duration // when it joined
}

// push puts a user at the top.
func (l *idle) push(u *user, now time.Duration) {
	u.spot = spot{below: l.top, in: true, since: now}
	if l.top == nil {
		l.bottom = u
	} else {
		l.top.above = u
	}
	l.top = u
}

// pop takes the user at the top, nil where there is none.
func (l *idle) pop() *user {
	u := l.top
	if u != nil {
		l.remove(u)
	}
	return u
}

// remove takes a user out, wherever it is; one that is not in the list is left
// as it is.
func (l *idle) remove(u *user) {
	if !u.in {
		return
	}
	if u.above == nil {
		l.top = u.below
	} else {
		u.above.below = u.below
	}
	if u.below == nil {
		l.bottom = u.above
	} else {
		u.below.above = u.above
	}
	u.spot = spot{}
}

// line is the arrivals of a class that wait for a user, in the order in which
// they were due. The zero value is empty; its memory is reused.
type line struct {
	dues []time.Duration
	gone int // of dues, those at the front that wait no more
}

func (l *line) len() int { return len(l.dues) - l.gone }

func (l *line) push(due time.Duration) {
	if len(l.dues) == cap(l.dues) && l.gone > len(l.dues)/2 {
		l.dues = l.dues[:copy(l.dues, l.dues[l.gone:])]
		l.gone = 0
	}
	l.dues = append(l.dues, due)
}

// pop takes the arrival that was due first.
func (l *line) pop() (due time.Duration, ok bool) {
	if l.len() == 0 {
		return none, false
	}
	due = l.dues[l.gone]
	if l.gone++; l.gone == len(l.dues) {
		l.clear()
	}
	return due, true
}

func (l *line) clear() { l.dues, l.gone = l.dues[:0], 0 }
