package client

import (
	"bytes"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/netip"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"brink/runner/stats"
)

// TestHostileServer meets servers that misbehave: each is a failure of its
// class that says so, none takes longer than the timeout or leaves anything
// open.
func TestHostileServer(t *testing.T) {
	for _, c := range []struct {
		name    string
		handle  func(k *net.TCPConn)
		timeout time.Duration
		class   stats.Class
		text    string
		std     stats.Class // where it is another
	}{
		{name: "reset before the request is read", handle: reset, class: stats.Reset, text: "reset"},
		{name: "reset before the head", handle: func(k *net.TCPConn) { request(k); reset(k) }, class: stats.Reset, text: "the server reset the connection before the response began"},
		{name: "reset in the head", handle: func(k *net.TCPConn) { request(k); io.WriteString(k, "HTTP/1.1 200 OK\r\nA: b"); acked(k); reset(k) }, class: stats.Reset, text: "in the middle of the response's head", std: stats.ConnClosed},
		{name: "reset in the body", handle: func(k *net.TCPConn) { request(k); io.WriteString(k, hello[:len(hello)-2]); acked(k); reset(k) }, class: stats.Reset, text: "in the middle of the response's body"},
		{name: "half-close before the head", handle: func(k *net.TCPConn) { request(k); k.CloseWrite(); hang(k) }, class: stats.ConnClosed, text: "the server closed the connection before the response began"},
		{name: "half-close in the body", handle: func(k *net.TCPConn) { request(k); io.WriteString(k, hello[:len(hello)-2]); k.CloseWrite(); hang(k) }, class: stats.ConnClosed, text: "in the middle of the response's body"},
		{name: "silence", handle: hangOn, timeout: 30 * time.Millisecond, class: stats.TimedOut, text: "before the response began"},
		{name: "stall in the head", handle: func(k *net.TCPConn) { request(k); io.WriteString(k, ok); hang(k) }, timeout: 30 * time.Millisecond, class: stats.TimedOut, text: "in the middle of the response's head"},
		{name: "stall in the body", handle: func(k *net.TCPConn) { request(k); io.WriteString(k, hello[:len(hello)-2]); hang(k) }, timeout: 30 * time.Millisecond, class: stats.TimedOut, text: "in the middle of the response's body"},
		{name: "head byte by byte", handle: func(k *net.TCPConn) { request(k); drip(k, ok+strings.Repeat("A: b\r\n", 1000)) }, timeout: 50 * time.Millisecond, class: stats.TimedOut, text: "head"},
		{name: "body byte by byte", handle: func(k *net.TCPConn) { request(k); io.WriteString(k, ok+"\r\n"); drip(k, strings.Repeat("x", 10000)) }, timeout: 50 * time.Millisecond, class: stats.TimedOut, text: "body"},
		{name: "endless body", handle: func(k *net.TCPConn) { request(k); io.WriteString(k, ok+"\r\n"); flood(k, "x") }, class: stats.TooLarge, text: "the response's body is larger than 1048576 bytes"},
		{name: "huge body announced", handle: func(k *net.TCPConn) { request(k); io.WriteString(k, ok+"Content-Length: 1048577\r\n\r\n"); hang(k) }, class: stats.TooLarge, text: "body"},
		{name: "huge chunk announced", handle: func(k *net.TCPConn) {
			request(k)
			io.WriteString(k, ok+"Transfer-Encoding: chunked\r\n\r\n100001\r\n")
			flood(k, "x")
		}, class: stats.TooLarge, text: "body"},
		{name: "endless header line", handle: func(k *net.TCPConn) { request(k); io.WriteString(k, ok+"A: "); flood(k, "x") }, class: stats.TooLarge, text: "head"},
		{name: "endless header lines", handle: func(k *net.TCPConn) { request(k); io.WriteString(k, ok); flood(k, "A: b\r\n") }, class: stats.TooLarge, text: "head"},
		{name: "endless status line", handle: func(k *net.TCPConn) { request(k); flood(k, "x") }, class: stats.Malformed, text: "does not begin with an HTTP/1 status line", std: stats.TooLarge},
		{name: "endless 102", handle: func(k *net.TCPConn) { request(k); flood(k, "HTTP/1.1 102 Processing\r\n\r\n") }, class: stats.Malformed, text: "informational"},
		{name: "endless trailers", handle: func(k *net.TCPConn) {
			request(k)
			io.WriteString(k, ok+"Transfer-Encoding: chunked\r\n\r\n0\r\n")
			flood(k, "A: b\r\n")
		}, class: stats.TooLarge, text: "trailers", std: stats.Malformed},
		{name: "endless chunk extension", handle: func(k *net.TCPConn) {
			request(k)
			io.WriteString(k, ok+"Transfer-Encoding: chunked\r\n\r\n5;")
			flood(k, "x")
		}, class: stats.Malformed, text: "line of its chunked body"},
		{name: "chunks that are mostly extension", handle: func(k *net.TCPConn) {
			request(k)
			io.WriteString(k, ok+"Transfer-Encoding: chunked\r\n\r\n")
			flood(k, "1;"+strings.Repeat("x", 1000)+"\r\nx\r\n")
		}, class: stats.Malformed, text: "more extension than data"},
	} {
		t.Run(c.name, func(t *testing.T) {
			onPaths(t, func(t *testing.T, path func(*Options) Client) {
				o := serve(t, func(k *net.TCPConn, _ int) { c.handle(k) })
				client := path(&Options{MaxBody: 1 << 20})
				defer client.Close()
				req := get(o)
				raw, isRaw := client.(*Raw)
				want := c.class
				if !isRaw && c.std != stats.OK {
					want = c.std
				}
				right := func(f stats.Failure) bool {
					return f.Class == want && (!isRaw || strings.Contains(f.Text, c.text))
				}
				var s stats.Sample
				if c.timeout > 0 {
					req.Timeout = c.timeout
					s = timeOut(t, client, req, right)
					if isRaw && !strings.HasPrefix(s.Failure.Text, fmt.Sprintf("timed out after %v ", req.Timeout)) || s.ServiceTime() < req.Timeout {
						t.Errorf("it gave up after %v of %v: %s", s.ServiceTime(), req.Timeout, s.Failure.Text)
					}
				} else {
					s, _ = do(t, client, req)
				}
				if !right(s.Failure) {
					t.Fatalf("%v: %s", s.Failure.Class, s.Failure.Text)
				}
				if s.ServiceTime() > 20*time.Second {
					t.Errorf("it took %v", s.ServiceTime())
				}
				if isRaw && len(raw.conns) > 0 {
					t.Error("the connection is still there")
				}
			})
		})
	}
}

func hangOn(k *net.TCPConn) { hang(k) }

// acked waits until the client has what was written to it, so that a reset
// does not overtake it.
func acked(k *net.TCPConn) {
	sys, err := k.SyscallConn()
	if err != nil {
		return
	}
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); runtime.Gosched() {
		left := 0
		_ = sys.Control(func(fd uintptr) { left = unread(fd) })
		if left == 0 {
			return
		}
	}
}

// drip writes s one byte at a time, a millisecond apart.
func drip(k net.Conn, s string) {
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for i := range len(s) {
		if _, err := io.WriteString(k, s[i:i+1]); err != nil {
			return
		}
		<-tick.C
	}
}

// TestNoConnection meets everything that keeps a connection from being made.
func TestNoConnection(t *testing.T) {
	dns := func(err error) func(context.Context, string) ([]netip.Addr, error) {
		return func(context.Context, string) ([]netip.Addr, error) { return nil, err }
	}
	closed := func(t *testing.T) string {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		return l.Addr().String()
	}
	named := func(string) func(*testing.T) string { return func(*testing.T) string { return "api.test:80" } }
	for _, c := range []struct {
		name  string
		addr  func(t *testing.T) string
		o     func() *Options
		class stats.Class
		text  string
	}{
		{"refused", closed, nil, stats.Refused, "connection refused: nothing listens at 127.0.0.1:"},
		{"no such name", named(""), func() *Options {
			return &Options{resolver: resolver{ask: dns(&net.DNSError{Err: "no such host", Name: "api.test", IsNotFound: true})}}
		}, stats.NameUnresolved, "the name api.test is not known"},
		{"name server fails", named(""), func() *Options {
			return &Options{resolver: resolver{ask: dns(&net.DNSError{Err: "server misbehaving", Name: "api.test", IsTemporary: true})}}
		}, stats.NameUnresolved, "the name api.test was not resolved: server misbehaving"},
		{"name server is slow", named(""), func() *Options {
			return &Options{ConnectTimeout: 20 * time.Millisecond, resolver: resolver{ask: func(ctx context.Context, _ string) ([]netip.Addr, error) {
				<-ctx.Done()
				return nil, &net.DNSError{Err: "i/o timeout", Name: "api.test", IsTimeout: true}
			}}}
		}, stats.NameUnresolved, "DNS did not answer in time"},
		{"black hole", blackHole, func() *Options { return &Options{ConnectTimeout: 30 * time.Millisecond} }, stats.ConnectTimeout, "timed out after 30ms while connecting"},
		{"link-local", func(*testing.T) string { return "169.254.169.254:80" }, nil, stats.Forbidden, "link-local or metadata address"},
		{"another host", func(*testing.T) string { return "127.0.0.1:9" }, func() *Options {
			r, _ := NewRules([]string{"127.0.0.1:8"}, false)
			return &Options{Allow: r}
		}, stats.Forbidden, "127.0.0.1:9 is not a host that the scenario names"},
	} {
		t.Run(c.name, func(t *testing.T) {
			onPaths(t, func(t *testing.T, path func(*Options) Client) {
				o := &Options{}
				if c.o != nil {
					o = c.o()
				}
				client := path(o)
				defer client.Close()
				s, _ := do(t, client, get(originOf(t, "http://"+c.addr(t))))
				if s.Failure.Class != c.class || !strings.Contains(s.Failure.Text, c.text) {
					t.Fatalf("%v: %s", s.Failure.Class, s.Failure.Text)
				}
				if s.Status != 0 || s.BytesOut != 0 || s.NewConn {
					t.Errorf("%+v", s)
				}
			})
		})
	}
}

// blackHole returns an address that does not answer: that of a listener whose
// queue is full.
func blackHole(t *testing.T) string {
	t.Helper()
	if runtime.GOOS != "linux" {
		t.Skip("needs a full queue of connections to be silent, as on Linux")
	}
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { syscall.Close(fd) })
	if err := syscall.Bind(fd, &syscall.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Listen(fd, 0); err != nil {
		t.Fatal(err)
	}
	name, err := syscall.Getsockname(fd)
	if err != nil {
		t.Fatal(err)
	}
	addr := fmt.Sprintf("127.0.0.1:%d", name.(*syscall.SockaddrInet4).Port)
	for range 4 {
		k, err := net.DialTimeout("tcp", addr, 50*time.Millisecond)
		if err != nil {
			return addr
		}
		t.Cleanup(func() { k.Close() })
	}
	t.Skip("the queue does not fill")
	return ""
}

// TestClosedWhileIdle finds a connection that the server closed between two
// requests: the second one goes over a new connection and does not fail.
func TestClosedWhileIdle(t *testing.T) {
	onPaths(t, func(t *testing.T, path func(*Options) Client) {
		closed := make(chan struct{}, 10)
		o := serve(t, func(k *net.TCPConn, _ int) {
			request(k)
			io.WriteString(k, hello)
			k.Close()
			closed <- struct{}{}
		})
		client := path(&Options{Clock: slowClock()})
		defer client.Close()
		for range 3 {
			s, _ := do(t, client, get(o))
			if s.Failure.Failed() || !s.NewConn {
				t.Fatalf("%+v", s)
			}
			<-closed
		}
	})
}

// TestSpeaksFirst reads the answer of a server that gave it before it was asked,
// as one does that is full.
func TestSpeaksFirst(t *testing.T) {
	o := serve(t, func(k *net.TCPConn, _ int) {
		io.WriteString(k, "HTTP/1.1 503 Full\r\nContent-Length: 0\r\n\r\n")
		hang(k)
	})
	for range 20 {
		c := NewRaw(&Options{})
		if s, _ := do(t, c, get(o)); s.Failure.Failed() || s.Status != 503 {
			t.Errorf("%+v", s)
		}
		c.Close()
	}
}

// TestRetry sends a request again, once, where the server closes a reused
// connection without an answer, and says so.
func TestRetry(t *testing.T) {
	for _, how := range []struct {
		name string
		end  func(*net.TCPConn)
	}{
		{"close", func(k *net.TCPConn) { k.Close() }},
		{"reset", reset},
	} {
		for _, method := range []string{"GET", "POST"} {
			t.Run(how.name+" "+method, func(t *testing.T) {
				onPaths(t, func(t *testing.T, path func(*Options) Client) {
					o := serve(t, func(k *net.TCPConn, n int) {
						request(k)
						io.WriteString(k, hello)
						request(k)
						how.end(k)
					})
					client := path(&Options{})
					defer client.Close()
					req := get(o)
					req.Method, req.Body = method, []byte("x")
					first, _ := do(t, client, req)
					second, resp := do(t, client, req)
					if first.Failure.Failed() || first.Retried || !first.NewConn {
						t.Fatalf("first: %+v", first)
					}
					if second.Failure.Failed() || !second.Retried || !second.NewConn || string(resp.Body) != "hello" || resp.Sent != 2 {
						t.Fatalf("second: %+v, sent %d times", second, resp.Sent)
					}
				})
			})
		}
	}
	t.Run("once", func(t *testing.T) {
		onPaths(t, func(t *testing.T, path func(*Options) Client) {
			o := serve(t, func(k *net.TCPConn, n int) {
				request(k)
				if n == 0 {
					io.WriteString(k, hello)
					request(k)
				}
			})
			client := path(&Options{})
			defer client.Close()
			do(t, client, get(o))
			s, resp := do(t, client, get(o))
			if s.Failure.Class != stats.ConnClosed || !s.Retried || resp.Sent != 2 {
				t.Fatalf("sent %d times: %+v", resp.Sent, s)
			}
		})
	})
	t.Run("not once the response began", func(t *testing.T) {
		onPaths(t, func(t *testing.T, path func(*Options) Client) {
			o := serve(t, func(k *net.TCPConn, _ int) {
				request(k)
				io.WriteString(k, hello)
				request(k)
				io.WriteString(k, hello[:len(hello)-2])
			})
			client := path(&Options{})
			defer client.Close()
			do(t, client, get(o))
			s, resp := do(t, client, get(o))
			if s.Failure.Class != stats.ConnClosed || s.Retried || resp.Sent != 1 {
				t.Fatalf("sent %d times: %+v", resp.Sent, s)
			}
		})
	})
}

// TestCut ends a context while requests wait in every way: they return at once.
func TestCut(t *testing.T) {
	for _, c := range []struct {
		name string
		url  func(t *testing.T) string
		body int
	}{
		{"waiting for a response", func(t *testing.T) string { return "http://" + serve(t, func(k *net.TCPConn, _ int) { hang(k) }).Addr }, 0},
		{"sending a large body", func(t *testing.T) string {
			// The server reads nothing; the test's end closes the connection.
			hold := make(chan struct{})
			t.Cleanup(func() { close(hold) })
			return "http://" + serve(t, func(k *net.TCPConn, _ int) { <-hold }).Addr
		}, 64 << 20},
		{"connecting", func(t *testing.T) string { return "http://" + blackHole(t) }, 0},
		{"shaking hands", func(t *testing.T) string { return "https://" + serve(t, func(k *net.TCPConn, _ int) { hang(k) }).Addr }, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			onPaths(t, func(t *testing.T, path func(*Options) Client) {
				client := path(&Options{})
				defer client.Close()
				why := fmt.Errorf("the run was cut")
				ctx, cut := context.WithCancelCause(t.Context())
				time.AfterFunc(30*time.Millisecond, func() { cut(why) })
				req := get(originOf(t, c.url(t)))
				req.Timeout = 0
				if c.body > 0 {
					req.Method, req.Body = "POST", make([]byte, c.body)
				}
				var s stats.Sample
				client.Do(ctx, req, &Response{}, &s)
				if s.Failure.Class != stats.Other || s.Failure.Text != why.Error() {
					t.Fatalf("%v: %s", s.Failure.Class, s.Failure.Text)
				}
				if s.ServiceTime() > 10*time.Second {
					t.Errorf("it took %v", s.ServiceTime())
				}
			})
		})
	}
}

// TestNextContext goes on with a client whose last context has ended.
func TestNextContext(t *testing.T) {
	onPaths(t, func(t *testing.T, path func(*Options) Client) {
		o := serve(t, func(k *net.TCPConn, _ int) {
			for request(k) {
				io.WriteString(k, hello)
			}
		})
		client := path(&Options{})
		defer client.Close()
		for range 20 {
			ctx, cancel := context.WithCancel(t.Context())
			var s stats.Sample
			client.Do(ctx, get(o), &Response{}, &s)
			if s.Failure.Failed() {
				t.Fatal(s.Failure)
			}
			cancel()
			client.Do(ctx, get(o), &Response{}, &s)
			if s.Failure.Class != stats.Other || s.Failure.Text != context.Canceled.Error() {
				t.Fatal(s.Failure)
			}
		}
	})
}

// TestLargeBody sends more than a socket takes at once to servers that echo
// it while it comes, that answer before they have read it, and that never do.
func TestLargeBody(t *testing.T) {
	body := bytes.Repeat([]byte("0123456789abcdef"), 1<<19) // 8 MiB
	serveEcho := func(k net.Conn) {
		io.WriteString(k, ok+fmt.Sprintf("Content-Length: %d\r\n\r\n", len(body)))
		// Not spliced, for which the runtime would keep pipes open.
		io.Copy(struct{ io.Writer }{k}, struct{ io.Reader }{io.LimitReader(k, int64(len(body)))})
	}
	for _, scheme := range []string{"http", "https"} {
		t.Run(scheme, func(t *testing.T) {
			onPaths(t, func(t *testing.T, path func(*Options) Client) {
				ca := newAuthority(t)
				wrap := func(k *net.TCPConn) net.Conn { return k }
				if scheme == "https" {
					wrap = func(k *net.TCPConn) net.Conn {
						return tls.Server(k, &tls.Config{Certificates: []tls.Certificate{ca.issue(t, nil)}})
					}
				}
				for _, c := range []struct {
					name   string
					handle func(k net.Conn)
					class  stats.Class
				}{
					{"echo", func(k net.Conn) { request1(k); serveEcho(k) }, stats.OK},
					{"early answer", func(k net.Conn) {
						request1(k)
						io.WriteString(k, "HTTP/1.1 413 Too Large\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")
						hang(k)
					}, stats.OK},
					{"never reads", func(k net.Conn) { request1(k); io.ReadFull(k, make([]byte, 1)); <-t.Context().Done() }, stats.SendTimeout},
				} {
					t.Run(c.name, func(t *testing.T) {
						o := serve(t, func(k *net.TCPConn, _ int) { c.handle(wrap(k)) })
						o.Scheme = scheme
						client := path(&Options{TLS: &tls.Config{RootCAs: ca.pool}})
						defer client.Close()
						req := &Request{Method: "POST", Origin: o, Path: []byte("/"), Body: body, KeepBody: true, Timeout: time.Minute}
						if c.class != stats.OK {
							req.Timeout = 100 * time.Millisecond
							if s := timeOut(t, client, req, func(f stats.Failure) bool { return f.Class == c.class }); s.Failure.Class != c.class {
								t.Fatalf("%v: %s", s.Failure.Class, s.Failure.Text)
							}
							return
						}
						s, resp := do(t, client, req)
						if s.Failure.Class != c.class {
							t.Fatalf("%v: %s", s.Failure.Class, s.Failure.Text)
						}
						if c.name == "echo" && (!bytes.Equal(resp.Body, body) || s.BytesIn != int64(len(body)) || s.BytesOut < int64(len(body))) {
							t.Errorf("%d bytes came back, %+v", len(resp.Body), s)
						}
						if c.name == "early answer" && s.Status != 413 {
							t.Errorf("%+v", s)
						}
					})
				}
			})
		})
	}
}

// request1 reads a request's head byte by byte, so that its body is left.
func request1(k net.Conn) {
	var tail [4]byte
	for tail != [4]byte([]byte("\r\n\r\n")) {
		copy(tail[:], tail[1:])
		if _, err := io.ReadFull(k, tail[3:]); err != nil {
			return
		}
	}
}
