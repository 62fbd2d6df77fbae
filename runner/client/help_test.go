package client

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"brink/runner/stats"
)

// paths are the ways to speak HTTP/1.1, which all tests of behaviour go.
var paths = []struct {
	name string
	new  func(*Options) Client
}{
	{"raw", func(o *Options) Client { return NewRaw(o) }},
	{"std", func(o *Options) Client { return NewStd(o, "1.1") }},
}

// onPaths runs a test on each path and finds descriptors left open.
func onPaths(t *testing.T, f func(t *testing.T, path func(*Options) Client)) {
	t.Helper()
	for _, p := range paths {
		t.Run(p.name, func(t *testing.T) {
			before := descriptors(t)
			t.Run("", func(t *testing.T) { f(t, p.new) })
			eventually(t, func() bool { return descriptors(t) <= before }, "descriptors are left open")
		})
	}
}

// descriptors returns how many this process has open, 0 where it cannot know.
func descriptors(t *testing.T) int {
	d, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return 0
	}
	return len(d)
}

// eventually polls until holds, for at most a minute.
func eventually(t *testing.T, holds func() bool, what string) {
	t.Helper()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for end := time.Now().Add(time.Minute); time.Now().Before(end); <-tick.C {
		if holds() {
			return
		}
	}
	t.Error(what)
}

// timeOut performs a request that times out, and gives it ever more time until
// its failure is as wanted: on a busy machine the time may be over in an
// earlier stage than the one that a test is about.
func timeOut(t testing.TB, c Client, req *Request, wanted func(stats.Failure) bool) stats.Sample {
	t.Helper()
	for ; ; req.Timeout *= 4 {
		s, _ := do(t, c, req)
		if wanted(s.Failure) || !strings.HasPrefix(s.Failure.Text, "timed out") || req.Timeout > 3*time.Second {
			return s
		}
	}
}

// serve listens on loopback and runs handle for each connection, the n-th with
// n from 0. It ends what is left when the test ends.
func serve(t testing.TB, handle func(k *net.TCPConn, n int)) *Origin {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	t.Cleanup(func() { cancel(); l.Close(); <-done })
	go func() {
		defer close(done)
		for n := 0; ; n++ {
			k, err := l.Accept()
			if errors.Is(err, net.ErrClosed) {
				return
			}
			if err != nil {
				// This process may have no descriptors for a moment.
				runtime.Gosched()
				continue
			}
			stop := context.AfterFunc(ctx, func() { k.Close() })
			go func() {
				defer stop()
				defer k.Close()
				handle(k.(*net.TCPConn), n)
			}()
		}
	}()
	return originOf(t, "http://"+l.Addr().String())
}

func originOf(t testing.TB, url string) *Origin {
	t.Helper()
	scheme, host, _ := strings.Cut(url, "://")
	o, err := NewOrigin(scheme, host, "")
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// request reads up to the end of a request's head.
func request(k net.Conn) bool {
	var got []byte
	b := make([]byte, 4096)
	for !bytes.Contains(got, []byte("\r\n\r\n")) {
		n, err := k.Read(b)
		if err != nil {
			return false
		}
		got = append(got, b[:n]...)
	}
	return true
}

// reset ends a connection by a reset.
func reset(k *net.TCPConn) {
	_ = k.SetLinger(0)
	_ = k.Close()
}

// hang waits until the client goes away.
func hang(k net.Conn) { _, _ = io.Copy(io.Discard, k) }

// flood writes p until the client goes away.
func flood(k net.Conn, p string) {
	for b := bytes.Repeat([]byte(p), 1+4096/len(p)); ; {
		if _, err := k.Write(b); err != nil {
			return
		}
	}
}

func get(o *Origin) *Request {
	return &Request{Method: "GET", Origin: o, Path: []byte("/"), Timeout: 30 * time.Second}
}

// do performs a request and returns what came of it.
func do(t testing.TB, c Client, req *Request) (stats.Sample, *Response) {
	t.Helper()
	var s stats.Sample
	resp := &Response{}
	c.Do(t.Context(), req, resp, &s)
	return s, resp
}

const hello = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
