package runner

import (
	"bytes"
	"fmt"
	"net/url"
	"strings"
	"sync/atomic"
	"unicode/utf8"

	"brink/runner/stats"
	"brink/scenarios"
)

// shownEach and shownAll bound how many failing requests are kept in full
// each second: of a route, and in all. A target that refuses everything must
// not fill the record.
const (
	shownEach = 2
	shownAll  = 8
)

// showing counts the exchanges kept in this second.
type showing struct {
	all    atomic.Int32
	routes []atomic.Int32
}

// refill begins another second.
func (s *showing) refill() {
	s.all.Store(0)
	for i := range s.routes {
		s.routes[i].Store(0)
	}
}

// take reports whether one more of a route may be kept.
func (s *showing) take(route int) bool {
	if s.routes[route].Load() >= shownEach || s.all.Load() >= shownAll {
		return false
	}
	return s.routes[route].Add(1) <= shownEach && s.all.Add(1) <= shownAll
}

// show keeps the failed request and its response in the sample, where there is
// room.
func (u *user) show(st *scenarios.Step) {
	if !u.env.showing.take(st.Route) {
		return
	}
	s := &u.sample
	s.Exchange = &stats.Exchange{
		At:       s.End,
		Request:  u.env.masked(requestText(&u.rendered)),
		Response: u.env.masked(u.responseText()),
		Curl:     u.env.masked(curl(&u.rendered)),
	}
}

// masked hides the scenario's secrets in a text and bounds it. The bound comes
// last, so that it leaves no part of a secret standing; a body may have been cut
// before.
func (e *env) masked(text string) string {
	return cut(e.scenario.MaskCut(text), stats.MaxExchange)
}

// sentence hides the scenario's secrets in why a request failed and bounds it:
// the words may be the target's, such as the host that a redirect leads to.
func (e *env) sentence(text string) string { return cut(e.scenario.Mask(text), maxSentence) }

// maxSentence bounds a sentence about a failure, in bytes.
const maxSentence = 500

// kept bounds what is looked at of a body, well above what is kept of it.
const kept = 4 * stats.MaxExchange

func requestText(r *scenarios.Request) string {
	return fmt.Sprintf("%s %s HTTP/1.1\r\nHost: %s\r\n%s\r\n%s", r.Method, r.Path, r.Host, r.Header, r.Body[:min(kept, len(r.Body))])
}

// responseText is empty where there was no response.
func (u *user) responseText() string {
	r := &u.response
	if u.sample.Status == 0 {
		return ""
	}
	proto := r.Proto
	if proto == "" {
		proto = "HTTP/1.1"
	}
	return fmt.Sprintf("%s %d\r\n%s\r\n%s", proto, u.sample.Status, r.Head, r.Body[:min(kept, len(r.Body))])
}

// curl writes the request as a command for a shell.
func curl(r *scenarios.Request) string {
	var b strings.Builder
	b.WriteString("curl")
	if r.Method == "HEAD" {
		b.WriteString(" --head")
	} else if r.Method != "GET" {
		b.WriteString(" -X " + quote(r.Method))
	}
	if r.Unix != "" {
		b.WriteString(" --unix-socket " + quote(r.Unix))
	}
	for line := range bytes.SplitSeq(r.Header, []byte("\r\n")) {
		if len(line) > 0 {
			b.WriteString(" -H " + quote(string(line)))
		}
	}
	switch n := len(r.Body); {
	case n == 0:
	case n > kept || !utf8.Valid(r.Body) || bytes.IndexByte(r.Body, 0) >= 0:
		// What a command line cannot hold is left out, and said to be.
		fmt.Fprintf(&b, " --data-binary @body-of-%d-bytes", n)
	default:
		b.WriteString(" --data-raw " + quote(string(r.Body)))
	}
	address := url.URL{Scheme: r.Scheme, Host: r.Host}
	b.WriteString(" " + quote(address.String()+string(r.Path)))
	return b.String()
}

// quote makes one word of a shell command of s.
func quote(s string) string {
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

// cut returns at most n bytes of s, in whole characters.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}
