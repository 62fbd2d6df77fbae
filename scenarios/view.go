package scenarios

import (
	"bytes"
	"errors"
	"net/textproto"
)

// view is a response as expressions see it: what they ask for is read once.
type view struct {
	resp    *Response
	decoded bool
	json    any
	jsonErr error
	headers map[string]any
}

// Why a response has no JSON; the texts are the same for all bodies.
var (
	errEmptyBody = errors.New("the body is empty, not JSON")
	errNotJSON   = errors.New("the body is not JSON")
)

// look turns the session to a response.
func (u *Session) look(resp *Response) {
	u.view = view{resp: resp}
	u.spent = 0
}

// Forget lets go of the last response and what was read from it, which can take
// far more memory than its body. Who is done with it calls this before anything
// that lasts.
func (u *Session) Forget() { u.view = view{} }

// asJSON returns the body as JSON.
func (v *view) asJSON() (any, error) {
	if !v.decoded {
		v.decoded = true
		v.json, v.jsonErr = jsonPath(nil).in(v.resp.Body)
	}
	return v.json, v.jsonErr
}

// asHeaders returns the headers by their canonical names, several of one name
// joined by commas.
func (v *view) asHeaders() map[string]any {
	if v.headers != nil {
		return v.headers
	}
	v.headers = map[string]any{}
	for name, value := range headerLines(v.resp.Head) {
		key := textproto.CanonicalMIMEHeaderKey(string(name))
		if first, ok := v.headers[key].(string); ok {
			v.headers[key] = first + ", " + string(value)
		} else {
			v.headers[key] = string(value)
		}
	}
	return v.headers
}

// headerLines yields name and value of each line.
func headerLines(head []byte) func(yield func(name, value []byte) bool) {
	return func(yield func(name, value []byte) bool) {
		for len(head) > 0 {
			line, rest, _ := bytes.Cut(head, []byte{'\n'})
			head = rest
			name, value, ok := bytes.Cut(line, []byte{':'})
			if ok && !yield(bytes.TrimSpace(name), bytes.TrimSpace(value)) {
				return
			}
		}
	}
}

// header returns the value of the first header of that name.
func (v *view) header(name string) (string, bool) {
	for n, value := range headerLines(v.resp.Head) {
		if len(n) == len(name) && bytes.EqualFold(n, []byte(name)) {
			return string(value), true
		}
	}
	return "", false
}

// responseTerm is what a name means where there is a response.
func responseTerm(name string) term {
	switch name {
	case "status":
		return intTerm(func(u *Session) (int, error) { return u.view.resp.Status, nil })
	case "size":
		return intTerm(func(u *Session) (int, error) { return int(u.view.resp.Size), nil })
	case "time":
		return anyTerm(func(u *Session) (any, error) { return u.view.resp.Time, nil })
	case "body":
		return textTerm{append: func(u *Session, dst []byte) ([]byte, error) { return append(dst, u.view.resp.Body...), nil }}
	case "headers":
		return anyTerm(func(u *Session) (any, error) { return u.view.asHeaders(), nil })
	case "json":
		return anyTerm(func(u *Session) (any, error) { return u.view.asJSON() })
	}
	return nil
}
