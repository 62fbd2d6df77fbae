package client

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"brink/runner/stats"
)

// seen is a request as a server got it.
type seen struct {
	method, path, body string
	header             http.Header
}

// recording serves answers by path ("/a" → the response's head after the
// status line's "HTTP/1.1 "). The function it returns gives the last request.
func recording(t *testing.T, answers map[string]string) (*Origin, func() seen) {
	var mu sync.Mutex
	var got seen
	o := serve(t, func(k *net.TCPConn, _ int) {
		b := bufio.NewReader(k)
		for {
			r, err := http.ReadRequest(b)
			if err != nil {
				return
			}
			body, _ := io.ReadAll(r.Body)
			mu.Lock()
			got = seen{r.Method, r.RequestURI, string(body), r.Header}
			mu.Unlock()
			a, found := answers[r.URL.Path]
			if !found {
				a = "200 OK"
			}
			fmt.Fprintf(k, "HTTP/1.1 %s\r\nContent-Length: 0\r\n\r\n", a)
		}
	})
	return o, func() seen {
		mu.Lock()
		defer mu.Unlock()
		return got
	}
}

func TestRedirects(t *testing.T) {
	onPaths(t, func(t *testing.T, path func(*Options) Client) {
		there, atThere := recording(t, nil)
		here, atHere := recording(t, map[string]string{
			"/relative":  "302 Found\r\nLocation: other?x=1#frag",
			"/absolute":  "307 Temporary Redirect\r\nLocation: /same",
			"/see":       "303 See Other\r\nLocation: /seen",
			"/moved":     "301 Moved\r\nLocation: /seen",
			"/loop":      "302 Found\r\nLocation: /loop",
			"/elsewhere": "302 Found\r\nLocation: http://elsewhere.test/a?secret=1",
			"/metadata":  "302 Found\r\nLocation: http://169.254.169.254/latest",
			"/file":      "302 Found\r\nLocation: file:///etc/passwd",
			"/allowed":   "302 Found\r\nLocation: http://" + there.Host + "/there",
			"/kept":      "307 Temporary Redirect\r\nLocation: http://" + there.Host + "/there",
			"/bad":       "302 Found\r\nLocation: http://[",
			"/nowhere":   "302 Found",
		})
		rules, err := NewRules([]string{here.Host, there.Host}, false)
		if err != nil {
			t.Fatal(err)
		}
		client := path(&Options{Allow: rules})
		defer client.Close()
		for _, c := range []struct {
			method, path string
			follow       int
			status       int
			class        stats.Class
			text         string
			last         string // "METHOD path body" as the last server got it
		}{
			{method: "GET", path: "/relative", follow: 0, status: 302, last: "GET /relative "},
			{method: "GET", path: "/relative", follow: 3, status: 200, last: "GET /other?x=1 "},
			{method: "POST", path: "/absolute", follow: 3, status: 200, last: "POST /same body"},
			{method: "POST", path: "/see", follow: 3, status: 200, last: "GET /seen "},
			{method: "POST", path: "/moved", follow: 3, status: 200, last: "GET /seen "},
			{method: "PUT", path: "/moved", follow: 3, status: 200, last: "PUT /seen body"},
			{method: "GET", path: "/loop", follow: 3, status: 302, class: stats.RedirectRefused, text: "redirected more than 3 times", last: "GET /loop "},
			{method: "GET", path: "/elsewhere", follow: 3, status: 302, class: stats.RedirectRefused, text: "it leads to http://elsewhere.test, which is not a host that the scenario names", last: "GET /elsewhere "},
			{method: "GET", path: "/metadata", follow: 3, status: 302, class: stats.RedirectRefused, text: "http://169.254.169.254", last: "GET /metadata "},
			{method: "GET", path: "/file", follow: 3, status: 302, class: stats.RedirectRefused, text: "no http or https address", last: "GET /file "},
			{method: "GET", path: "/bad", follow: 3, status: 302, class: stats.RedirectRefused, text: "cannot be read", last: "GET /bad "},
			{method: "GET", path: "/nowhere", follow: 3, status: 302, last: "GET /nowhere "},
			{method: "PUT", path: "/kept", follow: 3, status: 307, class: stats.RedirectRefused, text: "would send the request's body to another origin", last: "PUT /kept body"},
		} {
			req := get(here)
			req.Method, req.Path, req.Redirects = c.method, []byte(c.path), c.follow
			req.Header = []byte("Authorization: Bearer x\r\nContent-Type: text/plain\r\n")
			if c.method != "GET" {
				req.Body = []byte("body")
			}
			s, resp := do(t, client, req)
			if c.path == "/loop" && resp.Sent != 4 {
				t.Errorf("a request and three redirects were sent as %d requests", resp.Sent)
			}
			if c.path == "/relative" && (resp.From != here || "GET "+string(resp.Path)+" " != c.last) {
				t.Errorf("%v%s is said to have answered, %s did", resp.From, resp.Path, c.last)
			}
			if s.Failure.Class != c.class || !strings.Contains(s.Failure.Text, c.text) || s.Status != c.status {
				t.Errorf("%s %s: %d, %v: %s", c.method, c.path, s.Status, s.Failure.Class, s.Failure.Text)
			}
			last := atHere()
			if got := last.method + " " + last.path + " " + last.body; got != c.last {
				t.Errorf("%s %s: the server got %q, want %q", c.method, c.path, got, c.last)
			}
			if last.header.Get("Authorization") == "" || (last.header.Get("Content-Type") == "") != (last.method == "GET" && c.method != "GET") {
				t.Errorf("%s %s: the server got the headers %v", c.method, c.path, last.header)
			}
		}

		req := get(here)
		req.Path, req.Redirects = []byte("/allowed"), 1
		req.Header = []byte("Authorization: Bearer x\r\nCookie: a=b\r\nX-Api-Key: y\r\nUser-Agent: brink\r\nAccept: */*\r\n")
		s, resp := do(t, client, req)
		if s.Failure.Failed() || s.Status != 200 {
			t.Fatalf("%+v", s)
		}
		if !resp.From.same(there) || string(resp.Path) != "/there" {
			t.Errorf("%v%s is said to have answered", resp.From, resp.Path)
		}
		var names []string
		for name := range atThere().header {
			names = append(names, name)
		}
		if slices.Sort(names); !slices.Equal(names, []string{"Accept", "User-Agent"}) {
			t.Errorf("these headers crossed to another origin: %v", names)
		}
	})
}
