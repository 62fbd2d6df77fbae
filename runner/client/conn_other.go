//go:build !unix

package client

import (
	"errors"
	"io"
	"os"
)

// wait writes what is to be written and reads once.
func (c *conn) wait() error {
	if len(c.body) > 0 {
		c.blocked = true
		return nil
	}
	if len(c.out) > 0 {
		if c.err = c.sock.SetWriteDeadline(c.raw.deadline()); c.err != nil {
			return nil
		}
		n, err := c.sock.Write(c.out)
		c.written += int64(n)
		if err != nil {
			return err
		}
		c.wrote()
	}
	if c.nowait {
		// That the server closed an idle connection shows here only when the
		// request is sent, which is then sent again.
		c.err = os.ErrDeadlineExceeded
		return nil
	}
	p := c.dst
	if p == nil {
		c.ready()
		p = c.in[c.w:]
	}
	c.n, c.err = c.sock.Read(p)
	c.full = c.n == len(p)
	if errors.Is(c.err, os.ErrDeadlineExceeded) {
		return c.err
	}
	if c.n > 0 && c.err == io.EOF {
		c.err = nil
	}
	return nil
}

func (c *conn) poll(uintptr) bool { return true }
