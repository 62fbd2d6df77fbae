package client

import (
	"crypto/tls"
	"errors"
	"net/http/httptrace"
	"net/textproto"
	"sync"
	"time"

	"brink/runner/stats"
)

// traceKey is under which a dial finds the trace of the request it is for.
type traceKey struct{}

// trace follows one round trip of net/http, which calls back from goroutines
// of its own, also when the request has ended.
type trace struct {
	now func() time.Duration

	mu sync.Mutex
	progress
	gotten bool // a connection was had
	phases stats.Phases
	asked  time.Duration // for a connection
	shaken time.Duration // the TLS handshake began
	sent   time.Duration // the request was written
	first  time.Duration // the first byte came; 0: not yet
	conn   *idler        // the last connection

	interim int // informational responses so far
}

// progress is how far a round trip came.
type progress struct {
	stage  stage
	reused bool // the last connection had been used before
	wrote  bool
	fresh  bool // a connection was made
	again  bool // a second connection was taken
}

func (t *trace) do(f func(now time.Duration)) {
	now := t.now()
	t.mu.Lock()
	defer t.mu.Unlock()
	f(now)
}

func (t *trace) hooks() *httptrace.ClientTrace {
	return &httptrace.ClientTrace{
		GetConn: func(string) {
			t.do(func(now time.Duration) { t.asked = now })
		},
		GotConn: func(i httptrace.GotConnInfo) {
			t.do(func(now time.Duration) {
				t.again = t.again || t.gotten
				t.conn = idlerOf(i.Conn)
				t.gotten, t.reused, t.stage = true, i.Reused, sending
				t.fresh = t.fresh || !i.Reused
				t.sent = now
				if i.Reused {
					t.phases.ConnWait += now - t.asked
				}
			})
		},
		TLSHandshakeStart: func() {
			t.do(func(now time.Duration) { t.shaken, t.stage = now, handshaking })
		},
		TLSHandshakeDone: func(tls.ConnectionState, error) {
			t.do(func(now time.Duration) { t.phases.TLS += now - t.shaken })
		},
		WroteRequest: func(i httptrace.WroteRequestInfo) {
			t.do(func(now time.Duration) {
				if i.Err == nil {
					t.wrote, t.sent = true, now
					t.stage = max(t.stage, waiting)
				}
			})
		},
		GotFirstResponseByte: func() {
			t.do(func(now time.Duration) {
				t.first = now
				t.stage = max(t.stage, inHead)
			})
		},
		Got1xxResponse: func(int, textproto.MIMEHeader) error { return t.informed() },
	}
}

// informed counts a response that is only informational.
func (t *trace) informed() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.interim++; t.interim > maxInformational {
		return errors.New(tooManyInformational)
	}
	return nil
}

// dialed adds the times of a dial.
func (t *trace) dialed(p *stats.Phases) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.phases.DNS += p.DNS
	t.phases.Connect += p.Connect
}

// settle waits until the connection is idle, see idler.
func (t *trace) settle() {
	t.mu.Lock()
	conn := t.conn
	t.mu.Unlock()
	if conn != nil {
		conn.settle()
	}
}

// reach notes that the round trip came to a stage.
func (t *trace) reach(s stage) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.stage = max(t.stage, s)
}

func (t *trace) reached() stage {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.stage
}

// fold adds what the trace knows to a sample.
func (t *trace) fold(s *stats.Sample, end time.Duration) progress {
	t.mu.Lock()
	defer t.mu.Unlock()
	s.NewConn = s.NewConn || t.fresh
	s.Retried = s.Retried || t.again
	s.ConnWait += t.phases.ConnWait
	s.DNS += t.phases.DNS
	s.Connect += t.phases.Connect
	s.TLS += t.phases.TLS
	if t.first > 0 {
		s.FirstByte += max(0, t.first-t.sent)
		s.Body += end - t.first
	}
	return t.progress
}
