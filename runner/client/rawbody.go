package client

import (
	"bytes"
	"errors"
	"io"

	"brink/runner/stats"
)

// readBody reads a response's body to its end, as the head frames it.
func (c *Raw) readBody(k *conn, req *Request) stats.Failure {
	h := &c.head
	switch {
	case req.Method == "HEAD", h.status == 204, h.status == 304:
		return stats.Failure{}
	case h.chunked:
		return c.readChunked(k)
	case h.length >= 0:
		if h.length > c.o.maxBody() {
			return tooLarge("body", c.o.maxBody())
		}
		return c.readSized(k, h.length)
	}
	return c.readToEnd(k)
}

// readSized reads n bytes of body.
func (c *Raw) readSized(k *conn, n int64) stats.Failure {
	for n > 0 {
		if k.r == k.w {
			if f := c.more(k); f.Failed() {
				return f
			}
		}
		p := k.buffered()
		p = p[:min(n, int64(len(p)))]
		k.r += len(p)
		n -= int64(len(p))
		if f := c.take(p); f.Failed() {
			return f
		}
	}
	return stats.Failure{}
}

// readToEnd reads until the server closes the connection.
func (c *Raw) readToEnd(k *conn) stats.Failure {
	k.last = true
	for {
		p := k.buffered()
		k.r = k.w
		if f := c.take(p); f.Failed() {
			return f
		}
		err := k.fill()
		c.lap()
		if errors.Is(err, io.EOF) {
			return stats.Failure{}
		}
		if err != nil {
			return c.broken(k, err)
		}
	}
}

// Bounds on what is not data in a chunked body (RFC 9112 §7.1): the line that
// begins a chunk, and how much overhead may add up beside the data.
const (
	maxChunkLine = 4 << 10
	maxOverhead  = 16 << 10
)

// readChunked reads a chunked body and its trailers.
func (c *Raw) readChunked(k *conn) stats.Failure {
	var overhead int64
	for {
		line, f := c.line(k, maxChunkLine)
		if f.Failed() {
			return f
		}
		size, ok := chunkSize(line)
		if !ok {
			return malformed("a chunk does not begin with its size")
		}
		// 16 bytes a chunk are fair, and as many more as twice its data: that
		// is what net/http allows as well.
		overhead = max(0, overhead+int64(len(line))+2-16-2*size)
		switch {
		case overhead > maxOverhead:
			return malformed("its chunks are more extension than data")
		case size == 0:
			return c.readTrailers(k)
		case size > c.o.maxBody():
			return tooLarge("body", c.o.maxBody())
		}
		if f := c.readSized(k, size); f.Failed() {
			return f
		}
		if _, f := c.line(k, 0); f.Failed() {
			return f
		}
	}
}

// readTrailers reads header lines after the last chunk up to the empty line.
func (c *Raw) readTrailers(k *conn) stats.Failure {
	for left := c.o.maxHead(); ; {
		line, f := c.line(k, left)
		if f.Failed() {
			if f.Class == stats.Malformed && left < c.o.maxHead() {
				return tooLarge("trailers", c.o.maxHead())
			}
			return f
		}
		if len(line) == 0 {
			return stats.Failure{}
		}
		colon := bytes.IndexByte(line, ':')
		if colon < 1 || !token(line[:colon]) || !printable(line) {
			return malformed("a trailer line has no valid name before a colon, or control characters")
		}
		left -= int64(len(line)) + 2
	}
}

const badLine = "a line of its chunked body is too long or does not end as it must"

// line takes a line that ends with CR LF and is at most limit bytes long. It is
// valid until the next read.
func (c *Raw) line(k *conn, limit int64) ([]byte, stats.Failure) {
	for seen := 0; ; {
		p := k.buffered()
		if i := bytes.IndexByte(p[seen:], '\n'); i >= 0 {
			end := seen + i
			if bytes.IndexByte(p[:end], '\r') != end-1 || end == 0 || int64(end-1) > limit {
				return nil, malformed(badLine)
			}
			k.r += end + 1
			return p[:end-1], stats.Failure{}
		}
		if seen = len(p); int64(seen) > limit+1 {
			return nil, malformed(badLine)
		}
		if f := c.more(k); f.Failed() {
			return nil, f
		}
	}
}

// chunkSize reads the hexadecimal size that begins a chunk's line. Extensions
// are passed over.
func chunkSize(line []byte) (n int64, ok bool) {
	line, _, _ = bytes.Cut(bytes.TrimRight(line, " \t"), semicolon)
	if len(line) == 0 || len(line) > 15 {
		return 0, false
	}
	for _, d := range line {
		switch {
		case d >= '0' && d <= '9':
			d -= '0'
		case d|0x20 >= 'a' && d|0x20 <= 'f':
			d = d | 0x20 - 'a' + 10
		default:
			return 0, false
		}
		n = n<<4 | int64(d)
	}
	return n, true
}

var semicolon = []byte(";")

// more reads more of the body.
func (c *Raw) more(k *conn) stats.Failure {
	err := k.fill()
	c.lap()
	if err != nil {
		return c.broken(k, err)
	}
	return stats.Failure{}
}
