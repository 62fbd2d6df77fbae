package oracle

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"time"
)

// Behaviour is one way in which a server can misbehave.
type Behaviour struct {
	Name string // as in /hostile/NAME
	What string // what it does, in a line
	URL  string // where a server offers it

	action
	tls *tlsSpeech // set: it has a port of its own and speaks TLS, or should not
}

// Behaviours returns all ways to misbehave, with the URLs at which this server
// offers them; none unless it was started hostile.
func (s *Server) Behaviours() []Behaviour { return slices.Clone(s.behaviours) }

// named returns the misbehaviour of a name.
func (s *Server) named(name string) (Behaviour, bool) {
	for _, b := range s.behaviours {
		if b.Name == name {
			return b, true
		}
	}
	return Behaviour{}, false
}

// At returns the URL of a misbehaviour; empty if there is none of that name.
func (s *Server) At(name string) string {
	b, _ := s.named(name)
	return b.URL
}

// everyBehaviour lists all, in the order in which they meet a request.
func everyBehaviour() []Behaviour {
	return slices.Concat(slowOnes(), closers(), statusLines(), headers(), framings(),
		strays(), interims(), codings(), redirects(), streams(), onTLS(), onHTTP2())
}

// plain is a misbehaviour on the plain port.
func plain(name, what string, do func(*exchange) bool) Behaviour {
	return Behaviour{Name: name, What: what, action: action{do: do}}
}

// says is a misbehaviour that is a fixed text. The connection is kept.
func says(name, what, text string) Behaviour {
	return plain(name, what, func(x *exchange) bool { return x.write(text) })
}

// ends is one that is a fixed text and the end of the connection.
func ends(name, what, text string) Behaviour {
	return plain(name, what, func(x *exchange) bool { x.write(text); return false })
}

// drip sends a byte at a time, until the longest time has passed.
func (x *exchange) drip(text string) bool {
	end := time.Now().Add(x.server.options.Hold)
	for i := range len(text) {
		if !x.write(text[i : i+1]) {
			return false
		}
		if time.Now().After(end) || !x.pause(x.server.options.Drip) {
			return false
		}
	}
	return true
}

// flood sends a piece again and again, until it cannot or the longest time has
// passed.
func (c *conn) flood(piece string) {
	end := time.Now().Add(c.server.options.Hold)
	p := []byte(piece)
	if n := 16 << 10 / len(p); n > 1 {
		p = bytes.Repeat(p, n)
	}
	for time.Now().Before(end) && c.write(p) {
	}
}

// stall says nothing until the client goes away or the longest time has
// passed.
func (c *conn) stall() {
	_ = c.sock.SetReadDeadline(time.Now().Add(c.server.options.Hold))
	_, _ = c.in.Peek(c.in.Buffered() + 1)
}

// reset ends the connection with a RST.
func (c *conn) reset() bool {
	if t, ok := c.sock.(*net.TCPConn); ok {
		_ = t.SetLinger(0)
	}
	_ = c.sock.Close()
	return false
}

// halfClose says that nothing more will be sent, and waits for the client to
// end the connection.
func (c *conn) halfClose() bool {
	if t, ok := c.sock.(*net.TCPConn); ok {
		_ = t.CloseWrite()
	}
	c.stall()
	return false
}

const tooLarge = "HTTP/1.1 413 Content Too Large\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"

// slowOnes take too long, or not long enough.
func slowOnes() []Behaviour {
	return []Behaviour{
		plain("silent", "reads the request and never answers", func(x *exchange) bool {
			x.stall()
			return false
		}),
		plain("slow-head", "sends the head a byte at a time", func(x *exchange) bool {
			return x.drip("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nX-Padding: " + strings.Repeat("x", 1000) + "\r\nContent-Length: 0\r\n\r\n")
		}),
		plain("slow-body", "sends the body a byte at a time", func(x *exchange) bool {
			return x.write("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n") && x.drip(strings.Repeat("x", 1000))
		}),
		plain("stall-head", "stops in the middle of the head", func(x *exchange) bool {
			x.write("HTTP/1.1 200 OK\r\nContent-Le")
			x.stall()
			return false
		}),
		plain("stall-body", "stops in the middle of the body", func(x *exchange) bool {
			x.write("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nhalf of i")
			x.stall()
			return false
		}),
		{Name: "unread", What: "does not read the request's body, and never answers", action: action{early: true, do: func(x *exchange) bool {
			x.pause(x.server.options.Hold)
			return false
		}}},
		{Name: "early", What: "answers before it has read the request's body", action: action{early: true, do: func(x *exchange) bool {
			x.write(tooLarge)
			x.lull()
			return false
		}}},
		{Name: "early-close", What: "answers before it has read the request's body, and closes the connection at once", action: action{early: true, do: func(x *exchange) bool {
			x.write(tooLarge)
			return false
		}}},
	}
}

// closers end the connection when they should not.
func closers() []Behaviour {
	return []Behaviour{
		plain("close-request", "closes the connection instead of answering", func(*exchange) bool { return false }),
		ends("close-head", "closes the connection in the middle of the head", "HTTP/1.1 200 OK\r\nContent-"),
		ends("close-body", "closes the connection in the middle of the body", "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nhalf of i"),
		plain("half-close-body", "ends its side after the head", func(x *exchange) bool {
			x.write("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
			return x.halfClose()
		}),
		plain("half-close-chunk", "ends its side in the middle of a chunk", func(x *exchange) bool {
			x.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n10\r\nhalf of")
			return x.halfClose()
		}),
		plain("reset-request", "resets the connection instead of answering", func(x *exchange) bool { return x.reset() }),
		plain("reset-body", "resets the connection in the middle of the body", func(x *exchange) bool {
			x.write("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nhalf of i")
			x.pause(5 * time.Millisecond)
			return x.reset()
		}),
		plain("close-idle", "answers, then closes the connection without having said so", func(x *exchange) bool {
			x.ok()
			return false
		}),
		plain("reset-idle", "answers, then resets the idle connection", func(x *exchange) bool {
			x.ok()
			x.pause(5 * time.Millisecond)
			return x.reset()
		}),
		plain("close-reused", "answers a connection's first request and closes it when a second comes", func(x *exchange) bool {
			return x.served == 0 && x.ok()
		}),
		plain("close-each", "announces the end of the connection with every answer", func(x *exchange) bool {
			x.write("HTTP/1.1 200 OK\r\nConnection: close\r\n" + x.echo() + "Content-Length: 2\r\n\r\nok")
			return false
		}),
	}
}

// statusLines do not begin an answer as it must.
func statusLines() []Behaviour {
	const rest = " OK\r\nContent-Length: 2\r\n\r\nok"
	return []Behaviour{
		ends("garbage", "answers with random bytes", "\x00\xff\x13\x37 garbage \x1b[31m\r\n\r\n\x80\x81"),
		ends("http09", "answers as HTTP/0.9 did: a body and nothing else", "<html>hello</html>"),
		says("version", "names an HTTP version that does not exist", "HTTP/3.7 200"+rest),
		says("status-letters", "has a status that is no number", "HTTP/1.1 abc"+rest),
		says("status-000", "has the status 000", "HTTP/1.1 000"+rest),
		says("status-999", "has the status 999", "HTTP/1.1 999"+rest),
		says("status-short", "has a status of two digits", "HTTP/1.1 20"+rest),
		says("status-none", "has no status", "HTTP/1.1\r\nContent-Length: 2\r\n\r\nok"),
		says("reason-none", "leaves the reason out, which is allowed", "HTTP/1.1 200\r\nContent-Length: 2\r\n\r\nok"),
		plain("status-line-endless", "sends a status line that does not end", func(x *exchange) bool {
			x.write("HTTP/1.1 200 ")
			x.flood("OK ")
			return false
		}),
	}
}

// headers are wrong, or too many.
func headers() []Behaviour {
	return []Behaviour{
		says("head-8k", "has a head of 8 KB, which is allowed", "HTTP/1.1 200 OK\r\nX-Padding: "+strings.Repeat("x", 8<<10)+"\r\nContent-Length: 2\r\n\r\nok"),
		plain("head-16m", "has a head of 16 MB", func(x *exchange) bool {
			line := "X-Padding: " + strings.Repeat("x", 1<<20) + "\r\n"
			x.write("HTTP/1.1 200 OK\r\n")
			for range 16 {
				if !x.write(line) {
					return false
				}
			}
			return x.write("Content-Length: 2\r\n\r\nok")
		}),
		plain("head-endless", "sends header lines that do not end", func(x *exchange) bool {
			x.write("HTTP/1.1 200 OK\r\n")
			x.flood("X-Padding: x\r\n")
			return false
		}),
		plain("cookies", "sets another cookie of 1 KB with every answer", func(x *exchange) bool {
			return x.write(fmt.Sprintf("HTTP/1.1 200 OK\r\nSet-Cookie: c%d=%s\r\nContent-Length: 2\r\n\r\nok", x.entry.Seq, strings.Repeat("x", 1000)))
		}),
		says("head-fold", "folds a header line", "HTTP/1.1 200 OK\r\nX-Folded: one\r\n two\r\nContent-Length: 2\r\n\r\nok"),
		says("head-nul", "has a NUL in a header", "HTTP/1.1 200 OK\r\nX-Nul: a\x00b\r\nContent-Length: 2\r\n\r\nok"),
		says("head-cr", "ends its lines with CR alone", "HTTP/1.1 200 OK\rContent-Length: 2\r\rok"),
		says("head-lf", "ends its lines with LF alone, which is allowed", "HTTP/1.1 200 OK\nContent-Length: 2\n\nok"),
		says("head-space", "has white space before a header's colon", "HTTP/1.1 200 OK\r\nContent-Length : 2\r\n\r\nok"),
		says("head-nameless", "has a header line without a name", "HTTP/1.1 200 OK\r\n: x\r\nContent-Length: 2\r\n\r\nok"),
	}
}

// framings leave open, or contradict themselves on, where the body ends.
func framings() []Behaviour {
	chunked := "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
	sized := func(fields string) string { return "HTTP/1.1 200 OK\r\n" + fields + "\r\n" }
	return []Behaviour{
		says("length-twice", "has the same length twice, which is allowed", sized("Content-Length: 2\r\nContent-Length: 2\r\n")+"ok"),
		says("length-conflict", "has two lengths that differ", sized("Content-Length: 2\r\nContent-Length: 3\r\n")+"ok!"),
		says("length-list", "has a list of two lengths that differ", sized("Content-Length: 2, 3\r\n")+"ok!"),
		says("length-negative", "has a negative length", sized("Content-Length: -2\r\n")+"ok"),
		says("length-signed", "has a length with a plus", sized("Content-Length: +2\r\n")+"ok"),
		says("length-hex", "has a length in hexadecimal", sized("Content-Length: 0x2\r\n")+"ok"),
		says("length-overflow", "has a length of more than 64 bits", sized("Content-Length: 18446744073709551618\r\n")+"ok"),
		plain("length-huge", "announces a body of 4 EB", func(x *exchange) bool {
			x.write(sized("Content-Length: 4611686018427387904\r\n"))
			x.flood("body ")
			return false
		}),
		says("length-and-chunked", "has a length and is chunked", sized("Content-Length: 2\r\nTransfer-Encoding: chunked\r\n")+"2\r\nok\r\n0\r\n\r\n"),
		says("chunked-twice", "is chunked twice", sized("Transfer-Encoding: chunked, chunked\r\n")+"2\r\nok\r\n0\r\n\r\n"),
		says("chunked-merged", "has the transfer encoding chunkedchunked", sized("Transfer-Encoding: chunkedchunked\r\n")+"2\r\nok\r\n0\r\n\r\n"),
		says("chunked-1.0", "is HTTP/1.0 and chunked", "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: keep-alive\r\n\r\n2\r\nok\r\n0\r\n\r\n"),
		says("transfer-gzip", "has the transfer encoding gzip", sized("Transfer-Encoding: gzip\r\nContent-Length: 2\r\n")+"ok"),
		says("chunk-size", "has a chunk whose size is no number", chunked+"xyz\r\nok\r\n0\r\n\r\n"),
		says("chunk-negative", "has a chunk of a negative size", chunked+"-2\r\nok\r\n0\r\n\r\n"),
		plain("chunk-huge", "announces a chunk of 16 EB", func(x *exchange) bool {
			x.write(chunked + "ffffffffffffffff\r\n")
			x.flood("body ")
			return false
		}),
		says("chunk-end", "has a chunk that is longer than it says", chunked+"2\r\nokay\r\n0\r\n\r\n"),
		says("chunk-extension", "has a chunk extension, which is allowed", chunked+"2;name=value\r\nok\r\n0\r\n\r\n"),
		plain("chunk-extension-endless", "sends a chunk extension that does not end", func(x *exchange) bool {
			x.write(chunked + "2;x=")
			x.flood("x")
			return false
		}),
		plain("chunk-tiny", "sends chunks of one byte with long extensions, without end", func(x *exchange) bool {
			x.write(chunked)
			x.flood("1;" + strings.Repeat("x", 200) + "\r\nx\r\n")
			return false
		}),
		says("trailer", "has a trailer, which is allowed", chunked+"2\r\nok\r\n0\r\nX-Sum: 1\r\n\r\n"),
		says("trailer-bad", "has a trailer that is no header line", chunked+"2\r\nok\r\n0\r\nno colon\r\n\r\n"),
		plain("trailer-endless", "sends trailers that do not end", func(x *exchange) bool {
			x.write(chunked + "0\r\n")
			x.flood("X-Sum: 1\r\n")
			return false
		}),
		plain("body-endless", "sends a chunked body that does not end", func(x *exchange) bool {
			x.write(chunked)
			x.flood("400\r\n" + strings.Repeat("x", 1024) + "\r\n")
			return false
		}),
		plain("body-endless-close", "sends a body without a length that does not end", func(x *exchange) bool {
			x.write("HTTP/1.1 200 OK\r\n\r\n")
			x.flood("endless ")
			return false
		}),
	}
}

// poison is a response that nobody asked for. A client that gives it to
// somebody's request has been poisoned.
const poison = "HTTP/1.1 200 OK\r\nX-Run-Seq: poison\r\nContent-Length: 6\r\n\r\npoison"

// strays send bytes that belong to no response.
func strays() []Behaviour {
	return []Behaviour{
		plain("extra-response", "sends a second response right behind the first", func(x *exchange) bool {
			return x.write("HTTP/1.1 200 OK\r\n" + x.echo() + "Content-Length: 2\r\n\r\nok" + poison)
		}),
		plain("extra-later", "sends a response that nobody asked for on the idle connection", func(x *exchange) bool {
			x.ok()
			x.pause(5 * time.Millisecond)
			return x.write(poison)
		}),
		plain("extra-chunk", "sends a second response behind the last chunk", func(x *exchange) bool {
			return x.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n" + x.echo() + "\r\n2\r\nok\r\n0\r\n\r\n" + poison)
		}),
		says("body-204", "has the status 204 and a body", "HTTP/1.1 204 No Content\r\nContent-Length: 6\r\n\r\npoison"),
		says("body-304", "has the status 304 and a body", "HTTP/1.1 304 Not Modified\r\nContent-Length: 6\r\n\r\npoison"),
		says("body-head", "answers HEAD with a body", "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison"),
	}
}

// interims come before the answer.
func interims() []Behaviour {
	const hint = "HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\n\r\n"
	after := func(name, what, first string) Behaviour {
		return plain(name, what, func(x *exchange) bool { return x.write(first) && x.ok() })
	}
	return []Behaviour{
		after("continue", "sends 100 that nobody expects, which is allowed", "HTTP/1.1 100 Continue\r\n\r\n"),
		after("interim", "sends 102 and 103 before the answer, which is allowed", "HTTP/1.1 102 Processing\r\n\r\n"+hint),
		plain("interim-endless", "sends 103 without end", func(x *exchange) bool {
			x.flood(hint)
			return false
		}),
		plain("continue-only", "sends 100 and never an answer", func(x *exchange) bool {
			x.write("HTTP/1.1 100 Continue\r\n\r\n")
			x.stall()
			return false
		}),
		{Name: "expect", What: "sends 100 once it has read a head with Expect, and answers when the body came, which is allowed", action: action{early: true, do: func(x *exchange) bool {
			x.write("HTTP/1.1 100 Continue\r\n\r\n")
			_, err := io.Copy(io.Discard, x.request.Body)
			return err == nil && x.ok()
		}}},
		{Name: "expect-ignored", What: "does not send the 100 that Expect asks for, and answers when the body came", action: action{early: true, do: func(x *exchange) bool {
			_, err := io.Copy(io.Discard, x.request.Body)
			return err == nil && x.ok()
		}}},
		{Name: "expect-refused", What: "refuses a head with Expect before it has read the body", action: action{early: true, do: func(x *exchange) bool {
			x.write("HTTP/1.1 417 Expectation Failed\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")
			x.lull()
			return false
		}}},
		plain("switch", "switches to another protocol, which nobody asked for", func(x *exchange) bool {
			x.write("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n\x81\x05hello")
			x.stall()
			return false
		}),
	}
}

// ready gives a connection that does not converse what it reads through.
func (c *conn) ready() { c.in = bufio.NewReaderSize(c.wire, 4<<10) }

// stallOnce waits for the client's first bytes.
func (c *conn) stallOnce() {
	_ = c.sock.SetReadDeadline(time.Now().Add(c.server.options.Hold))
	_, _ = c.in.Peek(1)
}

// lull reads whatever comes and says nothing.
func (c *conn) lull() {
	_ = c.sock.SetReadDeadline(time.Now().Add(c.server.options.Hold))
	_, _ = io.Copy(io.Discard, c.in)
}
