package client

import (
	"io"
	"net"
	"testing"
	"time"

	"brink/runner/stats"
)

// TestNoAllocations keeps the raw path free of garbage: nothing is allocated
// for a request like the last one.
func TestNoAllocations(t *testing.T) {
	c := NewRaw(&Options{})
	defer c.Close()
	req := get(answering(t, plain))
	req.Header = []byte("User-Agent: brink\r\n")
	for _, keep := range []bool{false, true} {
		req.KeepBody = keep
		var resp Response
		var s stats.Sample
		n := testing.AllocsPerRun(1000, func() {
			if c.Do(t.Context(), req, &resp, &s); s.Failure.Failed() {
				t.Fatal(s.Failure)
			}
		})
		if n != 0 {
			t.Errorf("%v allocations a request (body kept: %v)", n, keep)
		}
	}
}

// TestSample compares what a sample says with what was sent and received.
func TestSample(t *testing.T) {
	onPaths(t, func(t *testing.T, path func(*Options) Client) {
		const sent = "POST /a?b=c HTTP/1.1\r\nHost: api.test\r\nX: y\r\nContent-Length: 3\r\n\r\nabc"
		o := serve(t, func(k *net.TCPConn, _ int) {
			for request(k) {
				io.WriteString(k, ok+"X: z\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n")
			}
		})
		o.Host = "api.test"
		began := time.Now()
		client := path(&Options{Clock: func() time.Duration { return time.Since(began) }})
		defer client.Close()
		req := &Request{Method: "POST", Origin: o, Path: []byte("/a?b=c"), Header: []byte("X: y\r\n"), Body: []byte("abc"), Timeout: 30 * time.Second}
		var resp Response
		s := stats.Sample{Route: 7, Intended: 5}
		for i := range 3 {
			before := time.Since(began)
			client.Do(t.Context(), req, &resp, &s)
			after := time.Since(began)
			if s.Failure.Failed() || s.Status != 200 || s.Retried || s.NewConn != (i == 0) || s.Route != 7 || s.Intended != 5 {
				t.Fatalf("%+v", s)
			}
			if s.BytesOut != int64(len(sent)) || s.BytesIn != 5 {
				t.Errorf("%d bytes out, %d in", s.BytesOut, s.BytesIn)
			}
			if s.Start < before || s.Start > s.End || s.End > after {
				t.Errorf("from %v to %v, called from %v to %v", s.Start, s.End, before, after)
			}
			if (s.Connect > 0) != (i == 0) || s.DNS != 0 || s.TLS != 0 || s.FirstByte <= 0 {
				t.Errorf("%+v", s.Phases)
			}
			if sum := s.ConnWait + s.DNS + s.Connect + s.TLS + s.FirstByte + s.Body; sum > s.ServiceTime() {
				t.Errorf("phases of %v in %v", sum, s.ServiceTime())
			}
			if string(resp.Body) != "hello" || resp.Proto != "HTTP/1.1" {
				t.Errorf("%q %q", resp.Body, resp.Proto)
			}
		}
	})
}

// TestNewConn takes a connection of its own for each request and leaves none.
func TestNewConn(t *testing.T) {
	onPaths(t, func(t *testing.T, path func(*Options) Client) {
		o := serve(t, func(k *net.TCPConn, _ int) {
			request(k)
			io.WriteString(k, hello)
			hang(k)
		})
		client := path(&Options{})
		defer client.Close()
		req := get(o)
		req.NewConn = true
		for range 5 {
			if s, _ := do(t, client, req); s.Failure.Failed() || !s.NewConn {
				t.Fatalf("%+v", s)
			}
		}
	})
}

// TestOrigins stays connected to several origins at once, and to no more than
// it may.
func TestOrigins(t *testing.T) {
	c := NewRaw(&Options{})
	defer c.Close()
	var origins []*Origin
	for range maxConns + 1 {
		origins = append(origins, answering(t, plain))
	}
	for i := range 2 {
		for _, o := range origins[1:] {
			if s, _ := do(t, c, get(o)); s.Failure.Failed() || s.NewConn != (i == 0) {
				t.Fatalf("%+v", s)
			}
		}
	}
	if s, _ := do(t, c, get(origins[0])); s.Failure.Failed() || len(c.conns) != maxConns {
		t.Fatalf("%+v, %d connections", s, len(c.conns))
	}
}
