package runner

import (
	"errors"
	"time"

	"brink/runner/client"
	"brink/runner/stats"
	"brink/scenarios"
)

// userClient is one of a user's clients, and what it is for.
type userClient struct {
	kind clientKind
	client.Client
}

// clientKind is what the choice of a client depends on.
type clientKind struct{ client, version string }

// ownFault is how long a user rests after a request that failed on this
// machine, before anything was sent: such a failure takes no time, and trying
// again at once would only burn the processor that the others need.
const ownFault = 100 * time.Millisecond

// perform does one request and counts it. due is when the plan wanted it, none
// where nothing planned it.
//
// This is the hot path: no channel, no lock but the recorder's shard, and no
// allocation where the request succeeds.
func (u *user) perform(st *scenarios.Step, due time.Duration) {
	s := &u.sample
	s.Reset()
	s.Route = st.Route
	if err := st.Render(u.session, &u.rendered); err != nil {
		if errors.Is(err, scenarios.ErrUsedUp) {
			u.endUsedUp()
			return
		}
		u.notMade(st, due, err)
		return
	}
	c, err := u.prepare()
	if err != nil {
		u.notMade(st, due, err)
		return
	}
	u.busy.Store(int64(u.env.clock()) + 1)
	c.Do(u.env.ctx, &u.request, &u.response, s)
	u.busy.Store(0)
	u.env.valve.book(u.response.Sent-1, s.Start)

	s.Intended = s.Start
	if due != none {
		s.Intended = min(due, s.Start)
	}
	if s.Failure.Class == stats.Other && u.env.cut() {
		u.env.recorder.Unfinished(u.id, s)
		return
	}
	if !s.Failure.Failed() {
		u.judge(st)
	}
	if s.Failure.Failed() {
		s.Failure.Text = u.env.sentence(s.Failure.Text)
		u.show(st)
	}
	u.response.Release()
	u.env.recorder.Record(u.id, s)
	switch s.Failure.Class {
	case stats.Forbidden, stats.NoDescriptors, stats.NoPorts:
		u.wait(ownFault)
	}
}

// largeBody is from how many bytes on a response is judged only where a
// processor is free for it: reading JSON can take ten times its memory.
const largeBody = 1 << 20

// judge holds the response against the step's expectation and takes its
// values.
func (u *user) judge(st *scenarios.Step) {
	if len(u.response.Body) > largeBody {
		u.env.judging <- struct{}{}
		defer func() { <-u.env.judging }()
	}
	defer u.session.Forget()
	s := &u.sample
	u.answer = scenarios.Response{
		Status: u.response.Status, Head: u.response.Head, Body: u.response.Body,
		Time: s.ServiceTime(), Size: s.BytesIn,
	}
	if from := u.response.From; from != nil {
		u.answer.Scheme, u.answer.Host, u.answer.Path = from.Scheme, from.Host, u.response.Path
	}
	if s.Failure = st.Check(u.session, &u.answer); !s.Failure.Failed() {
		s.Failure = st.Extract(u.session, &u.answer)
	}
}

// notMade counts a request that could not be made.
func (u *user) notMade(st *scenarios.Step, due time.Duration, err error) {
	s := &u.sample
	s.Reset()
	s.Route = st.Route
	s.Start = u.env.clock()
	s.End, s.Intended = s.Start, s.Start
	if due != none {
		s.Intended = min(due, s.Start)
	}
	s.Failure = stats.Failure{Class: stats.BadRequest, Text: u.env.sentence(err.Error())}
	u.env.recorder.Record(u.id, s)
	u.wait(ownFault)
}

// prepare turns the rendered request into the client's, and returns the client
// for it.
func (u *user) prepare() (client.Client, error) {
	from := &u.rendered
	if o := u.origin; o == nil || o.Scheme != from.Scheme || o.Host != from.Host || o.Unix != from.Unix {
		origin, err := u.env.origins.of(from)
		if err != nil {
			return nil, err
		}
		u.origin = origin
	}
	u.request = Wire(from, u.origin, u.session)

	kind := clientKind{from.Client, from.HTTPVersion}
	for i := range u.clients {
		if u.clients[i].kind == kind {
			return u.clients[i].Client, nil
		}
	}
	c := u.env.newClient(from)
	u.clients = append(u.clients, userClient{kind, c})
	return c, nil
}

// Wire turns a user's rendered request into the client's.
func Wire(r *scenarios.Request, o *client.Origin, u *scenarios.Session) client.Request {
	w := client.Request{
		Method: r.Method, Origin: o, Path: r.Path, Header: r.Header, Body: r.Body,
		Timeout: r.Timeout, NewConn: r.NewConn, Redirects: r.Redirects, KeepBody: r.KeepBody,
	}
	if r.Redirects > 0 && !r.OwnCookie {
		w.Cookies = cookies{u}
	}
	return w
}

// cookies are those of a user. It implements client.Cookies.
type cookies struct{ of *scenarios.Session }

func (c cookies) Keep(from *client.Origin, path, head []byte) {
	c.of.KeepCookies(from.Scheme, from.Host, path, head)
}

func (c cookies) Append(b []byte, to *client.Origin, path []byte) []byte {
	return c.of.AppendCookies(b, to.Scheme, to.Host, path)
}

// close closes the user's connections.
func (u *user) close() {
	for _, c := range u.clients {
		c.Close()
	}
	u.clients = nil
}
