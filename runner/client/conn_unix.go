//go:build unix

package client

import (
	"io"
	"os"
	"syscall"
)

// wait runs polls until one is done or the deadline passes.
func (c *conn) wait() error { return c.sys.Read(c.step) }

// poll is called with the socket's descriptor, again whenever it became
// readable, until it returns true.
//
// The first call of a request writes it and asks to be called when there is
// something to read. That order matters: the runtime forgets what it knows of
// the socket's readiness before the first call, so a response can only arrive
// after that, and its arrival is not missed. Only on a new connection may a
// server have spoken before it was asked.
func (c *conn) poll(fd uintptr) bool {
	if len(c.out)+len(c.body) > 0 {
		if !c.push(int(fd)) {
			return true
		}
		if c.used && !c.nowait {
			return false
		}
	}
	p := c.dst
	if p == nil {
		c.ready()
		p = c.in[c.w:]
	}
	n, err := sysRead(int(fd), p)
	switch {
	case err == syscall.EAGAIN && c.nowait:
		c.err = os.ErrDeadlineExceeded
	case err == syscall.EAGAIN:
		// Not where TLS reads: its plaintext is to go where fill said.
		if c.dst == nil {
			c.release()
		}
		return false
	case err != nil:
		c.err = err
	case n == 0:
		c.err = io.EOF
	default:
		c.n, c.full = n, n == len(p)
	}
	return true
}

// push writes what is to be written and reports whether all of it was.
func (c *conn) push(fd int) bool {
	for len(c.out)+len(c.body) > 0 {
		p := &c.out
		if len(c.out) == 0 {
			p = &c.body
		}
		n, err := sysWrite(fd, *p)
		if err == syscall.EAGAIN {
			c.blocked = true
			return false
		}
		if err != nil {
			c.err = err
			return false
		}
		*p = (*p)[n:]
		c.written += int64(n)
	}
	c.wrote()
	return true
}
