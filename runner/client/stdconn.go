package client

import (
	"crypto/tls"
	"io"
	"net"
	"sync"
)

// idler is a connection of net/http that knows whether it is idle. net/http
// takes bytes that follow a response for the next one if that is asked for
// before it looks; an idler lets its user wait until it has looked.
type idler struct {
	net.Conn
	plain bool // what arrives is not TLS

	mu      sync.Mutex
	changed sync.Cond
	reading bool // a Read is under way
	closed  bool
	idle    bool // no request was written since settle
}

func newIdler(c net.Conn, plain bool) *idler {
	i := &idler{Conn: c, plain: plain}
	i.changed.L = &i.mu
	return i
}

// idlerOf returns the idler under a connection that net/http shows.
func idlerOf(c net.Conn) *idler {
	if t, ok := c.(*tls.Conn); ok {
		c = t.NetConn()
	}
	i, _ := c.(*idler)
	return i
}

// settle returns when net/http, done with a response, either waits for bytes,
// so that it has none left over, or has closed the connection.
func (i *idler) settle() {
	i.mu.Lock()
	defer i.mu.Unlock()
	for !i.reading && !i.closed {
		i.changed.Wait()
	}
	i.idle = true
}

// Read implements net.Conn. Bytes that nobody asked for end the connection.
func (i *idler) Read(p []byte) (int, error) {
	i.set(func() { i.reading = true })
	n, err := i.Conn.Read(p)
	stray := false
	i.set(func() {
		i.reading = false
		stray = i.plain && i.idle && n > 0
	})
	if stray {
		return 0, io.EOF
	}
	return n, err
}

// Write implements net.Conn.
func (i *idler) Write(p []byte) (int, error) {
	i.set(func() { i.idle = false })
	return i.Conn.Write(p)
}

// Close implements net.Conn. Who waits for it finds the connection closed.
func (i *idler) Close() error {
	err := i.Conn.Close()
	i.set(func() { i.closed = true })
	return err
}

func (i *idler) set(f func()) {
	i.mu.Lock()
	defer i.mu.Unlock()
	f()
	i.changed.Broadcast()
}
