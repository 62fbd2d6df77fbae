package client

import (
	"compress/gzip"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"brink/runner/stats"
)

// TestKeptBodiesShareABound has many users keep large bodies, plain and
// encoded, at the same time: they fail rather than take more memory than all
// may together, and what one gives back the others can take.
func TestKeptBodiesShareABound(t *testing.T) {
	const size, bound, users = 1 << 20, 6 << 20, 20
	body := strings.Repeat("x", size)
	onPaths(t, func(t *testing.T, path func(*Options) Client) {
		o := serve(t, func(k *net.TCPConn, n int) {
			for i := 0; request(k); i++ {
				if (n+i)%2 == 0 {
					fmt.Fprintf(k, "%sContent-Length: %d\r\n\r\n%s", ok, size, body)
					continue
				}
				io.WriteString(k, ok+"Content-Encoding: gzip\r\nConnection: close\r\n\r\n")
				z := gzip.NewWriter(k)
				io.WriteString(z, body)
				z.Close()
				return
			}
		})
		options := &Options{MaxKeptAll: bound}
		responses := make([]Response, users)
		var failures [users]stats.Failure
		each := func(do func(i int, c Client)) {
			var wait sync.WaitGroup
			for i := range users {
				wait.Go(func() {
					c := path(options)
					defer c.Close()
					do(i, c)
				})
			}
			wait.Wait()
		}
		req := get(o)
		req.KeepBody, req.Timeout = true, time.Minute // a megabyte each, on a busy machine
		each(func(i int, c Client) {
			var s stats.Sample
			c.Do(t.Context(), req, &responses[i], &s)
			failures[i] = s.Failure
			if s.Failure.Failed() {
				responses[i].Release()
			}
		})
		kept, refused := 0, 0
		for i, f := range failures {
			if n := cap(responses[i].Body) + cap(responses[i].spare); n > smallBody {
				kept += n
			}
			if f.Failed() {
				refused++
				if f.Class != stats.TooLarge || !strings.Contains(f.Text, "all users") {
					t.Errorf("%v: %s", f.Class, f.Text)
				}
			}
		}
		if kept > bound || int64(kept) != options.kept.Load() || refused == 0 || refused == users {
			t.Errorf("%d bytes are kept, %d counted, of %d; %d of %d failed", kept, options.kept.Load(), bound, refused, users)
		}
		for i := range responses {
			responses[i].Release()
		}
		if n := options.kept.Load(); n != 0 {
			t.Errorf("%d bytes count as kept when all were given back", n)
		}
		// One after the other all find room.
		turn := make(chan struct{}, 1)
		each(func(i int, c Client) {
			var s stats.Sample
			turn <- struct{}{}
			c.Do(t.Context(), req, &responses[i], &s)
			if s.Failure.Failed() || string(responses[i].Body) != body {
				t.Errorf("%v, %d bytes", s.Failure, len(responses[i].Body))
			}
			responses[i].Release()
			<-turn
		})
	})
}

// TestSmallBodiesKeepTheirMemory: a response whose bodies are small does not
// give its memory back, or each request would allocate.
func TestSmallBodiesKeepTheirMemory(t *testing.T) {
	o := serve(t, func(k *net.TCPConn, _ int) {
		for request(k) {
			io.WriteString(k, hello)
		}
	})
	options := &Options{MaxKeptAll: 1}
	c := NewRaw(options)
	defer c.Close()
	var resp Response
	var s stats.Sample
	req := get(o)
	req.KeepBody = true
	c.Do(t.Context(), req, &resp, &s)
	resp.Release()
	if s.Failure.Failed() || cap(resp.Body) == 0 || options.kept.Load() != 0 {
		t.Errorf("%v: %d bytes of memory, %d counted", s.Failure, cap(resp.Body), options.kept.Load())
	}
}
