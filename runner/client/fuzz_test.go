package client

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"brink/runner/stats"
)

// tape is a connection on which a response of given bytes comes, piece bytes
// at a time, and then its end.
type tape struct {
	net.Conn
	k     *conn
	left  []byte
	piece int
}

func (t *tape) Read(func(uintptr) bool) error {
	t.k.wrote()
	t.k.ready()
	n := copy(t.k.in[t.k.w:], t.left[:min(t.piece, len(t.left))])
	t.left = t.left[n:]
	if t.k.n = n; n == 0 {
		t.k.err = io.EOF
	}
	return nil
}

func (t *tape) Control(func(uintptr)) error     { return nil }
func (t *tape) Write(func(uintptr) bool) error  { return nil }
func (t *tape) SetReadDeadline(time.Time) error { return nil }
func (t *tape) SetDeadline(time.Time) error     { return nil }
func (t *tape) Close() error                    { return nil }

// play lets a raw client read a response.
func play(wire []byte, piece int, method string) (s stats.Sample, resp Response, last bool) {
	c := NewRaw(&Options{})
	k := &conn{raw: c, origin: &Origin{}}
	t := &tape{k: k, left: wire, piece: piece}
	k.sock, k.sys = tapeConn{t}, tapeRaw{t}
	req := &Request{Method: method, Origin: k.origin, Path: []byte("/")}
	c.ctx, c.req, c.due = context.Background(), req, never
	c.intake.begin(req, &resp, &s)
	c.keep = true
	s.Failure = c.talk(k)
	return s, resp, k.last
}

// tapeConn and tapeRaw are the two sides of a tape: their Write and Read have
// the same names.
type tapeConn struct{ *tape }

func (tapeConn) Read([]byte) (int, error)    { return 0, io.EOF }
func (tapeConn) Write(p []byte) (int, error) { return len(p), nil }

type tapeRaw struct{ *tape }

// strict are the reasons for which the raw client refuses what net/http reads.
var strict = []string{
	"neither 1.0 nor 1.1", "does not begin with an HTTP/1 status line", "no status from 100 to 999", "no status of three digits",
	"status line has control characters", "begins with white space", "no valid name before a colon",
	"content encoding more than once", "both a content length and a transfer encoding", "HTTP/1.0 with a transfer encoding",
	"conflicting content lengths", "switches protocols", "too many informational", "bytes follow its end", "content length is not a number",
	"transfer encoding is not chunked alone", "trailer line has no valid name", "line of its chunked body", "chunk does not begin with its size",
	"response's head is larger", "response's body is larger", "response's trailers is larger",
}

// FuzzResponse reads what a server might send with the raw client, whole and in
// pieces, and with net/http: whatever the raw client accepts, net/http must
// understand alike, and what it refuses it must refuse for a known reason.
func FuzzResponse(f *testing.F) {
	for _, c := range exchangeCases() {
		f.Add([]byte(c.wire), c.method == "HEAD", uint16(7))
	}
	f.Fuzz(func(t *testing.T, wire []byte, head bool, piece uint16) {
		method := "GET"
		if head {
			method = "HEAD"
		}
		s, resp, last := play(wire, buffersize, method)
		again, respAgain, lastAgain := play(wire, int(piece)%64+1, method)
		if overrun := strings.Contains(s.Failure.Text, "bytes follow"); !overrun {
			if s.Failure != again.Failure || s.Status != again.Status || !bytes.Equal(resp.Body, respAgain.Body) || !bytes.Equal(resp.Head, respAgain.Head) || last != lastAgain {
				t.Fatalf("in pieces of %d: %+v %q, whole: %+v %q", int(piece)%64+1, again, respAgain.Body, s, resp.Body)
			}
		}
		theirs := readStd(wire, method)
		if s.Failure.Failed() {
			if theirs.err == nil && !known(s.Failure.Text) {
				t.Fatalf("net/http reads %d %q, raw refuses: %s", theirs.status, theirs.body, s.Failure.Text)
			}
			return
		}
		if theirs.err != nil {
			t.Fatalf("net/http refuses (%v), raw reads %d %q", theirs.err, s.Status, resp.Body)
		}
		if theirs.status != s.Status || !bytes.Equal(theirs.body, resp.Body) || theirs.last != last || theirs.left != 0 {
			t.Fatalf("net/http reads %d %q, last %v, left %d; raw reads %d %q, last %v", theirs.status, theirs.body, theirs.last, theirs.left, s.Status, resp.Body, last)
		}
		if theirs.location != string(resp.Location) && s.Status/100 == 3 {
			t.Fatalf("net/http finds the location %q, raw %q", theirs.location, resp.Location)
		}
	})
}

const buffersize = len(buffer{})

func known(text string) bool {
	for _, s := range strict {
		if strings.Contains(text, s) {
			return true
		}
	}
	return false
}

type stdRead struct {
	status   int
	body     []byte
	location string
	last     bool
	left     int // bytes after the response
	err      error
}

// readStd reads a response with net/http's parser.
func readStd(wire []byte, method string) (r stdRead) {
	b := bufio.NewReaderSize(bytes.NewReader(wire), 128<<10)
	for {
		resp, err := http.ReadResponse(b, &http.Request{Method: method})
		if err != nil {
			return stdRead{err: err}
		}
		if resp.StatusCode/100 == 1 && resp.StatusCode != 101 {
			continue
		}
		r.status, r.last = resp.StatusCode, resp.Close
		r.location = resp.Header.Get("Location")
		r.body, r.err = io.ReadAll(resp.Body)
		rest, _ := io.ReadAll(b)
		r.left = len(rest)
		return r
	}
}
