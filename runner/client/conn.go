package client

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"math"
	"net"
	"os"
	"sync"
	"syscall"
	"time"
)

// A buffer holds what is sent or what was received. A connection has one only
// while there are bytes in it, so that users who wait cost none.
type buffer [16 << 10]byte

var buffers = sync.Pool{New: func() any { return new(buffer) }}

// never is a time that does not come.
const never = time.Duration(math.MaxInt64)

// conn is one connection of a raw client: a socket, TLS on it where wanted,
// and the bytes received and not yet looked at.
//
// A request is not written when it is sent but by the first read for its
// response, see poll: that saves a system call, the read that finds nothing.
type conn struct {
	raw    *Raw
	origin *Origin
	sock   net.Conn
	sys    syscall.RawConn
	tls    *tls.Conn
	step   func(fd uintptr) bool // its poll method, made once

	used  bool          // a response was read from it
	last  bool          // it ends with the response that is being read
	full  bool          // the last read left no room, so there may be more
	since time.Duration // when its last response ended
	armed time.Duration // the socket's read deadline, on the client's clock

	pooled *buffer // under in, where in is not a larger one
	in     []byte
	r, w   int // received and not looked at: in[r:w]

	// What is to be written before the next read: of a plain request its head
	// and perhaps its body, of a TLS one its records.
	out, body []byte
	outPooled *buffer       // under out, to be given back when it is written
	records   []byte        // memory for records that are held back
	hold      bool          // hold records back
	written   int64         // bytes of the request that were written
	writer    chan error    // where a large request is written beside the reading
	wroteAt   time.Duration // when that was done; not before sent says so
	torn      bool          // that failed

	// Between one exchange and its polls.
	dst     []byte
	n       int
	err     error
	blocked bool // the request did not fit into the socket's buffer
	nowait  bool // do not wait for bytes but give os.ErrDeadlineExceeded
	one     [1]byte
}

// buffered returns what was received and not looked at.
func (c *conn) buffered() []byte { return c.in[c.r:c.w] }

// release gives an empty buffer back.
func (c *conn) release() {
	if c.r < c.w || c.in == nil {
		return
	}
	c.r, c.w, c.in = 0, 0, nil
	if c.pooled != nil {
		buffers.Put(c.pooled)
		c.pooled = nil
	}
}

// ready makes sure that there is room to receive. It grows only where a whole
// head or line has not come yet.
func (c *conn) ready() {
	switch {
	case c.in == nil:
		c.pooled = buffers.Get().(*buffer)
		c.in = c.pooled[:]
	case c.w < len(c.in):
	case c.r > 0:
		c.w = copy(c.in, c.in[c.r:c.w])
		c.r = 0
	default:
		larger := make([]byte, 2*len(c.in))
		copy(larger, c.in)
		if c.pooled != nil {
			buffers.Put(c.pooled)
			c.pooled = nil
		}
		c.in = larger
	}
}

// fill writes what is to be written, then waits for bytes and appends them to
// those buffered. An error is io.EOF, errOverdue, the context's, or one of the
// wire.
func (c *conn) fill() error {
	c.release()
	if c.tls == nil {
		if c.in != nil {
			c.ready()
		}
		n, err := c.exchange(nil)
		c.w += n
		return err
	}
	c.ready()
	room := c.in[c.w:]
	n, err := c.tls.Read(room)
	c.full = n == len(room)
	switch {
	case n > 0 && len(c.out) > 0:
		// TLS had it already: it came before the request was sent, and is no
		// answer to it.
		return io.EOF
	case n > 0:
		c.w += n
		return nil
	}
	return err
}

// exchange writes what is to be written and reads into p, or into the buffer
// where p is nil. It is as patient as the request.
func (c *conn) exchange(p []byte) (int, error) {
	c.dst = p
	for {
		if err := c.arm(); err != nil {
			return 0, err
		}
		c.n, c.err, c.blocked = 0, nil, false
		err := c.wait()
		switch {
		case err == nil && c.blocked:
			c.writeBeside()
		case err == nil:
			return c.n, c.err
		case !errors.Is(err, os.ErrDeadlineExceeded):
			return c.n, err
		default:
			if err := c.raw.patience(); err != nil {
				return 0, err
			}
			c.armed = -1
		}
	}
}

// arm sets the socket's deadline where the one that is set would be too late.
// One that is too early is left: when it passes, exchange finds that there is
// time left and sets the next. So a timer is changed once a timeout, not once
// a request, and a timeout is as exact as the timer.
func (c *conn) arm() error {
	due := c.raw.due
	if c.armed <= due && c.armed > c.raw.at {
		return nil
	}
	c.armed = due
	if err := c.sock.SetReadDeadline(c.raw.deadline()); err != nil {
		return err
	}
	// A context that ended before the deadline was set wanted an earlier one.
	if c.raw.ctx.Err() != nil {
		return context.Cause(c.raw.ctx)
	}
	return nil
}

// stale reports whether a connection that was idle cannot be used: the server
// closed it, or sent something that nobody asked for.
func (c *conn) stale() bool {
	c.nowait = true
	var err error
	if c.tls != nil {
		// What came need not be data but may be a session ticket, so that
		// only TLS can tell.
		_, err = c.tls.Read(c.one[:])
	} else {
		_, err = c.exchange(c.one[:])
	}
	c.nowait = false
	return !errors.Is(err, os.ErrDeadlineExceeded)
}

// leave closes a connection after its last response. Where the server has not
// closed it yet, the socket is reset: all has been said, and a client that
// closes first would keep the local port occupied for a minute (TIME_WAIT), so
// that a load of new connections would run out of ports.
func (c *conn) leave() {
	if t, ok := c.sock.(interface{ SetLinger(sec int) error }); ok && !c.stale() {
		_ = t.SetLinger(0)
	}
	c.abandon()
}

// close ends an idle connection as a good client does.
func (c *conn) close() {
	if c.tls != nil {
		c.hold = false
		_ = c.tls.Close()
	}
	c.abandon()
}

// abandon closes the socket and gives back what the connection holds.
func (c *conn) abandon() {
	_ = c.sock.Close()
	c.join()
	c.r, c.w = 0, 0
	c.release()
	c.wrote()
}

// past is a deadline that has passed.
var past = time.Unix(1, 0)

var _ net.Conn = (*conn)(nil)

// Read, Write and the rest make a conn what crypto/tls writes to and reads
// from.

func (c *conn) Read(p []byte) (int, error) { return c.exchange(p) }

func (c *conn) Write(p []byte) (int, error) {
	if !c.hold {
		return c.sock.Write(p)
	}
	c.records = append(c.records, p...)
	c.out = c.records
	return len(p), nil
}

func (c *conn) Close() error                       { return c.sock.Close() }
func (c *conn) LocalAddr() net.Addr                { return c.sock.LocalAddr() }
func (c *conn) RemoteAddr() net.Addr               { return c.sock.RemoteAddr() }
func (c *conn) SetDeadline(t time.Time) error      { return c.sock.SetDeadline(t) }
func (c *conn) SetReadDeadline(t time.Time) error  { return c.sock.SetReadDeadline(t) }
func (c *conn) SetWriteDeadline(t time.Time) error { return c.sock.SetWriteDeadline(t) }
