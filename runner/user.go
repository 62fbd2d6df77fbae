package runner

import (
	"errors"
	"sync/atomic"
	"time"

	"brink/runner/client"
	"brink/runner/stats"
	"brink/scenarios"
)

// user is one virtual user. Its goroutine alone touches it, but for the
// atomic fields, wake, and what says that it is guarded. A user that had ended and is wanted again is the same
// person come back: the same id, the same random source.
//
// A user lives through a share of a think time, so that users started together
// do not fire together; on_start; tasks, each followed by a think time in the
// closed model, each at an arrival in the open model; on_stop.
type user struct {
	id    int // from 1
	class *class
	env   *env

	stage  atomic.Int32  // staying, leaving or gone
	usedUp atomic.Bool   // it ended because its data is used up
	busy   atomic.Int64  // when its request in flight began, plus 1; 0: none
	wake   chan struct{} // poked when it should look at its orders anew

	seat int // its place in the class's stack, the pool's to change

	// Guarded by the class's mu.
	spot                 // among the idle
	handed time.Duration // when the arrival was due that it was given; none: it was given none

	settled bool    // it came as far as its first task or arrival
	spread  float64 // share of a think time to wait before the first task
	session *scenarios.Session
	timer   *time.Timer
	began   time.Duration // when its last task began
	due     time.Duration // when a pace wanted the next task, where that is past; none otherwise

	clients  []userClient
	origin   *client.Origin // of the last request
	rendered scenarios.Request
	request  client.Request
	response client.Response
	answer   scenarios.Response
	sample   stats.Sample
}

// The stages of a user. The conductor turns staying into leaving and back; the
// user alone turns leaving into gone, as its last act.
const (
	staying int32 = iota
	leaving
	gone
)

// none is the intended start of what nothing planned.
const none = time.Duration(-1)

// run lives the user's life, again where it is wanted back while it says
// goodbye.
func (u *user) run() {
	defer u.env.users.Done()
	for again := true; again; again = !u.goes() {
		u.due = none
		u.wait(u.share(u.spread))
		if !u.told() {
			u.live()
		}
		u.close()
	}
	u.env.pool.left()
}

// live does what the scenario says.
func (u *user) live() {
	if len(u.class.OnStart) > 0 && u.admit() {
		u.steps(u.class.OnStart, none)
	}
	for !u.told() {
		u.turn()
	}
	for _, st := range u.class.OnStop {
		u.sleep(u.env.valve.pass(u.env.clock()), u.env.cut)
		if !u.env.cut() {
			u.perform(st, none)
		}
	}
}

// told reports whether the user is to end.
func (u *user) told() bool {
	return u.stage.Load() != staying || u.env.orders() == ordersStop || u.usedUp.Load()
}

// goes ends the user, unless it is wanted after all.
func (u *user) goes() bool {
	u.settle()
	if u.usedUp.Load() || u.env.orders() == ordersStop {
		u.stage.Store(gone)
		return true
	}
	return u.stage.CompareAndSwap(leaving, gone)
}

// settle says, once, that the user has started.
func (u *user) settle() {
	if !u.settled {
		u.settled = true
		u.class.starting.Add(-1)
	}
}

// turn is one task, or waiting for one.
func (u *user) turn() {
	orders := u.env.orders()
	mix := u.class.mix.Load()
	switch {
	case orders == ordersArrivals && !mix.empty():
		u.arrival()
		return
	case orders == ordersUsers && !mix.empty():
		u.settle()
		if !u.admit() {
			return
		}
		if t, err := u.next(); t != nil {
			u.do(t, err, u.due)
			u.think()
		}
		return
	}
	// Paused, or every task is switched off.
	u.settle()
	u.due = none
	<-u.wake
	if u.env.orders() == ordersUsers {
		// Those who waited at the gate do not all start at once.
		u.wait(u.share(u.session.Rand().Float64()))
	}
}

// arrival waits for an arrival and does its task.
func (u *user) arrival() {
	due, ok := u.await()
	if !ok || u.env.orders() == ordersStop || !u.admit() {
		return // not sent, and counted as that
	}
	u.env.lag(u.id, u.env.clock()-due)
	u.env.sent.Add(1)
	if t, err := u.next(); t != nil {
		u.do(t, err, due)
	}
}

// next chooses the user's next task and takes its data; nil where there is
// none. The error says what is wrong with the data.
func (u *user) next() (*scenarios.Task, error) {
	t := u.class.mix.Load().pick(u.session.Rand())
	if t == nil {
		return nil, nil
	}
	u.began = u.env.clock()
	err := u.session.Begin()
	if errors.Is(err, scenarios.ErrUsedUp) {
		u.endUsedUp()
		return nil, nil
	}
	return t, err
}

// endUsedUp ends the user, whose data has no rows left.
func (u *user) endUsedUp() {
	u.usedUp.Store(true)
	u.env.pool.usedUp.Add(1)
}

// do does a task that was due at a time, or unplanned.
func (u *user) do(t *scenarios.Task, broken error, due time.Duration) {
	if broken != nil {
		u.notMade(t.Steps[0], due, broken)
		return
	}
	u.steps(t.Steps, due)
}

// steps performs steps one after the other; after a stop no further one. Only
// the first has a due time, and is admitted already.
func (u *user) steps(steps []*scenarios.Step, due time.Duration) {
	first := true
	for _, st := range steps {
		switch {
		case u.usedUp.Load(), !first && u.env.orders() == ordersStop:
			return
		case u.env.muted(st.Route):
			continue
		case !first && !u.admit():
			return
		}
		u.perform(st, due)
		first, due = false, none
	}
}

// admit waits until the ceiling lets one more request through, and reports
// whether it may still be made: not where the run stopped meanwhile.
func (u *user) admit() bool {
	held := u.env.valve.pass(u.env.clock())
	if held == 0 {
		return true
	}
	u.sleep(held, func() bool { return u.env.orders() == ordersStop })
	return u.env.orders() != ordersStop
}

// think waits between two tasks. Where a pace wanted the next task before now,
// that is when it was due.
func (u *user) think() {
	w := &u.class.Wait
	now := u.env.clock()
	u.due = none
	if d := w.Next(u.session.Rand(), u.began, now); d > 0 {
		u.wait(d)
	} else if w.Kind == scenarios.WaitPace && w.Mean > 0 {
		u.due = u.began + w.Mean
	}
}

// share returns a part of a think time.
func (u *user) share(part float64) time.Duration {
	if part == 0 {
		return 0
	}
	now := u.env.clock()
	return time.Duration(part * float64(u.class.Wait.Next(u.session.Rand(), now, now)))
}

// wait lets d pass, less where the user is to end, or to wait for arrivals
// instead.
func (u *user) wait(d time.Duration) {
	u.sleep(d, func() bool { return u.told() || u.env.orders() == ordersArrivals })
}

// sleep lets d pass, less where it is enough; it looks whenever the user is
// poked.
func (u *user) sleep(d time.Duration, enough func() bool) {
	if d <= 0 {
		return
	}
	if u.timer == nil {
		u.timer = time.NewTimer(d)
	} else {
		u.timer.Reset(d)
	}
	for !enough() {
		select {
		case <-u.timer.C:
			return
		case <-u.wake:
		}
	}
	u.timer.Stop()
}
