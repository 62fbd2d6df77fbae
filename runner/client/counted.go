package client

import (
	"fmt"
	"net"
	"sync"
)

// counted is a connection that counts as one of Options.MaxConns until it is
// closed.
type counted struct {
	*net.TCPConn
	o    *Options
	once sync.Once
}

// Close implements net.Conn.
func (c *counted) Close() error {
	err := c.TCPConn.Close()
	c.once.Do(func() { c.o.conns.Add(-1) })
	return err
}

// counted makes a TCP connection by dial, if there may be one more.
func (o *Options) counted(dial func() (net.Conn, error)) (net.Conn, error) {
	if o.MaxConns == 0 {
		return dial()
	}
	if o.conns.Add(1) > int64(o.MaxConns) {
		o.conns.Add(-1)
		return nil, &forbiddenError{fmt.Sprintf("all %d connections that may be open at the same time are; use fewer users, or raise the limit with --ceiling", o.MaxConns)}
	}
	c, err := dial()
	if err != nil {
		o.conns.Add(-1)
		return nil, err
	}
	return &counted{TCPConn: c.(*net.TCPConn), o: o}, nil
}
