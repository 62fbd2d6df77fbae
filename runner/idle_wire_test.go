package runner

import (
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"brink/runner/stats"
)

// sluggish is a server that closes connections soon after their last request,
// and answers nothing while it is stalled.
type sluggish struct {
	*httptest.Server
	seen, busy             atomic.Int64
	accepted, open, closed atomic.Int64

	mu   sync.Mutex
	gate chan struct{} // closed: it answers
}

func startSluggish(t *testing.T, idle time.Duration) *sluggish {
	s := &sluggish{gate: make(chan struct{})}
	close(s.gate)
	s.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		s.seen.Add(1)
		s.busy.Add(1)
		defer s.busy.Add(-1)
		s.mu.Lock()
		gate := s.gate
		s.mu.Unlock()
		<-gate
	}))
	s.Config.IdleTimeout = idle
	s.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		switch state {
		case http.StateNew:
			s.accepted.Add(1)
			s.open.Add(1)
		case http.StateClosed:
			s.closed.Add(1)
			s.open.Add(-1)
		}
	}
	s.Start()
	t.Cleanup(s.Close)
	return s
}

// stall answers nothing until n requests wait.
func (s *sluggish) stall(t *testing.T, n int64) {
	t.Helper()
	s.mu.Lock()
	gate := make(chan struct{})
	s.gate = gate
	s.mu.Unlock()
	defer close(gate)
	soon(t, "the stall has enough requests", func() bool { return s.busy.Load() >= n })
}

// soon waits until holds does.
func soon(t *testing.T, what string, holds func() bool) {
	t.Helper()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(time.Minute); !holds(); <-tick.C {
		if time.Now().After(deadline) {
			t.Errorf("still not so: %s", what)
			return
		}
	}
}

// TestASecondPeakFindsItsConnectionsClosed: a server closes what a peak left
// idle, and the few connections that carry the rate since are none of these.
// The next peak makes its connections anew: nothing fails, and the numbers have
// every connection that the server accepted.
func TestASecondPeakFindsItsConnectionsClosed(t *testing.T) {
	const peak = 100
	for name, client := range map[string]string{"raw": "", "std": ", client: std"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := startSluggish(t, 300*time.Millisecond)
			sum, _ := real(t, s.URL, "tasks: [ { name: root, get: /"+client+" } ]", openModel(500, 1000, 0), func(r *Runner) {
				defer func() {
					if err := r.Set(stats.Wish{Stop: true}); err != nil {
						t.Error(err)
					}
				}()
				s.stall(t, peak)
				soon(t, "the server closed what the peak left", func() bool { return s.closed.Load() >= peak*3/4 && s.open.Load() <= peak/4 })
				before := s.accepted.Load()
				s.stall(t, peak)
				if made := s.accepted.Load() - before; made < peak*3/4 {
					t.Errorf("%d connections were made for the second peak of %d requests at once", made, peak)
				}
			})
			if n := &sum.Total; n.Failures > 0 || n.Unfinished > 0 || n.Requests != s.seen.Load() {
				t.Errorf("%d requests, %d failed %v, %d unfinished; the server saw %d", n.Requests, n.Failures, n.Classes, n.Unfinished, s.seen.Load())
			}
			if n := sum.Total.NewConns; n != s.accepted.Load() {
				t.Errorf("%d new connections, the server accepted %d", n, s.accepted.Load())
			}
			t.Logf("%d requests on %d connections, %d sent again", sum.Total.Requests, sum.Total.NewConns, sum.Total.Retries)
		})
	}
}
