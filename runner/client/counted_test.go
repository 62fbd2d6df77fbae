package client

import (
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"brink/runner/stats"
)

// TestConnectionsAreBounded: one more than there may be is not made, whoever
// asks, and the request says why; one that is closed makes room, whichever side
// closed it and however far it came.
func TestConnectionsAreBounded(t *testing.T) {
	onPaths(t, func(t *testing.T, path func(*Options) Client) {
		var ended atomic.Bool
		o := serve(t, func(k *net.TCPConn, _ int) {
			for request(k) {
				io.WriteString(k, hello)
				if ended.Load() {
					return
				}
			}
		})
		options := &Options{MaxConns: 2}
		var clients [3]Client
		for i := range clients {
			clients[i] = path(options)
			defer clients[i].Close()
		}
		answers := func(what string, c Client, req *Request) {
			t.Helper()
			if s, _ := do(t, c, req); s.Failure.Failed() {
				t.Errorf("%s: %s", what, s.Failure.Text)
			}
		}
		refused := func() {
			t.Helper()
			s, _ := do(t, clients[2], get(o))
			if s.Failure.Class != stats.Forbidden || !strings.Contains(s.Failure.Text, "all 2 connections") || s.NewConn {
				t.Errorf("a third connection: %+v", s)
			}
		}
		for range 3 {
			answers("the first", clients[0], get(o))
			answers("the second", clients[1], get(o))
			refused()
		}
		once := get(o)
		once.NewConn = true
		clients[0].Close()
		for range 3 {
			answers("one that ends with its request", clients[2], once)
		}
		answers("the first again", clients[0], get(o))
		refused()

		// The server closes both.
		ended.Store(true)
		answers("the last on the first", clients[0], get(o))
		answers("the last on the second", clients[1], get(o))
		ended.Store(false)
		for range 3 {
			answers("the first anew", clients[0], get(o))
			answers("the second anew", clients[1], get(o))
		}
		refused()
	})
}

// TestAConnectionThatFailedMakesRoom: neither a refused connection nor a failed
// handshake counts for longer than it takes.
func TestAConnectionThatFailedMakesRoom(t *testing.T) {
	onPaths(t, func(t *testing.T, path func(*Options) Client) {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		nobody := originOf(t, "http://"+l.Addr().String())
		l.Close()
		untrusted := httptest.NewTLSServer(http.NotFoundHandler())
		defer untrusted.Close()
		untrusted.Config.ErrorLog = nil
		secure := originOf(t, untrusted.URL)
		options := &Options{MaxConns: 1, TLS: &tls.Config{}}
		c := path(options)
		defer c.Close()
		for range 3 {
			if s, _ := do(t, c, get(nobody)); s.Failure.Class != stats.Refused {
				t.Errorf("where nobody listens: %+v", s.Failure)
			}
			if s, _ := do(t, c, get(secure)); s.Failure.Class != stats.TLSFailed {
				t.Errorf("with a certificate that nobody trusts: %+v", s.Failure)
			}
		}
	})
}

// TestNeverMoreConnections: many clients ask at once, and the server never has
// more than it may.
func TestNeverMoreConnections(t *testing.T) {
	onPaths(t, func(t *testing.T, path func(*Options) Client) {
		const most = 5
		var open, peak, refused, answered atomic.Int64
		o := serve(t, func(k *net.TCPConn, _ int) {
			n := open.Add(1)
			for p := peak.Load(); n > p && !peak.CompareAndSwap(p, n); p = peak.Load() {
			}
			if request(k) {
				// Before the answer: with it the client closes its side.
				open.Add(-1)
				io.WriteString(k, hello)
			}
		})
		options := &Options{MaxConns: most}
		var all sync.WaitGroup
		for range 20 {
			all.Go(func() {
				c := path(options)
				defer c.Close()
				req := get(o)
				req.NewConn = true
				for range 50 {
					switch s, _ := do(t, c, req); s.Failure.Class {
					case stats.OK:
						answered.Add(1)
					case stats.Forbidden:
						refused.Add(1)
					default:
						t.Errorf("%+v", s.Failure)
					}
				}
			})
		}
		all.Wait()
		if peak.Load() > most || peak.Load() < 2 || refused.Load() == 0 || answered.Load() < most {
			t.Errorf("at most %d connections at once, %d may be; %d requests were answered, %d refused", peak.Load(), most, answered.Load(), refused.Load())
		}
		if n := options.conns.Load(); n != 0 {
			t.Errorf("%d connections count after all are closed", n)
		}
	})
}
