package runner

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"brink/runner/client"
	"brink/runner/stats"
	"brink/scenarios"
)

// gated returns a runner whose ready gate asks a server of h each 5 ms.
func gated(t *testing.T, timeout time.Duration, h http.HandlerFunc) *Runner {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	s := parse(t, fmt.Sprintf(`
name: gated
target: %s
ready: { get: /health, expect: { status: 200 } }
tasks: [ { name: root, get: / } ]
`, server.URL))
	s.Ready.Every, s.Ready.Timeout = 5*time.Millisecond, timeout
	r, err := New(Config{Scenario: s})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestReadyWaitsForTheTarget(t *testing.T) {
	var asked atomic.Int64
	r := gated(t, time.Minute, func(w http.ResponseWriter, _ *http.Request) {
		if asked.Add(1) < 4 {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	})
	if err := r.Ready(t.Context()); err != nil || asked.Load() != 4 {
		t.Errorf("%v after %d attempts, want ready at the 4th", err, asked.Load())
	}
}

// unready answers each request after a millisecond that it is not ready.
type unready struct{}

func (unready) Do(_ context.Context, _ *client.Request, resp *client.Response, s *stats.Sample) {
	<-time.After(time.Millisecond)
	s.Status = http.StatusServiceUnavailable
	*resp = client.Response{Status: s.Status, Body: []byte("{\"error\": \"not_ready\x1b[31m\"}")}
}

func (unready) Close() error { return nil }

func TestNotReadySaysWhatTheTargetAnswered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := parse(t, "name: gated\ntarget: http://127.0.0.1:1\nready: { get: /health, expect: { status: 200 } }\ntasks: [ { get: / } ]\n")
		s.Ready.Every, s.Ready.Timeout = 5*time.Millisecond, 500*time.Millisecond
		r, err := New(Config{Scenario: s, NewClient: func(*scenarios.Request) client.Client { return unready{} }})
		if err != nil {
			t.Fatal(err)
		}
		err = r.Ready(t.Context())
		var notReady *NotReadyError
		if !errors.As(err, &notReady) || notReady.Status != 503 || notReady.Attempts != 84 { // one each 6 ms
			t.Fatalf("%#v", err)
		}
		for _, want := range []string{"not ready within 500 ms", "/health", "it answered 503", `{"error": "not_ready\x1b[31m"}`, "expected status 200"} {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%q is not in %q", want, err)
			}
		}
	})
}

func TestNotReadyWhereNothingListens(t *testing.T) {
	r := gated(t, 50*time.Millisecond, nil)
	gone := httptest.NewServer(nil)
	gone.Close()
	s := parse(t, strings.ReplaceAll("name: gone\ntarget: URL\nready: { get: / }\ntasks: [ { get: / } ]\n", "URL", gone.URL))
	s.Ready.Every, s.Ready.Timeout = 5*time.Millisecond, 2*time.Second
	r.cfg.Scenario, r.cfg.Client = s, new(client.Options)
	err := r.Ready(t.Context())
	if err == nil || !strings.Contains(err.Error(), "it gave no answer") || !strings.Contains(err.Error(), "refused") {
		t.Errorf("error %v", err)
	}
}

// A target that never answers is given up when the gate's time is over, not
// when the request's is.
func TestReadyEndsInTime(t *testing.T) {
	hold := make(chan struct{})
	defer close(hold)
	r := gated(t, 50*time.Millisecond, func(http.ResponseWriter, *http.Request) { <-hold })
	began := time.Now()
	err := r.Ready(t.Context())
	if took := time.Since(began); err == nil || took > 20*time.Second {
		t.Errorf("%v after %s", err, took)
	}
}

func TestReadyCanBeGivenUp(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	r := gated(t, time.Minute, func(w http.ResponseWriter, _ *http.Request) {
		cancel(errors.New("enough"))
		w.WriteHeader(http.StatusServiceUnavailable)
	})
	if err := r.Ready(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}
