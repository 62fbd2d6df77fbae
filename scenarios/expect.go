package scenarios

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"brink/runner/stats"
)

// expectation is what a step wants of a response. The zero value wants a
// status below 400.
type expectation struct {
	status   []statusRange
	wanted   string // the statuses as a user reads them
	contains []string
	that     []assertion
	maxTime  time.Duration
	maxSize  int64 // -1: any
	needBody bool
}

// statusRange is a status or a class of them.
type statusRange struct{ from, to int }

// assertion is one condition of `that`.
type assertion struct {
	source string
	holds  term
}

// words is the condition as a user reads it.
func (a *assertion) words() string { return short(a.source, 120) }

var defaultStatus = expectation{status: []statusRange{{100, 399}}, wanted: "a status below 400", maxSize: -1}

// check returns why the response is not the one wanted.
func (e *expectation) check(u *Session, resp *Response) stats.Failure {
	if !e.statusHolds(resp.Status) {
		return stats.Failure{Class: stats.BadStatus, Text: fmt.Sprintf("got %s, expected %s", statusWords(resp.Status), e.wanted)}
	}
	switch {
	case e.maxTime > 0 && resp.Time > e.maxTime:
		return unexpected("expected an answer within %s, it took longer", e.maxTime)
	case e.maxSize >= 0 && resp.Size > e.maxSize:
		return unexpected("expected a body of at most %d bytes, it was larger", e.maxSize)
	}
	for _, text := range e.contains {
		if !bytes.Contains(resp.Body, []byte(text)) {
			return unexpected("expected the body to contain %q, it did not", short(text, 60))
		}
	}
	for _, a := range e.that {
		if f := a.check(u); f.Failed() {
			return f
		}
	}
	return stats.Failure{}
}

func (e *expectation) statusHolds(status int) bool {
	for _, r := range e.status {
		if status >= r.from && status <= r.to {
			return true
		}
	}
	return false
}

func unexpected(format string, args ...any) stats.Failure {
	return stats.Failure{Class: stats.Unexpected, Text: fmt.Sprintf(format, args...)}
}

// check evaluates one condition. Its text has no values, so that responses
// that differ in them are one kind of failure.
func (a *assertion) check(u *Session) stats.Failure {
	v, err := a.holds.value(u)
	if err != nil {
		return unexpected("expected %s: %s", a.words(), grouped(err))
	}
	switch v {
	case true:
		return stats.Failure{}
	case false:
		return unexpected("expected %s, it did not hold", a.words())
	}
	return unexpected("expected %s, it gave %s", a.words(), typeWord(v))
}

// grouped cuts from an error what differs from response to response.
func grouped(err error) string {
	text := err.Error()
	if i := strings.Index(text, " at byte "); i >= 0 {
		text = text[:i]
	}
	return text
}

// statusWords is a status with its name.
func statusWords(status int) string {
	if name := http.StatusText(status); name != "" {
		return strconv.Itoa(status) + " " + name
	}
	return strconv.Itoa(status)
}

// expect reads an expectation.
func (d *decoder) expect(n *node, sc *scope) *expectation {
	if n == nil {
		return &defaultStatus
	}
	e := &expectation{maxSize: -1}
	if n.kind != kindObject { // expect: 200
		e.status, e.wanted = d.statuses(n)
		return e
	}
	f, ok := d.keys(n, expectShape)
	if !ok {
		return &defaultStatus
	}
	e.status, e.wanted = d.statuses(f.get("status"))
	e.maxTime = d.duration(f.get("max_time"))
	if size := f.get("max_size"); size != nil {
		e.maxSize = d.bytes(size)
	}
	for _, c := range list(f.get("contains")) {
		e.contains = append(e.contains, d.expand(d.str(c), c.pos, true))
	}
	within := *sc
	within.response = true
	for _, t := range list(f.get("that")) {
		e.that = append(e.that, d.assertions(t, &within)...)
	}
	e.needBody = len(e.contains) > 0 || slices.ContainsFunc(e.that, func(a assertion) bool {
		return needsBody(a.source)
	})
	return e
}

// needsBody reports whether an expression may look at the body.
func needsBody(source string) bool {
	return strings.Contains(source, "json") || strings.Contains(source, "body")
}

// assertions compiles one `that`, its parts joined by `and` each for itself:
// then a failure names the part that did not hold.
func (d *decoder) assertions(n *node, sc *scope) []assertion {
	source := d.expand(d.str(n), n.pos, true)
	if _, err := sc.compile(source); err != nil {
		d.expression(n, source, n.raw, sc)
		return nil
	}
	parts := conjuncts(source)
	out := make([]assertion, 0, len(parts))
	for _, part := range parts {
		holds, err := sc.compile(part)
		if err != nil {
			return []assertion{{source: source, holds: d.expression(n, source, n.raw, sc)}}
		}
		out = append(out, assertion{strings.Join(strings.Fields(part), " "), holds})
	}
	return out
}

// statuses reads 200, "4xx", or a list of them.
func (d *decoder) statuses(n *node) ([]statusRange, string) {
	if n == nil {
		return defaultStatus.status, defaultStatus.wanted
	}
	var out []statusRange
	var words []string
	for _, item := range list(n) {
		r, err := parseStatus(item)
		if err != nil {
			d.fail(item.pos, "for example 200, 4xx or [200, 201]", "%v", err)
			continue
		}
		out, words = append(out, r), append(words, item.text)
	}
	if len(words) == 1 {
		return out, "status " + words[0]
	}
	return out, "a status of " + strings.Join(words, ", ")
}

func parseStatus(n *node) (statusRange, error) {
	if n.kind >= kindList {
		return statusRange{}, fmt.Errorf("a status is needed here, not %s", kindWords[n.kind])
	}
	if text := strings.ToLower(n.text); len(text) == 3 && strings.HasSuffix(text, "xx") && text[0] >= '1' && text[0] <= '5' {
		from := int(text[0]-'0') * 100
		return statusRange{from, from + 99}, nil
	}
	v, err := strconv.Atoi(n.text)
	if err != nil {
		return statusRange{}, fmt.Errorf("%q is no status", short(n.text, 40))
	}
	if v < 100 || v > 599 {
		return statusRange{}, errors.New(n.text + " is no status: they go from 100 to 599")
	}
	return statusRange{v, v}, nil
}
