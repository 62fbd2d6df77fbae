package runner

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"brink/runner/stats"
)

// TestCookiesOnTheWay: a login that answers with a cookie and leads on, as most
// do, leads on as the user whose cookie it set. What a host on the way sets is
// that host's alone, and a step's own Cookie header stays what it is.
func TestCookiesOnTheWay(t *testing.T) {
	for _, kind := range []string{"raw", "std"} {
		t.Run(kind, func(t *testing.T) {
			var mux http.ServeMux
			home, away := httptest.NewUnstartedServer(&mux), httptest.NewUnstartedServer(&mux)
			here := home.Listener.Addr().String()
			there := strings.Replace(away.Listener.Addr().String(), "127.0.0.1", "localhost", 1)

			var mu sync.Mutex
			var got []string // "PATH cookies"
			all := make(chan struct{})
			answer := func(path, set, to string) {
				mux.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) {
					mu.Lock()
					got = append(got, path+" "+r.Header.Get("Cookie"))
					if len(got) == 9 {
						close(all)
					}
					mu.Unlock()
					w.Header().Set("Set-Cookie", set)
					if to != "" {
						w.Header().Set("Location", to)
						w.WriteHeader(http.StatusFound)
					}
				})
			}
			answer("/login", "sid=1; Path=/", "/home")
			answer("/home", "visit=2", "http://"+there+"/away")
			answer("/away", "far=3; Path=/", "http://"+here+"/end")
			answer("/end", "end=4", "")
			answer("/me", "", "")
			for _, s := range []*httptest.Server{home, away} {
				s.Start()
				t.Cleanup(s.Close)
			}

			sum, _ := real(t, home.URL, fmt.Sprintf(`
allow_hosts: [ %q ]
follow_redirects: 5
client: %s
wait: 1m
tasks:
  - name: session
    steps:
      - { post: /login, body: "name=x", headers: { Content-Type: application/x-www-form-urlencoded } }
      - { get: /me }
      - { post: /login, name: own, headers: { Cookie: mine=1 } }
`, there, kind), func(c *Config) {
				c.Users, c.RunTime, c.Grace = 1, time.Minute, time.Minute
			}, func(r *Runner) {
				select {
				case <-all:
				case <-time.After(time.Minute):
				}
				if err := r.Set(stats.Wish{Stop: true}); err != nil {
					t.Error(err)
				}
			})
			mu.Lock()
			defer mu.Unlock()
			want := "/login  /home sid=1 /away  /end sid=1; visit=2 /me sid=1; visit=2; end=4 " +
				"/login mine=1 /home mine=1 /away  /end "
			if s := strings.Join(got, " "); s != want || sum.Total.Requests != 3 || sum.Total.Failures > 0 {
				t.Errorf("%d requests, %d failed: %v\ngot  %q\nwant %q", sum.Total.Requests, sum.Total.Failures, sum.Failures, s, want)
			}
		})
	}
}
