package demo

import (
	"context"
	"errors"
	"io"
	"net/http"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestServerAnswersAndCloses(t *testing.T) {
	s, err := Start("", Options{Loading: -1})
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(s.Addr(), "127.0.0.1:") {
		t.Errorf("it listens on %s, not on loopback", s.Addr())
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Get(s.URL() + "/health")
	if err != nil {
		t.Fatal(err)
	}
	body, _ := io.ReadAll(resp.Body)
	resp.Body.Close()
	if resp.StatusCode != 200 || string(body) != `{"status":"ready"}` {
		t.Errorf("GET /health: %d %s", resp.StatusCode, body)
	}
	if err := s.Close(t.Context()); err != nil {
		t.Error(err)
	}
	if _, err := client.Get(s.URL() + "/health"); err == nil {
		t.Error("it answers after Close")
	}
}

// A request in flight when the grace is over is cut, and nothing is left.
func TestCloseCutsWhatIsStillInFlight(t *testing.T) {
	s, err := Start("127.0.0.1:0", Options{Loading: -1, Workers: 1})
	if err != nil {
		t.Fatal(err)
	}
	busy := make(chan struct{})
	release := make(chan struct{})
	go s.api.model.do(t.Context(), job{compute: func() []byte {
		close(busy)
		<-release
		return nil
	}})
	<-busy // the only worker is taken: the request will wait
	failed := make(chan error, 1)
	go func() {
		client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
		_, err := client.Post(s.URL()+"/embed", "application/json", strings.NewReader(`{"texts":["a"]}`))
		close(release) // the worker is let go when the request is over, not before
		failed <- err
	}()
	for deadline := time.Now().Add(10 * time.Second); s.api.model.waiting() == 0; {
		if time.Now().After(deadline) {
			t.Fatal("the request never came to the queue")
		}
		runtime.Gosched()
	}
	over, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.Close(over); !errors.Is(err, context.Canceled) {
		t.Errorf("Close: %v, want that the grace was over", err)
	}
	if err := <-failed; err == nil {
		t.Error("the request in flight was answered")
	}
}

func TestAddressInUse(t *testing.T) {
	s, err := Start(":0", Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close(t.Context())
	_, err = Start(s.Addr(), Options{})
	if !errors.Is(err, syscall.EADDRINUSE) || !strings.Contains(err.Error(), s.Addr()) {
		t.Errorf("a second target on %s: %v", s.Addr(), err)
	}
}

func TestLoopback(t *testing.T) {
	for _, c := range []struct{ addr, want string }{
		{"", "127.0.0.1:0"},
		{":0", "127.0.0.1:0"},
		{":8000", "127.0.0.1:8000"},
		{"8000", "127.0.0.1:8000"},
		{"localhost:8000", "localhost:8000"},
		{"0.0.0.0:8000", "0.0.0.0:8000"},
		{"[::1]:8000", "[::1]:8000"},
	} {
		if got := loopback(c.addr); got != c.want {
			t.Errorf("loopback(%q) = %q, want %q", c.addr, got, c.want)
		}
	}
}
