package client

import (
	"context"
	"crypto/tls"
	"errors"
	"syscall"
	"time"

	"brink/runner/stats"
)

// maxConns is how many origins a user stays connected to.
const maxConns = 8

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
