package client

import (
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"testing"

	"brink/runner/stats"
)

// versions answers with the version of HTTP it was asked in.
var versions = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
	b, _ := io.ReadAll(r.Body)
	fmt.Fprintf(w, "%s %s %s %s", r.Proto, r.Method, r.RequestURI, b)
})

// TestVersions speaks the version of HTTP that was asked for, or says that the
// server does not.
func TestVersions(t *testing.T) {
	ca := newAuthority(t)
	start := func(secure bool, set func(*http.Protocols)) *Origin {
		s := httptest.NewUnstartedServer(versions)
		s.Config.Protocols = &http.Protocols{}
		set(s.Config.Protocols)
		if !secure {
			s.Start()
		} else {
			s.TLS = &tls.Config{Certificates: []tls.Certificate{ca.issue(t, nil)}}
			s.EnableHTTP2 = s.Config.Protocols.HTTP2()
			s.StartTLS()
		}
		t.Cleanup(s.Close)
		return originOf(t, s.URL)
	}
	one := start(true, func(p *http.Protocols) { p.SetHTTP1(true) })
	both := start(true, func(p *http.Protocols) { p.SetHTTP1(true); p.SetHTTP2(true) })
	clear := start(false, func(p *http.Protocols) { p.SetHTTP1(true); p.SetUnencryptedHTTP2(true) })
	for _, c := range []struct {
		name    string
		o       *Origin
		version string
		proto   string // empty: a failure
	}{
		{"https, the server's choice", both, "", "HTTP/2.0"},
		{"https 1.1", both, "1.1", "HTTP/1.1"},
		{"https 2", both, "2", "HTTP/2.0"},
		{"http, the server's choice", clear, "", "HTTP/1.1"},
		{"http 2 without an upgrade", clear, "2", "HTTP/2.0"},
		{"https 2 from a server that has none", one, "2", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			client := NewStd(&Options{TLS: &tls.Config{RootCAs: ca.pool}}, c.version)
			defer client.Close()
			for i := range 3 {
				req := get(c.o)
				req.Method, req.Path, req.Body = "POST", []byte("/a?b=%20c"), []byte("body")
				s, resp := do(t, client, req)
				if c.proto == "" {
					if !s.Failure.Failed() || s.Failure.Class == stats.Other {
						t.Fatalf("%+v", s)
					}
					continue
				}
				if want := c.proto + " POST /a?b=%20c body"; s.Failure.Failed() || string(resp.Body) != want || resp.Proto != c.proto || s.NewConn != (i == 0) {
					t.Fatalf("%q, want %q: %+v", resp.Body, want, s)
				}
			}
		})
	}
}

// TestProxy goes through a proxy only where one is asked for.
func TestProxy(t *testing.T) {
	var through []string
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, "by proxy to "+r.RequestURI)
	}))
	defer proxy.Close()
	target := httptest.NewServer(versions)
	defer target.Close()
	t.Setenv("HTTP_PROXY", proxy.URL)
	at, err := url.Parse(proxy.URL)
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range []*Options{{}, {Proxy: at}} {
		client := NewStd(o, "")
		defer client.Close()
		_, resp := do(t, client, get(originOf(t, target.URL)))
		through = append(through, string(resp.Body))
	}
	if through[0] != "HTTP/1.1 GET / " || through[1] != "by proxy to "+target.URL+"/" {
		t.Errorf("%q", through)
	}
}

// TestUnixSocket asks a server on a unix socket, and one that is not there.
func TestUnixSocket(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Skip(err)
	}
	s := &http.Server{Handler: versions}
	served := make(chan error)
	go func() { served <- s.Serve(l) }()
	defer func() { s.Close(); <-served }()
	onPaths(t, func(t *testing.T, new func(*Options) Client) {
		client := new(&Options{})
		defer client.Close()
		for _, where := range []string{path, path + "-none"} {
			o, err := NewOrigin("http", "api.test", where)
			if err != nil {
				t.Fatal(err)
			}
			s, resp := do(t, client, get(o))
			if where == path && string(resp.Body) != "HTTP/1.1 GET / " ||
				where != path && (s.Failure.Class != stats.Refused || !strings.Contains(s.Failure.Text, "there is no socket")) {
				t.Errorf("%s: %q %+v", where, resp.Body, s)
			}
		}
	})
}

// TestBadRequest refuses what cannot be sent, rather than sending it.
func TestBadRequest(t *testing.T) {
	client := NewStd(&Options{}, "")
	defer client.Close()
	for _, change := range []func(*Request){
		func(r *Request) { r.Path = []byte("no slash") },
		func(r *Request) { r.Header = []byte("no colon\r\n") },
		func(r *Request) { r.Header = []byte("A: b\x00c\r\n") },
		func(r *Request) { r.Method = "GET x" },
	} {
		req := get(originOf(t, "http://127.0.0.1:9"))
		change(req)
		if s, _ := do(t, client, req); s.Failure.Class != stats.BadRequest {
			t.Errorf("%+v", s.Failure)
		}
	}
}
