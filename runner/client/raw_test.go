package client

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"brink/runner/stats"
)

func TestQuick(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		switch r.URL.Path {
		case "/chunked":
			w.WriteHeader(200)
			w.(http.Flusher).Flush()
			io.WriteString(w, strings.Repeat("x", 100000))
		default:
			w.Write(b)
		}
	}))
	defer s.Close()
	c := NewRaw(&Options{})
	defer c.Close()
	o := originOf(t, s.URL)
	var resp Response
	var sm stats.Sample
	for _, p := range []string{"/", "/chunked", "/big"} {
		r := &Request{Method: "POST", Origin: o, Path: []byte(p), Body: []byte("hallo"), Timeout: time.Second, KeepBody: true}
		if p == "/big" {
			r.Body = make([]byte, 10<<20)
		}
		c.Do(t.Context(), r, &resp, &sm)
		t.Logf("%s %+v head %q body %d", p, sm, resp.Head, len(resp.Body))
	}
	n := testing.AllocsPerRun(1000, func() {
		r := &Request{Method: "GET", Origin: o, Path: []byte("/"), Timeout: time.Second}
		c.Do(context.Background(), r, &resp, &sm)
		if sm.Failure.Failed() {
			t.Fatal(sm.Failure)
		}
	})
	t.Log(n)
}

// canned answers every request of 4096 bytes or less with the same bytes.
func canned(t testing.TB, answer string) *Origin {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			k, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer k.Close()
				b, out := make([]byte, 4096), []byte(answer)
				for {
					if _, err := k.Read(b); err != nil {
						return
					}
					if _, err := k.Write(out); err != nil {
						return
					}
				}
			}()
		}
	}()
	return originOf(t, "http://"+l.Addr().String())
}

func TestAllocs(t *testing.T) {
	o := canned(t, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Type: text/plain\r\n\r\nhallo")
	c := NewRaw(&Options{})
	defer c.Close()
	var resp Response
	var sm stats.Sample
	r := &Request{Method: "GET", Origin: o, Path: []byte("/"), Timeout: time.Second}
	n := testing.AllocsPerRun(1000, func() {
		c.Do(t.Context(), r, &resp, &sm)
		if sm.Failure.Failed() {
			t.Fatal(sm.Failure)
		}
	})
	if n != 0 {
		t.Error(n)
	}
	t.Logf("%+v", sm)
}
