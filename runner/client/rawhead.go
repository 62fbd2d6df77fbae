package client

import (
	"bytes"

	"brink/runner/stats"
)

// maxInformational bounds the 1xx responses before a response.
const maxInformational = 32

// maxKnown is how long a head may be that is remembered.
const maxKnown = 512

const tooManyInformational = "it is preceded by too many informational ones"

// readHead reads heads up to one that is not informational.
func (c *Raw) readHead(k *conn) stats.Failure {
	h := &c.head
	if b := k.buffered(); len(c.known) > 0 && bytes.HasPrefix(b, c.known) {
		// The same head as last time, as most are until the second turns.
		k.r += len(c.known)
		c.keepHead(k, c.known)
		return stats.Failure{}
	}
	c.known = c.known[:0]
	for left, informational := c.o.maxHead(), 0; ; informational++ {
		h.reset()
		for {
			b := k.buffered()
			whole, why := h.parse(b)
			if why != "" {
				return malformed(why)
			}
			if int64(max(h.pos, len(b))) > left && (!whole || int64(h.pos) > left) {
				return tooLarge("head", c.o.maxHead())
			}
			if whole {
				break
			}
			if f := c.more(k); f.Failed() {
				return f
			}
		}
		b := k.buffered()[:h.pos]
		k.r += h.pos
		left -= int64(h.pos)
		switch {
		case h.status == 101:
			return malformed("it switches protocols, which nobody asked for")
		case h.status >= 200:
			c.keepHead(k, b)
			if len(b) <= maxKnown {
				c.known = append(c.known, b...)
			}
			return stats.Failure{}
		case informational == maxInformational:
			return malformed(tooManyInformational)
		}
		if k.r == k.w {
			if f := c.more(k); f.Failed() {
				return f
			}
		}
	}
}

// keepHead notes what the head says.
func (c *Raw) keepHead(k *conn, b []byte) {
	h := &c.head
	c.s.Status, c.resp.Status = h.status, h.status
	c.resp.Proto = "HTTP/1.1"
	if h.old {
		c.resp.Proto = "HTTP/1.0"
	}
	fields := b[h.fields:]
	c.resp.Head = append(c.resp.Head, fields[:len(fields)-len(emptyLine(fields))]...)
	if h.status/100 == 3 {
		c.resp.Location = append(c.resp.Location, h.locationAt.of(b)...)
	}
	if c.keep {
		c.resp.codings = append(c.resp.codings, h.codingAt.of(b)...)
	}
	k.last = k.last || !h.persists()
}

// emptyLine returns the line that ends a head.
func emptyLine(head []byte) string {
	if n := len(head); n >= 2 && head[n-2] == '\r' {
		return "\r\n"
	}
	return "\n"
}
