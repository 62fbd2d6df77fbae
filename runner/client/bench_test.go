package client

import (
	"crypto/tls"
	"net"
	"testing"
	"time"

	"brink/runner/stats"
)

// answering returns an origin that answers every request with hello.
func answering(t testing.TB, wrap func(net.Conn) net.Conn) *Origin {
	answer := []byte("HTTP/1.1 200 OK\r\nServer: test\r\nDate: Sun, 22 Nov 2026 05:06:21 GMT\r\nContent-Type: application/json\r\nContent-Length: 5\r\nConnection: keep-alive\r\n\r\nhello")
	return serve(t, func(k *net.TCPConn, _ int) {
		c, b := wrap(k), make([]byte, 4096)
		for {
			if _, err := c.Read(b); err != nil {
				return
			}
			if _, err := c.Write(answer); err != nil {
				return
			}
		}
	})
}

func benchmark(b *testing.B, c Client, req *Request) {
	defer c.Close()
	var resp Response
	var s stats.Sample
	b.ReportAllocs()
	for b.Loop() {
		c.Do(b.Context(), req, &resp, &s)
		if s.Failure.Failed() {
			b.Fatal(s.Failure)
		}
	}
}

func plain(k net.Conn) net.Conn { return k }

func BenchmarkRaw(b *testing.B) {
	benchmark(b, NewRaw(&Options{}), get(answering(b, plain)))
}

func BenchmarkRawNewConn(b *testing.B) {
	req := get(answering(b, plain))
	req.NewConn = true
	benchmark(b, NewRaw(&Options{}), req)
}

func BenchmarkRawTLS(b *testing.B) {
	ca := newAuthority(b)
	config := &tls.Config{Certificates: []tls.Certificate{ca.issue(b, nil)}}
	o := answering(b, func(k net.Conn) net.Conn { return tls.Server(k, config) })
	o.Scheme = "https"
	benchmark(b, NewRaw(&Options{TLS: &tls.Config{RootCAs: ca.pool}}), get(o))
}

func BenchmarkStd(b *testing.B) {
	benchmark(b, NewStd(&Options{}, "1.1"), get(answering(b, plain)))
}

// BenchmarkParse is what a response costs without the network.
func BenchmarkParse(b *testing.B) {
	wire := []byte("HTTP/1.1 200 OK\r\nServer: nginx/1.22.1\r\nDate: Sun, 22 Nov 2026 05:06:21 GMT\r\nContent-Type: application/json\r\nContent-Length: 70\r\nConnection: keep-alive\r\n\r\n")
	var h head
	b.ReportAllocs()
	b.SetBytes(int64(len(wire)))
	for b.Loop() {
		h.reset()
		if whole, why := h.parse(wire); !whole {
			b.Fatal(why)
		}
	}
}

// BenchmarkDo is a whole request over a tape: everything but the system calls.
func BenchmarkDo(b *testing.B) {
	wire := []byte("HTTP/1.1 200 OK\r\nServer: nginx/1.22.1\r\nDate: Sun, 22 Nov 2026 05:06:21 GMT\r\nContent-Type: application/json\r\nContent-Length: 70\r\nConnection: keep-alive\r\n\r\n" +
		`{"label":"positive","score":0.9876,"model":"demo-1","latency_ms":1.25}`)
	o := &Origin{Scheme: "http", Host: "127.0.0.1:8000", Addr: "127.0.0.1:8000"}
	c := NewRaw(&Options{})
	k := &conn{raw: c, origin: o, used: true, since: time.Hour}
	t := &tape{k: k, piece: 1 << 20}
	k.sock, k.sys = tapeConn{t}, tapeRaw{t}
	c.adopt(k)
	var resp Response
	var s stats.Sample
	req := get(o)
	req.Header = []byte("User-Agent: brink\r\nAccept: */*\r\n")
	b.ReportAllocs()
	for b.Loop() {
		t.left = wire
		k.since = time.Hour
		c.Do(b.Context(), req, &resp, &s)
		if s.Failure.Failed() {
			b.Fatal(s.Failure)
		}
	}
}
