package client

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/flate"
	"github.com/klauspost/compress/zlib"
	"github.com/klauspost/compress/zstd"

	"brink/runner/stats"
)

// exchangeCase is a response on the wire and what every client makes of it.
type exchangeCase struct {
	name   string
	method string // GET where empty
	wire   string
	ends   bool // the server closes the connection after it

	status int
	body   string
	class  stats.Class
	std    stats.Class // what net/http makes of it where that is another
	lax    bool        // net/http accepts it, with whatever body
	closes bool        // the connection cannot be used again
	over   int         // bytes that follow the response's end
}

const ok = "HTTP/1.1 200 OK\r\n"

func exchangeCases() []exchangeCase {
	encoded := func(coding, body string) string {
		return ok + fmt.Sprintf("Content-Encoding: %s\r\nContent-Length: %d\r\n\r\n%s", coding, len(body), body)
	}
	return []exchangeCase{
		// Framing (RFC 9112 §6.3).
		{name: "length", wire: ok + "Content-Length: 5\r\n\r\nhello", status: 200, body: "hello"},
		{name: "length zero", wire: ok + "Content-Length: 0\r\n\r\n", status: 200},
		{name: "length with leading zeros", wire: ok + "Content-Length: 005\r\n\r\nhello", status: 200, body: "hello"},
		{name: "names in any case, white space around values", wire: ok + "cOnTeNt-LeNgTh:  5 \t\r\n\r\nhello", status: 200, body: "hello"},
		{name: "the same length twice", wire: ok + "Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello", status: 200, body: "hello"},
		{name: "chunked", wire: ok + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n", status: 200, body: "hello world"},
		{name: "chunked with extensions and trailers", wire: ok + "Transfer-Encoding: Chunked\r\nTrailer: Sum\r\n\r\n5;a=b\r\nhello\r\n0;last\r\nSum: 1\r\n\r\n", status: 200, body: "hello"},
		{name: "chunk sizes in both cases with zeros", wire: ok + "Transfer-Encoding: chunked\r\n\r\n00A\r\n0123456789\r\nb \r\n0123456789a\r\n000\r\n\r\n", status: 200, body: "01234567890123456789a"},
		{name: "until close", wire: ok + "\r\nhello", ends: true, status: 200, body: "hello", closes: true},
		{name: "until close, empty", wire: ok + "\r\n", ends: true, status: 200, closes: true},
		{name: "HTTP/1.0", wire: "HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello", status: 200, body: "hello", closes: true},
		{name: "HTTP/1.0 keep-alive", wire: "HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\nContent-Length: 5\r\n\r\nhello", status: 200, body: "hello"},
		{name: "HTTP/1.0 until close", wire: "HTTP/1.0 200 OK\r\n\r\nhello", ends: true, status: 200, body: "hello", closes: true},
		{name: "connection close", wire: ok + "Connection: close\r\nContent-Length: 5\r\n\r\nhello", status: 200, body: "hello", closes: true},
		{name: "connection close in a list", wire: ok + "Connection: foo, Close\r\nContent-Length: 5\r\n\r\nhello", status: 200, body: "hello", closes: true},
		{name: "no reason", wire: "HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n", status: 200},
		{name: "empty reason", wire: "HTTP/1.1 200 \r\nContent-Length: 0\r\n\r\n", status: 200},
		{name: "bare line feeds", wire: "HTTP/1.1 200 OK\nContent-Length: 5\n\nhello", status: 200, body: "hello"},
		{name: "Latin-1 in a value", wire: ok + "X: caf\xe9\r\nContent-Length: 0\r\n\r\n", status: 200},
		{name: "status 999", wire: "HTTP/1.1 999 Odd\r\nContent-Length: 0\r\n\r\n", status: 999},
		{name: "status 500 with a body", wire: "HTTP/1.1 500 Oops\r\nContent-Length: 4\r\n\r\noops", status: 500, body: "oops"},
		{name: "redirect is not followed", wire: "HTTP/1.1 302 Found\r\nLocation: /there\r\nContent-Length: 0\r\n\r\n", status: 302},

		// Responses without a body.
		{name: "HEAD", method: "HEAD", wire: ok + "Content-Length: 5\r\n\r\n", status: 200},
		{name: "HEAD chunked", method: "HEAD", wire: ok + "Transfer-Encoding: chunked\r\n\r\n", status: 200},
		{name: "HEAD without a length", method: "HEAD", wire: ok + "\r\n", status: 200},
		{name: "204", wire: "HTTP/1.1 204 No Content\r\n\r\n", status: 204},
		{name: "304 with a length", wire: "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n", status: 304},

		// Informational ones.
		{name: "100 first", wire: "HTTP/1.1 100 Continue\r\n\r\n" + ok + "Content-Length: 5\r\n\r\nhello", status: 200, body: "hello"},
		{name: "103 with headers first, twice", wire: strings.Repeat("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\nContent-Length: 3\r\n\r\n", 2) + ok + "Content-Length: 5\r\n\r\nhello", status: 200, body: "hello"},
		{name: "flood of 102", wire: strings.Repeat("HTTP/1.1 102 Processing\r\n\r\n", 40) + ok + "Content-Length: 0\r\n\r\n", class: stats.Malformed, lax: true, closes: true},
		{name: "101 unasked", wire: "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n", class: stats.Malformed, closes: true},

		// Strictness: what could make two ends disagree on where it ends.
		{name: "bytes after a length", wire: ok + "Content-Length: 5\r\n\r\nhello!", status: 200, body: "hello", class: stats.Malformed, lax: true, closes: true, over: 1},
		{name: "bytes after chunks", wire: ok + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", status: 200, class: stats.Malformed, lax: true, closes: true, over: 38},
		{name: "body on HEAD", method: "HEAD", wire: ok + "Content-Length: 5\r\n\r\nhello", status: 200, class: stats.Malformed, lax: true, closes: true, over: 5},
		{name: "body on 204", wire: "HTTP/1.1 204 No Content\r\n\r\nhello", status: 204, class: stats.Malformed, lax: true, closes: true, over: 5},
		{name: "body on 304", wire: "HTTP/1.1 304 Not Modified\r\n\r\nhello", status: 304, class: stats.Malformed, lax: true, closes: true, over: 5},
		{name: "conflicting lengths", wire: ok + "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello", class: stats.Malformed, closes: true},
		{name: "length and chunked", wire: ok + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", class: stats.Malformed, lax: true, closes: true},
		{name: "length negative", wire: ok + "Content-Length: -5\r\n\r\nhello", class: stats.Malformed, closes: true},
		{name: "length with a plus", wire: ok + "Content-Length: +5\r\n\r\nhello", class: stats.Malformed, closes: true},
		{name: "length empty", wire: ok + "Content-Length:\r\n\r\nhello", class: stats.Malformed, closes: true},
		{name: "length a list", wire: ok + "Content-Length: 5, 5\r\n\r\nhello", class: stats.Malformed, closes: true},
		{name: "length beyond 63 bits", wire: ok + "Content-Length: 99999999999999999999\r\n\r\nhello", class: stats.Malformed, closes: true},
		{name: "chunked twice", wire: ok + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", class: stats.Malformed, closes: true},
		{name: "chunkedchunked", wire: ok + "Transfer-Encoding: chunkedchunked\r\n\r\n0\r\n\r\n", class: stats.Malformed, closes: true},
		{name: "gzip, chunked", wire: ok + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", class: stats.Malformed, closes: true},
		{name: "chunked on HTTP/1.0", wire: "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", ends: true, class: stats.Malformed, lax: true, closes: true},
		{name: "space before the colon", wire: ok + "Content-Length : 5\r\n\r\nhello", ends: true, class: stats.Malformed, lax: true, closes: true},
		{name: "folded header", wire: ok + "X: a\r\n b\r\nContent-Length: 0\r\n\r\n", class: stats.Malformed, lax: true, closes: true},
		{name: "header without a colon", wire: ok + "nonsense\r\n\r\n", class: stats.Malformed, closes: true},
		{name: "header without a name", wire: ok + ": x\r\n\r\n", class: stats.Malformed, closes: true},
		{name: "NUL in a value", wire: ok + "X: a\x00b\r\nContent-Length: 0\r\n\r\n", class: stats.Malformed, closes: true},
		{name: "bare CR in a value", wire: ok + "X: a\rContent-Length: 5\r\nContent-Length: 0\r\n\r\n", class: stats.Malformed, closes: true},
		{name: "chunk size not hexadecimal", wire: ok + "Transfer-Encoding: chunked\r\n\r\nxyz\r\n", status: 200, class: stats.Malformed, closes: true},
		{name: "chunk size empty", wire: ok + "Transfer-Encoding: chunked\r\n\r\n\r\n", status: 200, class: stats.Malformed, closes: true},
		{name: "chunk size negative", wire: ok + "Transfer-Encoding: chunked\r\n\r\n-1\r\n", status: 200, class: stats.Malformed, closes: true},
		{name: "chunk size of 17 digits", wire: ok + "Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n", status: 200, class: stats.Malformed, closes: true},
		{name: "chunk line ends bare", wire: ok + "Transfer-Encoding: chunked\r\n\r\n5\nhello\r\n0\r\n\r\n", status: 200, class: stats.Malformed, closes: true},
		{name: "chunk data too long", wire: ok + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello!!\r\n0\r\n\r\n", status: 200, body: "hello", class: stats.Malformed, closes: true},
		{name: "trailer malformed", wire: ok + "Transfer-Encoding: chunked\r\n\r\n0\r\nno colon\r\n\r\n", status: 200, class: stats.Malformed, closes: true},
		{name: "HTTP/0.9", wire: "<html>hello</html>\r\n", ends: true, class: stats.Malformed, closes: true},
		{name: "garbage", wire: "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n\r\n", ends: true, class: stats.Malformed, closes: true},
		{name: "HTTP/2.0", wire: "HTTP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n", class: stats.Malformed, lax: true, closes: true},
		{name: "status 000", wire: "HTTP/1.1 000 Odd\r\nContent-Length: 0\r\n\r\n", class: stats.Malformed, closes: true},
		{name: "status of two digits", wire: "HTTP/1.1 20 OK\r\nContent-Length: 0\r\n\r\n", class: stats.Malformed, closes: true},
		{name: "status of four digits", wire: "HTTP/1.1 2000 OK\r\nContent-Length: 0\r\n\r\n", class: stats.Malformed, closes: true},
		{name: "empty line first", wire: "\r\n" + ok + "Content-Length: 0\r\n\r\n", class: stats.Malformed, closes: true},

		// Truncation at each stage.
		{name: "closed before the head", wire: "", ends: true, class: stats.ConnClosed, closes: true},
		{name: "closed in the head", wire: ok + "Content-Le", ends: true, class: stats.ConnClosed, std: stats.Malformed, closes: true},
		{name: "closed in the body", wire: ok + "Content-Length: 5\r\n\r\nhel", ends: true, status: 200, body: "hel", class: stats.ConnClosed, closes: true},
		{name: "closed in a chunk", wire: ok + "Transfer-Encoding: chunked\r\n\r\n5\r\nhel", ends: true, status: 200, body: "hel", class: stats.ConnClosed, closes: true},
		{name: "closed between chunks", wire: ok + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", ends: true, status: 200, body: "hello", class: stats.ConnClosed, closes: true},
		{name: "closed in the trailers", wire: ok + "Transfer-Encoding: chunked\r\n\r\n0\r\nA: b\r\n", ends: true, status: 200, class: stats.ConnClosed, std: stats.Malformed, closes: true},

		// Content codings.
		{name: "gzip", wire: encoded("gzip", compressed("gzip", "hello")), status: 200, body: "hello"},
		{name: "deflate, zlib", wire: encoded("deflate", compressed("zlib", "hello")), status: 200, body: "hello"},
		{name: "deflate, bare", wire: encoded("deflate", compressed("flate", "hello")), status: 200, body: "hello"},
		{name: "br", wire: encoded("br", compressed("br", "hello")), status: 200, body: "hello"},
		{name: "zstd", wire: encoded("zstd", compressed("zstd", "hello")), status: 200, body: "hello"},
		{name: "gzip over br", wire: encoded("br, gzip", compressed("gzip", compressed("br", "hello"))), status: 200, body: "hello"},
		{name: "gzip broken", wire: encoded("gzip", "not gzip"), status: 200, body: "not gzip", class: stats.Malformed},
		{name: "unknown coding", wire: encoded("rot13", "uryyb"), status: 200, body: "uryyb", class: stats.Malformed},
	}
}

func compressed(how, text string) string {
	var b bytes.Buffer
	var w io.WriteCloser
	switch how {
	case "gzip":
		w = gzip.NewWriter(&b)
	case "zlib":
		w = zlib.NewWriter(&b)
	case "flate":
		w, _ = flate.NewWriter(&b, flate.DefaultCompression)
	case "br":
		w = brotli.NewWriter(&b)
	case "zstd":
		w, _ = zstd.NewWriter(&b)
	}
	io.WriteString(w, text)
	w.Close()
	return b.String()
}

// TestConformance runs every case over both paths, with the response in one
// piece, split in two at every byte, and byte by byte. Packets of a unix
// socket keep the pieces apart.
func TestConformance(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("needs sockets that keep packets apart, which Linux has")
	}
	for _, path := range paths {
		t.Run(path.name, func(t *testing.T) {
			for _, c := range exchangeCases() {
				t.Run(c.name, func(t *testing.T) {
					s := newPacketServer(t)
					client := path.new(&Options{unix: "unixpacket", Clock: slowClock()})
					defer func() { client.Close() }()
					for _, pieces := range splits(c.wire) {
						s.answers <- answered{pieces, c.ends}
						c.check(t, client, s.origin, path.name == "std", pieces)
						select {
						case <-s.done:
						case <-time.After(time.Minute):
							t.Fatalf("in %d pieces (%.30q): the server was not asked", len(pieces), pieces)
						}
						if path.name == "std" && c.over > 0 {
							// net/http may take what follows for the next response.
							client.Close()
							client = path.new(&Options{unix: "unixpacket"})
						}
					}
				})
			}
		})
	}
}

// slowClock returns a clock by which a connection has always been idle for a
// moment.
func slowClock() func() time.Duration {
	var n atomic.Int64
	return func() time.Duration { return time.Duration(n.Add(int64(lookAfter))) }
}

func (c *exchangeCase) check(t *testing.T, client Client, o *Origin, std bool, pieces []string) {
	t.Helper()
	method := c.method
	if method == "" {
		method = "GET"
	}
	req := &Request{Method: method, Origin: o, Path: []byte("/"), Timeout: 30 * time.Second, KeepBody: true}
	var resp Response
	var s stats.Sample
	client.Do(t.Context(), req, &resp, &s)
	want := c.class
	if c.over > 0 && len(c.wire)-c.over >= whole(pieces, len(c.wire)-c.over) {
		// The response came whole before the rest: it is a success, and the
		// next request finds the rest before it is sent.
		want = stats.OK
	}
	switch {
	case std && c.lax && s.Failure.Class == stats.OK:
		return
	case std && c.std != stats.OK:
		want = c.std
	}
	if s.Failure.Class != want {
		t.Fatalf("in %d pieces (%.30q): %v %q, want %v", len(pieces), pieces, s.Failure.Class, s.Failure.Text, want)
	}
	if std && want != stats.OK {
		return // how far net/http came is its own
	}
	if s.Status != c.status || resp.Status != c.status || string(resp.Body) != c.body {
		t.Fatalf("in %d pieces (%.30q): status %d, body %q, want %d, %q", len(pieces), pieces, s.Status, resp.Body, c.status, c.body)
	}
	if raw, ok := client.(*Raw); ok && want == c.class && (len(raw.conns) == 0) != c.closes {
		t.Fatalf("in %d pieces (%.30q): connections kept: %d, closes: %v", len(pieces), pieces, len(raw.conns), c.closes)
	}
}

// whole returns how many bytes had come when the first n had.
func whole(pieces []string, n int) int {
	came := 0
	for _, p := range pieces {
		if came < n {
			came += len(p)
		}
	}
	return came
}

// splits returns s whole, in two pieces at every byte, and in single bytes.
func splits(s string) [][]string {
	all := [][]string{{s}}
	for i := 1; i < len(s); i++ {
		all = append(all, []string{s[:i], s[i:]})
	}
	return append(all, strings.Split(s, ""))
}

// packetServer answers each request with the next of answers.
type packetServer struct {
	origin  *Origin
	answers chan answered
	done    chan struct{} // one for each answer that was written
}

type answered struct {
	pieces []string
	ends   bool
}

func newPacketServer(t *testing.T) *packetServer {
	t.Helper()
	path := filepath.Join(t.TempDir(), "s")
	l, err := net.Listen("unixpacket", path)
	if err != nil {
		t.Fatal(err)
	}
	s := &packetServer{answers: make(chan answered, 1), done: make(chan struct{}, 1)}
	if s.origin, err = NewOrigin("http", "test", path); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			k, err := l.Accept()
			if err != nil {
				return
			}
			go s.serve(k)
		}
	}()
	return s
}

func (s *packetServer) serve(k net.Conn) {
	defer k.Close()
	b := make([]byte, 64<<10)
	for {
		if _, err := k.Read(b); err != nil {
			return
		}
		a := <-s.answers
		for _, p := range a.pieces {
			if len(p) > 0 {
				// It fails where the client has seen enough.
				_, _ = io.WriteString(k, p)
			}
		}
		if a.ends {
			k.Close()
		}
		s.done <- struct{}{}
	}
}
