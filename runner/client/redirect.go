package client

import (
	"bytes"
	"net/url"
	"strings"

	"brink/runner/stats"
)

// hopper performs one request of a chain of redirects.
type hopper interface {
	hop(req *Request) stats.Failure
}

// follow performs a request and as many redirects as it asks for. It follows
// none to where the rules do not go: that is a failure that says where it
// would have led. Nor does it carry anything but harmless headers from one
// origin to another, and never a body, which may hold a password.
func follow(c hopper, rules *Rules, req *Request, resp *Response) stats.Failure {
	f := c.hop(req)
	for n, most := 0, req.Redirects; most > 0 && !f.Failed() && redirects(resp); n++ {
		if n == most {
			return failed(stats.RedirectRefused, "redirected more than %d times", most)
		}
		next, why := redirected(req, resp, rules)
		if why != "" {
			return failed(stats.RedirectRefused, "redirect not followed: %s", why)
		}
		if jar := req.Cookies; jar != nil {
			jar.Keep(req.Origin, req.Path, resp.Head)
			next.Header = jar.Append(only(next.Header, notCookie), next.Origin, next.Path)
		}
		req = next
		f = c.hop(req)
	}
	resp.From, resp.Path = req.Origin, req.Path
	return f
}

// redirects reports whether a response leads elsewhere.
func redirects(r *Response) bool {
	switch r.Status {
	case 301, 302, 303, 307, 308:
		return len(r.Location) > 0
	}
	return false
}

// redirected returns the request that a redirect asks for, or why it is not
// made.
func redirected(req *Request, resp *Response, rules *Rules) (*Request, string) {
	here := &url.URL{Scheme: req.Origin.Scheme, Host: req.Origin.Host}
	if at, err := url.ParseRequestURI(string(req.Path)); err == nil {
		here.Path, here.RawPath = at.Path, at.RawPath
	}
	to, err := here.Parse(string(resp.Location))
	if err != nil {
		return nil, "its address cannot be read"
	}
	origin := req.Origin
	if to.Scheme != here.Scheme || !strings.EqualFold(to.Host, here.Host) {
		origin, err = NewOrigin(to.Scheme, to.Host, "")
		if err != nil {
			return nil, "it leads to " + (&url.URL{Scheme: to.Scheme, Host: to.Host}).String() + ", which is no http or https address"
		}
		if rules.Host(origin) != nil {
			return nil, "it leads to " + origin.String() + ", which is not a host that the scenario names (target, allow_hosts)"
		}
	}
	next := *req
	next.Origin = origin
	next.Path = []byte(to.RequestURI())
	if resp.Status == 303 && req.Method != "HEAD" || req.Method == "POST" && resp.Status < 303 {
		next.Method, next.Body = "GET", nil
		next.Header = only(next.Header, func(name []byte) bool {
			return !bytes.HasPrefix(bytes.ToLower(name), []byte("content-"))
		})
	}
	if origin != req.Origin && !origin.same(req.Origin) {
		if len(next.Body) > 0 {
			return nil, "it would send the request's body to another origin, " + origin.String()
		}
		next.Header = only(next.Header, harmless)
	}
	return &next, ""
}

// harmless reports whether a header may go to another origin than it was
// written for. Any header may carry a credential, so these are named.
func harmless(name []byte) bool {
	switch string(bytes.ToLower(name)) {
	case "accept", "accept-encoding", "accept-language", "user-agent", "cache-control", "pragma":
		return true
	}
	return false
}

func notCookie(name []byte) bool { return !bytes.EqualFold(name, []byte("Cookie")) }

// only returns the header lines whose names hold.
func only(header []byte, holds func(name []byte) bool) []byte {
	var kept []byte
	for line := range bytes.SplitAfterSeq(header, []byte("\n")) {
		if name, _, ok := bytes.Cut(line, []byte(":")); ok && holds(name) {
			kept = append(kept, line...)
		}
	}
	return kept
}
