package scenarios

import (
	"brink/runner/stats"
)

// Step is one request of a task. It is immutable; what differs from user to
// user is in the Session.
type Step struct {
	Route  int    // index into Scenario.Routes; -1 for the ready gate
	Name   string // the route's name
	Method string
}

// Render makes the step's next request for u. A fixed request is rendered once
// and shared. An error says which value could not be made; it is for a user,
// and its text has no secrets.
func (st *Step) Render(u *Session, req *Request) error { return nil }

// Check says whether the response is what the scenario expects: the step's
// expectation, or a status below 400 where it has none. It also remembers the
// response's cookies for u. Texts name what was expected and what came,
// grouped so that many different values make one text.
func (st *Step) Check(u *Session, resp *Response) stats.Failure { return stats.Failure{} }

// Extract takes the step's values out of the response for later steps of u. A
// value that is not there is a failure, and keeps what it was before.
func (st *Step) Extract(u *Session, resp *Response) stats.Failure { return stats.Failure{} }
