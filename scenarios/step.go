package scenarios

import (
	"bytes"
	"errors"
	"fmt"
	"time"

	"brink/runner/stats"
)

// Step is one request of a task. It is immutable; what differs from user to
// user is in the Session.
type Step struct {
	Route  int    // index into Scenario.Routes; -1 for the ready gate
	Name   string // the route's name
	Method string

	address     address
	header      pieces // lines without the content type
	ownCookie   bool   // the step sets its own Cookie header
	contentType *template
	body        body
	breaks      *breaker
	expects     *expectation
	extracts    []extraction

	timeout     time.Duration
	newConn     bool
	redirects   int
	httpVersion string
	client      string
	keepBody    bool
	fixed       *Request // rendered once; nil where something changes
}

// Render makes the step's next request for u. A fixed request is rendered once
// and shared. An error says which value could not be made; it is for a user,
// and its text has no secrets. ErrUsedUp says that the user is to end, as
// Begin says it.
func (st *Step) Render(u *Session, req *Request) error {
	if u.view.resp != nil {
		u.view = view{}
	}
	u.spent = 0
	if st.fixed != nil {
		path, header, body := req.path, req.header, req.body
		*req = *st.fixed
		req.path, req.header, req.body = path, header, body
	} else if err := st.render(u, req); err != nil {
		if errors.Is(err, ErrUsedUp) {
			return ErrUsedUp
		}
		return errors.New(u.scenario.Mask(err.Error()))
	}
	if u.jar != nil && !st.ownCookie {
		st.cookies(u, req)
	}
	return nil
}

// Client returns which client the step asks for and which version of HTTP, as a
// Request has them.
func (st *Step) Client() (client, version string) { return st.client, st.httpVersion }

// settings fills in what no value changes.
func (st *Step) settings(req *Request) {
	o := &st.address.origin
	req.Method, req.Scheme, req.Host, req.Unix = st.Method, o.scheme, o.host, o.unix
	req.Timeout, req.NewConn, req.Redirects = st.timeout, st.newConn, st.redirects
	req.HTTPVersion, req.Client, req.KeepBody = st.httpVersion, st.client, st.keepBody
	req.OwnCookie = st.ownCookie
}

// keepSmall is the largest memory, in bytes, that a request keeps for the
// next one.
const keepSmall = 1 << 20

func (st *Step) render(u *Session, req *Request) error {
	st.settings(req)
	var err error
	if st.address.dynamic != nil {
		err = st.address.resolve(u, req)
	} else {
		req.path, err = st.address.path.render(u, req.path[:0])
	}
	if err != nil {
		return fmt.Errorf("the address: %w", err)
	}
	if req.header, err = renderHeader(st.header, u, req.header[:0]); err != nil {
		return fmt.Errorf("the headers: %w", err)
	}
	wrongContent, err := st.renderBody(u, req)
	if err != nil {
		return fmt.Errorf("the body: %w", err)
	}
	if err := st.appendContentType(u, req, wrongContent); err != nil {
		return fmt.Errorf("the headers: %w", err)
	}
	if o := &st.address.origin; st.address.dynamic != nil && (req.Host != o.host || req.Scheme != o.scheme) {
		req.header = withoutCredentials(req.header)
	}
	req.Path, req.Header = req.path, req.header
	return nil
}

// withoutCredentials drops the lines that say who asks: they are the target's.
func withoutCredentials(header []byte) []byte {
	kept := header[:0]
	for line := range bytes.Lines(header) {
		if name, _, _ := bytes.Cut(line, []byte{':'}); !isCredential(string(name)) {
			kept = append(kept, line...)
		}
	}
	return kept
}

// renderHeader appends header lines, and refuses values that would end one.
func renderHeader(ps pieces, u *Session, dst []byte) ([]byte, error) {
	for i := range ps {
		start := len(dst)
		var err error
		if dst, err = ps[i].render(u, dst); err != nil {
			return dst, err
		}
		if ps[i].val == nil {
			continue
		}
		for _, c := range dst[start:] {
			if c < ' ' && c != '\t' || c == 0x7f {
				return dst, errors.New("a value has a line break or another control character")
			}
		}
	}
	return dst, nil
}

func (st *Step) renderBody(u *Session, req *Request) (wrongContent bool, err error) {
	if cap(req.body) > keepSmall {
		req.body = nil
	}
	switch {
	case st.breaks != nil:
		return st.breaks.into(u, st, req)
	case len(st.body.files) == 1:
		req.Body = st.body.files[0]
		return false, nil
	case len(st.body.files) > 1:
		req.Body = st.body.files[u.rng.IntN(len(st.body.files))]
		return false, nil
	}
	req.body, err = st.body.pieces.render(u, req.body[:0])
	req.Body = req.body
	return false, err
}

func (st *Step) appendContentType(u *Session, req *Request, wrong bool) error {
	if st.contentType == nil {
		return nil
	}
	req.header = append(req.header, "Content-Type: "...)
	start := len(req.header)
	var err error
	if req.header, err = renderHeader(pieces{{val: st.contentType}}, u, req.header); err != nil {
		return err
	}
	if wrong {
		was := string(req.header[start:])
		req.header = append(req.header[:start], otherContent(was)...)
	}
	req.header = append(req.header, "\r\n"...)
	return nil
}

// otherContent is a content type that a body of type was does not have.
func otherContent(was string) string {
	if was == "text/plain" {
		return "application/xml"
	}
	return "text/plain"
}

// Check says whether the response is what the scenario expects: the step's
// expectation, or a status below 400 where it has none. It also remembers the
// response's cookies for u. Texts name what was expected and what came,
// grouped so that many different values make one text.
func (st *Step) Check(u *Session, resp *Response) stats.Failure {
	u.look(resp)
	u.keepCookies(st, resp)
	f := st.expects.check(u, resp)
	if f.Failed() {
		f.Text = u.scenario.Mask(f.Text)
	}
	return f
}

// Extract takes the step's values out of the response for later steps of u. A
// value that is not there is a failure, and keeps what it was before.
func (st *Step) Extract(u *Session, resp *Response) stats.Failure {
	if len(st.extracts) == 0 {
		return stats.Failure{}
	}
	if u.view.resp != resp {
		u.look(resp)
	}
	for i := range st.extracts {
		if f := st.extracts[i].take(u); f.Failed() {
			f.Text = u.scenario.Mask(f.Text)
			return f
		}
	}
	return stats.Failure{}
}
