package client

import "io"

// send takes a request that the next fill writes. The slices must stay as they
// are until join.
func (c *conn) send(head, body []byte, pooled *buffer) error {
	c.written, c.outPooled = 0, pooled
	if c.tls == nil {
		c.out, c.body = head, body
		return nil
	}
	if len(body) > 0 {
		c.hold = false
		c.beside(func() error { return writeAll(c, c.tls, head, body) })
		return nil
	}
	c.hold = true
	_, err := c.tls.Write(head)
	c.written = int64(len(head))
	return err
}

// writeAll writes to w and counts.
func writeAll(c *conn, w io.Writer, parts ...[]byte) error {
	for _, p := range parts {
		n, err := w.Write(p)
		c.written += int64(n)
		if err != nil {
			return err
		}
	}
	return nil
}

// beside runs write in a goroutine of its own until join, because a server may
// answer a large request before it has read all of it.
func (c *conn) beside(write func() error) {
	done := make(chan error, 1)
	c.writer = done
	_ = c.sock.SetWriteDeadline(c.raw.deadline())
	if c.raw.ctx.Err() != nil {
		_ = c.sock.SetWriteDeadline(past)
	}
	go func() {
		err := write()
		c.wroteAt = c.raw.now()
		done <- err
	}()
}

// sent reports whether all of the request was written.
func (c *conn) sent() bool {
	if c.writer != nil {
		select {
		case err := <-c.writer:
			c.joined(err)
		default:
			return false
		}
	}
	return len(c.out)+len(c.body) == 0 && !c.torn
}

func (c *conn) joined(err error) {
	c.writer = nil
	c.wrote()
	c.torn = c.torn || err != nil
}

// join ends the sending of a request and reports whether all was written. It
// does not wait for a server that does not read.
func (c *conn) join() bool {
	if !c.sent() && c.writer != nil {
		_ = c.sock.SetWriteDeadline(past)
		c.joined(<-c.writer)
	}
	return c.sent()
}

// wrote ends the writing: its memory is free.
func (c *conn) wrote() {
	c.out, c.body, c.records = nil, nil, c.records[:0]
	if c.outPooled != nil {
		buffers.Put(c.outPooled)
		c.outPooled = nil
	}
}

// writeBeside hands what is left of a request that does not fit into the
// socket's buffer to a goroutine.
func (c *conn) writeBeside() {
	out, body := c.out, c.body
	c.out, c.body = nil, nil
	c.beside(func() error { return writeAll(c, c.sock, out, body) })
}
