package client

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"strconv"
	"sync"
	"syscall"
	"time"

	"brink/runner/stats"
)

// Raw speaks HTTP/1.1 to http:// and https:// origins and over unix sockets
// with its own request bytes and its own parser, on one connection for each
// origin. It allocates nothing for a request once it has seen one like it, has
// no goroutine of its own, and holds no buffer while it waits.
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

// maxConns is how many origins a user stays connected to.
const maxConns = 8

// maxInformational bounds the 1xx responses before a response.
const maxInformational = 32

// maxKnown is how long a head may be that is remembered.
const maxKnown = 512

const tooManyInformational = "it is preceded by too many informational ones"

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

// connection returns a connection to the request's origin that can be written
// to.
func (c *Raw) connection() (*conn, stats.Failure) {
	for _, k := range c.conns {
		if k.origin != c.req.Origin && !k.origin.same(c.req.Origin) {
			continue
		}
		// A connection that was idle for a moment is looked at first. One that
		// was not is spared the system call.
		if !c.req.NewConn && (!k.full && c.at-k.since < lookAfter || !k.stale()) {
			return k, stats.Failure{}
		}
		c.drop(k, (*conn).close)
		break
	}
	return c.connect()
}

// lookAfter is how long a connection is taken to be as it was. Nothing can keep
// a second response that comes within this time from being taken for that of
// the next request, and a look would only make the time shorter.
const lookAfter = 20 * time.Microsecond

// connect makes a connection to the request's origin.
func (c *Raw) connect() (*conn, stats.Failure) {
	c.stage = connecting
	limit, timeout := c.due, c.req.Timeout
	if t := c.at + c.o.connectTimeout(); t < limit {
		limit, timeout = t, c.o.connectTimeout()
	}
	ctx, cancel := context.WithTimeout(c.ctx, limit-c.at)
	defer cancel()
	var k *conn
	var err error
	// Dialling needs a deep stack, which a user who then waits for an hour
	// would keep: it is left to a goroutine that ends.
	done := make(chan struct{})
	go func() {
		defer close(done)
		k, err = c.dial(ctx)
	}()
	<-done
	c.lap()
	if err == nil {
		c.s.NewConn = true
		return k, stats.Failure{}
	}
	var unresolved *nameError
	switch {
	case c.ctx.Err() != nil:
		return nil, ended(c.ctx)
	case errors.Is(err, errOverdue), isTimeout(err) && c.at >= limit && !errors.As(err, &unresolved):
		return nil, overdue(timeout, c.stage)
	}
	return nil, explain(err, c.stage, c.req.Origin.Addr)
}

// dial makes a connection, TLS included, within ctx.
func (c *Raw) dial(ctx context.Context) (*conn, error) {
	o := c.req.Origin
	sock, err := dialer{c.o, c.now}.dial(ctx, o, &c.s.Phases)
	if err != nil {
		return nil, err
	}
	k := &conn{raw: c, origin: o, sock: sock, armed: -1}
	k.step = k.poll
	if s, ok := sock.(syscall.Conn); ok {
		k.sys, err = s.SyscallConn()
	}
	if err != nil {
		_ = sock.Close()
		return nil, err
	}
	if o.Scheme == "https" {
		c.stage = handshaking
		began := c.now()
		k.tls = tls.Client(k, c.o.config(o.name()))
		err = k.tls.HandshakeContext(ctx)
		c.s.Phases.TLS += c.now() - began
		if err != nil {
			_ = sock.Close()
			return nil, err
		}
	}
	c.adopt(k)
	return k, nil
}

// talk sends the request and reads the response, and keeps the connection if
// it can be used again.
func (c *Raw) talk(k *conn) stats.Failure {
	k.last = c.req.NewConn
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
		began = max(began, k.wroteAt)
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

// broken explains an error of the connection.
func (c *Raw) broken(k *conn, err error) stats.Failure {
	at := c.stage
	if at == sending && k.sent() {
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

// adopt adds a connection, in place of the oldest if there are many.
func (c *Raw) adopt(k *conn) {
	if len(c.conns) == maxConns {
		c.drop(c.conns[0], (*conn).close)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.conns = append(c.conns, k)
}

// drop closes a connection in one way or another and forgets it.
func (c *Raw) drop(k *conn, end func(*conn)) {
	end(k)
	c.mu.Lock()
	defer c.mu.Unlock()
	for i, o := range c.conns {
		if o == k {
			c.conns = append(c.conns[:i], c.conns[i+1:]...)
			return
		}
	}
}

// watch makes the end of ctx interrupt the client's connections.
func (c *Raw) watch(ctx context.Context) {
	done := ctx.Done()
	if done == c.done {
		return
	}
	if c.unhook != nil {
		c.unhook()
		c.unhook = nil
	}
	c.done = done
	if done != nil {
		c.unhook = context.AfterFunc(ctx, c.cut)
	}
}

// cut makes whatever waits on a connection stop waiting. It runs beside Do,
// which finds that the context ended; where it did not, because an earlier
// context ended late, Do goes on.
func (c *Raw) cut() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, k := range c.conns {
		_ = k.sock.SetDeadline(past)
	}
}

// Close closes the connections.
func (c *Raw) Close() error {
	c.watch(context.Background())
	for len(c.conns) > 0 {
		c.drop(c.conns[0], (*conn).close)
	}
	return nil
}

var _ net.Conn = (*conn)(nil)
