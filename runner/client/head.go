package client

import (
	"bytes"
	"encoding/binary"
)

// head is the head of one response while it is being read: the status line
// and the fields that say how the body is framed. Lines are looked at as soon
// as they are whole, so that a slow head costs no more than a fast one.
//
// It is strict where leniency could make two ends disagree on where a response
// ends (RFC 9112 §6.3, §11.2): whatever it accepts, net/http understands alike.
type head struct {
	status  int
	old     bool  // HTTP/1.0
	length  int64 // Content-Length; -1: none
	chunked bool
	close   bool // Connection: close
	keep    bool // Connection: keep-alive

	// Positions of values within the head's bytes.
	lengthAt, codingAt, locationAt span

	pos    int // where the next line begins
	seen   int // bytes of that line without a line feed
	fields int // where the header lines begin; 0: the status line is to come
}

// span is a stretch of the head's bytes.
type span struct{ from, to int }

func (s span) of(b []byte) []byte { return b[s.from:s.to] }

func (h *head) reset() { *h = head{length: -1} }

// parse goes on with b, which begins where the head begins and is longer than
// at the last call. It reports whether the head is whole, which is then
// b[:h.pos]; why is what is wrong with it, empty if nothing.
func (h *head) parse(b []byte) (whole bool, why string) {
	for {
		i := bytes.IndexByte(b[h.pos+h.seen:], '\n')
		if i < 0 {
			h.seen = len(b) - h.pos
			if begin := b[h.pos:]; h.fields == 0 && !bytes.HasPrefix(begin, http1[:min(len(begin), len(http1))]) {
				return false, notHTTP
			}
			return false, ""
		}
		from, to := h.pos, h.pos+h.seen+i
		h.pos, h.seen = to+1, 0
		if to > from && b[to-1] == '\r' {
			to--
		}
		switch {
		case h.fields == 0:
			why = h.statusLine(b[from:to])
			h.fields = h.pos
		case to == from:
			return true, h.framing()
		default:
			why = h.field(b, from, to)
		}
		if why != "" {
			return false, why
		}
	}
}

var http1 = []byte("HTTP/1.")

const notHTTP = "the answer does not begin with an HTTP/1 status line"

// statusLine reads "HTTP/1.1 200 OK".
func (h *head) statusLine(l []byte) string {
	if len(l) < len("HTTP/1.1 200") || !bytes.HasPrefix(l, http1) {
		return notHTTP
	}
	if l[7] != '1' && l[7] != '0' || l[8] != ' ' {
		return "the status line names an HTTP version that is neither 1.0 nor 1.1"
	}
	h.old = l[7] == '0'
	for _, d := range l[9:12] {
		if d < '0' || d > '9' {
			return "the status line has no status of three digits"
		}
		h.status = h.status*10 + int(d-'0')
	}
	if len(l) > 12 && l[12] != ' ' || h.status < 100 {
		return "the status line has no status from 100 to 999"
	}
	if !printable(l) {
		return "the status line has control characters"
	}
	return ""
}

// field reads one header line.
func (h *head) field(b []byte, from, to int) string {
	l := b[from:to]
	colon := bytes.IndexByte(l, ':')
	if l[0] == ' ' || l[0] == '\t' {
		return "a header line begins with white space"
	}
	if colon < 1 || !token(l[:colon]) {
		return "a header line has no valid name before a colon"
	}
	if !printable(l[colon+1:]) {
		return "a header value has control characters"
	}
	name := l[:colon]
	// Most names are none of ours, and their length says so.
	switch len(name) {
	case len("location"), len("connection"), len("content-length"), len("content-encoding"), len("transfer-encoding"):
	default:
		return ""
	}
	at := trim(b, span{from + colon + 1, to})
	switch {
	case fold(name, "content-length"):
		return h.contentLength(b, at)
	case fold(name, "transfer-encoding"):
		if h.chunked || !fold(at.of(b), "chunked") {
			return "the transfer encoding is not chunked alone"
		}
		h.chunked = true
	case fold(name, "connection"):
		h.connection(at.of(b))
	case fold(name, "content-encoding"):
		if h.codingAt.to > 0 {
			return "it names its content encoding more than once"
		}
		h.codingAt = at
	case fold(name, "location"):
		if h.locationAt.to == 0 {
			h.locationAt = at
		}
	}
	return ""
}

// contentLength reads a length; a second one must be the same text.
func (h *head) contentLength(b []byte, at span) string {
	v := at.of(b)
	if h.length >= 0 {
		if !bytes.Equal(v, h.lengthAt.of(b)) {
			return "it has conflicting content lengths"
		}
		return ""
	}
	if len(v) == 0 {
		return "its content length is not a number"
	}
	if len(v) > 18 {
		return "its content length is not a number, or beyond all measure"
	}
	var n int64
	for _, d := range v {
		if d < '0' || d > '9' {
			return "its content length is not a number"
		}
		n = n*10 + int64(d-'0')
	}
	h.length, h.lengthAt = n, at
	return ""
}

// connection reads a list of options.
func (h *head) connection(list []byte) {
	for len(list) > 0 {
		option, rest, _ := bytes.Cut(list, comma)
		option = trim(option, span{0, len(option)}).of(option)
		h.close = h.close || fold(option, "close")
		h.keep = h.keep || fold(option, "keep-alive")
		list = rest
	}
}

var comma = []byte(",")

// framing checks what only the whole head can show.
func (h *head) framing() string {
	switch {
	case h.chunked && h.length >= 0:
		return "it has both a content length and a transfer encoding"
	case h.chunked && h.old:
		return "it is HTTP/1.0 with a transfer encoding"
	}
	return ""
}

// persists reports whether the connection may be used again.
func (h *head) persists() bool {
	if h.old {
		return h.keep && !h.close
	}
	return !h.close
}

// trim narrows s to leave out white space at both ends.
func trim(b []byte, s span) span {
	for s.from < s.to && (b[s.from] == ' ' || b[s.from] == '\t') {
		s.from++
	}
	for s.from < s.to && (b[s.to-1] == ' ' || b[s.to-1] == '\t') {
		s.to--
	}
	return s
}

// fold reports whether b is the lower-case text s, in whatever case.
func fold(b []byte, s string) bool {
	if len(b) != len(s) {
		return false
	}
	for i := range b {
		if c := b[i]; c != s[i] && (c|0x20 != s[i] || c < 'A' || c > 'Z') {
			return false
		}
	}
	return true
}

// tokens holds the characters of a field name (RFC 9110 §5.6.2).
var tokens = func() (t [256]bool) {
	for c := '0'; c <= 'z'; c++ {
		t[c] = c <= '9' || c >= 'a' || c >= 'A' && c <= 'Z'
	}
	for _, c := range "!#$%&'*+-.^_`|~" {
		t[c] = true
	}
	return t
}()

func token(b []byte) bool {
	for _, c := range b {
		if !tokens[c] {
			return false
		}
	}
	return true
}

// printable reports whether b is free of control characters but tabs. It looks
// at eight bytes at a time for one that is below a space or DEL, and only
// where there is one at each byte.
func printable(b []byte) bool {
	const ones, highs = 0x0101010101010101, 0x8080808080808080
	rest := b
	for len(rest) >= 8 {
		x := binary.LittleEndian.Uint64(rest)
		del := x ^ 0x7f*ones
		if ((x-0x20*ones)&^x|(del-ones)&^del)&highs != 0 {
			break
		}
		rest = rest[8:]
	}
	for _, c := range rest {
		if c < ' ' && c != '\t' || c == 0x7f {
			return false
		}
	}
	return true
}
