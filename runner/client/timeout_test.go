package client

import (
	"io"
	"net"
	"testing"
	"time"

	"brink/runner/stats"
)

// TestTimeouts gives up when a request's timeout has passed, not before, and
// soon after, whatever the timeouts of the requests before it were. A busy
// machine makes it late now and then, a mistake always: the best try counts.
func TestTimeouts(t *testing.T) {
	onPaths(t, func(t *testing.T, path func(*Options) Client) {
		o := serve(t, func(k *net.TCPConn, _ int) {
			for request(k) {
				io.WriteString(k, hello)
				if !request(k) {
					return
				}
				io.WriteString(k, hello[:20])
				hang(k)
			}
		})
		client := path(&Options{})
		defer client.Close()
		for _, before := range []time.Duration{0, 30 * time.Second, time.Minute} {
			for _, timeout := range []time.Duration{5, 20, 60} {
				timeout *= time.Millisecond
				late := time.Hour
				for tries := 0; late > 50*time.Millisecond && tries < 50; tries++ {
					req := get(o)
					req.Timeout = before
					if s, _ := do(t, client, req); s.Failure.Failed() || !s.NewConn {
						t.Fatalf("%+v", s)
					}
					req.Timeout = timeout
					s, _ := do(t, client, req)
					if s.Failure.Class != stats.TimedOut || s.ServiceTime() < timeout {
						t.Fatalf("%+v", s)
					}
					late = min(late, s.ServiceTime()-timeout)
				}
				t.Logf("%v after %v: late by %v", timeout, before, late)
				if late > 50*time.Millisecond {
					t.Errorf("a timeout of %v after one of %v is late by %v", timeout, before, late)
				}
			}
		}
	})
}

// TestDeadlineRenewed goes on where the deadline of an earlier request passes
// while a later one waits.
func TestDeadlineRenewed(t *testing.T) {
	o := serve(t, func(k *net.TCPConn, _ int) {
		for n := 0; request(k); n++ {
			if n > 0 {
				<-time.After(50 * time.Millisecond)
			}
			io.WriteString(k, hello)
		}
	})
	for _, timeout := range []time.Duration{time.Minute, 0} {
		c := NewRaw(&Options{})
		defer c.Close()
		req := get(o)
		// On a busy machine an answer may not come within the short timeout.
		eventually(t, func() bool {
			req.Timeout = 30 * time.Millisecond
			s, _ := do(t, c, req)
			return !s.Failure.Failed()
		}, "no answer")
		req.Timeout = timeout
		if s, _ := do(t, c, req); s.Failure.Failed() || s.NewConn || s.ServiceTime() < 40*time.Millisecond {
			t.Fatalf("%+v", s)
		}
	}
}
