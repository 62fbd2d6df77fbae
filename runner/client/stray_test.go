package client

import (
	"fmt"
	"io"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"brink/runner/stats"
)

const stray = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nstray"

// TestAnsweredBeforeItWasSent: a connection on which a request was answered
// before all of its body was sent is not used again, though the server keeps it.
func TestAnsweredBeforeItWasSent(t *testing.T) {
	onPaths(t, func(t *testing.T, path func(*Options) Client) {
		hold := make(chan struct{})
		defer close(hold)
		o := serve(t, func(k *net.TCPConn, _ int) {
			request(k)
			io.WriteString(k, hello)
			<-hold // reads no more
		})
		client := path(&Options{})
		defer client.Close()
		for i := range 3 {
			req := get(o)
			req.Method, req.Body = "POST", large
			s, resp := do(t, client, req)
			if s.Failure.Failed() || !s.NewConn || s.Retried || string(resp.Body) != "hello" {
				t.Fatalf("request %d: %q %+v", i, resp.Body, s)
			}
		}
	})
}

var large = make([]byte, 16<<20)

// TestStrayResponses has a server send a second response that nobody asked for,
// with the first or on the idle connection. It answers no request, however soon
// the next one is made.
func TestStrayResponses(t *testing.T) {
	full := ok + "Content-Length: %d\r\n\r\n"
	full = fmt.Sprintf(full, len(buffer{})-len(fmt.Sprintf(full, 10_000)))
	for _, c := range []struct {
		name string
		say  func(k *net.TCPConn, seen <-chan struct{})
		idle time.Duration // on the client's clock
	}{
		{"behind the first", func(k *net.TCPConn, _ <-chan struct{}) { io.WriteString(k, hello+stray) }, 0},
		{"behind one that fills the buffer", func(k *net.TCPConn, _ <-chan struct{}) {
			io.WriteString(k, full+strings.Repeat("x", len(buffer{})-len(full))+stray)
		}, 0},
		{"on an idle connection", func(k *net.TCPConn, seen <-chan struct{}) {
			io.WriteString(k, hello)
			<-seen
			io.WriteString(k, stray)
		}, 50 * time.Microsecond},
	} {
		t.Run(c.name, func(t *testing.T) {
			onPaths(t, func(t *testing.T, path func(*Options) Client) {
				said, seen := make(chan struct{}, 1), make(chan struct{}, 1)
				o := serve(t, func(k *net.TCPConn, _ int) {
					for request(k) {
						c.say(k, seen)
						if c.idle > 0 {
							acked(k)
						}
						said <- struct{}{}
					}
				})
				var now atomic.Int64
				client := path(&Options{Clock: func() time.Duration { return time.Duration(now.Load()) }})
				defer client.Close()
				if _, raw := client.(*Raw); !raw && c.name != "behind the first" {
					t.Skip("net/http's reader may not have seen it yet, and only that knows")
				}
				for range 50 {
					s, resp := do(t, client, get(o))
					if string(resp.Body) == "stray" || s.Failure.Failed() && s.Failure.Class != stats.Malformed {
						t.Fatalf("%.20q, %v", resp.Body, s.Failure)
					}
					if c.idle == 0 {
						<-said
						continue // at once, before anybody else has looked
					}
					seen <- struct{}{}
					<-said
					now.Add(int64(c.idle))
				}
			})
		})
	}
}
