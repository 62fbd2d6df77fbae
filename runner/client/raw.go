package client

import (
	"context"
	"errors"
	"io"
	"strconv"
	"sync"
	"time"

	"brink/runner/stats"
)

// Raw speaks HTTP/1.1 to http:// and https:// origins and over unix sockets
// with its own request bytes and its own parser, on one connection for each
// origin. It allocates nothing for a request once it has seen one like it, has
// no goroutine of its own, and holds no buffer while it waits.
//
// The phase up to the first byte begins when the request is given to the
// socket, or, where it is too large for that to take it at once, when the
// socket took the last of it. ConnWait is 0: no user waits for another's
// connection.
//
// A context that ends interrupts a request at once. To make that free, a Raw
// watches the context of its last request: give it the same one each time.
type Raw struct {
	now func() time.Duration

	// Of the request that is being made.
	intake
	ctx   context.Context
	req   *Request
	at    time.Duration // the last reading of the clock
	due   time.Duration // when its timeout passes
	stage stage
	head  head
	known []byte // what head was read from, where that is not long

	done   <-chan struct{} // of the context that is watched
	unhook func() bool

	mu    sync.Mutex // guards conns against cut
	conns []*conn
}

var _ Client = (*Raw)(nil)

// NewRaw returns a client for one user.
func NewRaw(o *Options) *Raw { return &Raw{intake: intake{o: o}, now: o.clock()} }

// Do implements Client. A request counts as overdue at the first moment at
// which its timeout has passed and it still waits for the network.
//
// A connection that was used before and ends before the first byte of a
// response is taken for one that the server had closed: the request is sent
// again on a new one, once, whatever its method, and counted as Retried. A
// connection that was seen to be closed before anything was sent is replaced
// without that.
func (c *Raw) Do(ctx context.Context, req *Request, resp *Response, s *stats.Sample) {
	c.begin(ctx, req, resp, s)
	f := follow(c, c.o.Allow, req, resp)
	s.End = c.at
	c.finish(f)
	c.ctx, c.req = nil, nil
}

func (c *Raw) begin(ctx context.Context, req *Request, resp *Response, s *stats.Sample) {
	c.ctx = ctx
	c.intake.begin(req, resp, s)
	c.lap()
	s.Start = c.at
	c.due = never
	if req.Timeout > 0 {
		c.due = c.at + req.Timeout
	}
	c.watch(ctx)
}

// lap reads the clock.
func (c *Raw) lap() { c.at = c.now() }

// hop performs one request without following redirects.
func (c *Raw) hop(req *Request) stats.Failure {
	c.req = req
	c.resp.clear()
	if c.ctx.Err() != nil {
		return ended(c.ctx)
	}
	k, f := c.connection()
	if f.Failed() {
		return f
	}
	again := k.used
	f = c.talk(k)
	if f.Failed() && again && c.stage <= waiting && c.ctx.Err() == nil &&
		(f.Class == stats.ConnClosed || f.Class == stats.Reset || f.Class == stats.WriteFailed) {
		c.s.Retried = true
		if k, f = c.connect(); !f.Failed() {
			f = c.talk(k)
		}
	}
	return f
}

// talk sends the request and reads the response, and keeps the connection if
// it can be used again.
func (c *Raw) talk(k *conn) stats.Failure {
	k.last = c.req.NewConn
	c.resp.Sent++
	f := c.send(k)
	if !f.Failed() {
		f = c.receive(k)
	}
	sent := k.join()
	c.s.BytesOut += k.written
	switch {
	case f.Failed():
		c.drop(k, (*conn).abandon)
	case k.r < k.w:
		f = malformed("bytes follow its end")
		c.drop(k, (*conn).abandon)
	case k.last || !sent:
		c.drop(k, (*conn).leave)
	default:
		k.release()
		k.used, k.since = true, c.at
	}
	return f
}

// send gives the connection the request's bytes.
func (c *Raw) send(k *conn) stats.Failure {
	c.stage = sending
	r := c.req
	pooled := buffers.Get().(*buffer)
	b := appendHead(pooled[:0], r)
	body := r.Body
	if len(b)+len(body) <= len(pooled) {
		b, body = append(b, body...), nil
	}
	if err := k.send(b, body, pooled); err != nil {
		return c.broken(k, err)
	}
	return stats.Failure{}
}

// appendHead appends the request line and the header lines.
func appendHead(b []byte, r *Request) []byte {
	b = append(b, r.Method...)
	b = append(b, ' ')
	b = append(b, r.Path...)
	b = append(b, " HTTP/1.1\r\nHost: "...)
	b = append(b, r.Origin.Host...)
	b = append(b, "\r\n"...)
	b = append(b, r.Header...)
	if r.NewConn {
		b = append(b, "Connection: close\r\n"...)
	}
	if len(r.Body) > 0 || r.Method == "POST" || r.Method == "PUT" || r.Method == "PATCH" {
		b = append(b, "Content-Length: "...)
		b = strconv.AppendInt(b, int64(len(r.Body)), 10)
		b = append(b, "\r\n"...)
	}
	return append(b, "\r\n"...)
}

// receive reads the response.
func (c *Raw) receive(k *conn) stats.Failure {
	began := c.at
	err := k.fill()
	c.lap()
	if err != nil {
		return c.broken(k, err)
	}
	first := c.at
	if k.sent() {
		began = min(max(began, k.wroteAt), first)
	}
	c.s.FirstByte += first - began
	c.stage = inHead
	if f := c.readHead(k); f.Failed() {
		return f
	}
	c.stage = inBody
	f := c.readBody(k, c.req)
	c.s.Body += c.at - first
	return f
}

// broken explains an error of the connection.
func (c *Raw) broken(k *conn, err error) stats.Failure {
	at := c.stage
	if at == sending && k.join() {
		at, c.stage = waiting, waiting
	}
	switch {
	case c.ctx.Err() != nil:
		return ended(c.ctx)
	case errors.Is(err, errOverdue):
		return overdue(c.req.Timeout, at)
	case k.tls == nil && errors.Is(err, io.ErrUnexpectedEOF):
		err = io.EOF
	}
	return explain(err, at, c.req.Origin.Addr)
}

// patience returns why the request cannot wait any longer, nil if it can.
func (c *Raw) patience() error {
	if c.ctx.Err() != nil {
		return context.Cause(c.ctx)
	}
	if c.lap(); c.at >= c.due {
		return errOverdue
	}
	return nil
}

// deadline returns when the request is due, for a socket.
func (c *Raw) deadline() time.Time {
	if c.due == never {
		return time.Time{}
	}
	return time.Now().Add(c.due - c.now())
}
