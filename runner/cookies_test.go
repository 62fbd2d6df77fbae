package runner

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// TestCookiesOnTheWay: a login that answers with a cookie and leads on, as most
// do, leads on as the user whose cookie it set. What a host on the way sets is
// that host's alone, and a step's own Cookie header stays what it is.
func TestCookiesOnTheWay(t *testing.T) {
	for _, kind := range []string{"raw", "std"} {
		t.Run(kind, func(t *testing.T) {
			var got []string // "PATH cookies"
			var home, away *httptest.Server
			lead := func(set, to string) http.HandlerFunc {
				return func(w http.ResponseWriter, r *http.Request) {
					got = append(got, r.URL.Path+" "+r.Header.Get("Cookie"))
					w.Header().Set("Set-Cookie", set)
					if to != "" {
						w.Header().Set("Location", strings.NewReplacer("HOME", home.URL, "AWAY", elsewhereOf(away)).Replace(to))
						w.WriteHeader(http.StatusFound)
					}
				}
			}
			mux := http.NewServeMux()
			mux.HandleFunc("/login", lead("sid=1; Path=/", "/home"))
			mux.HandleFunc("/home", lead("visit=2", "AWAY/away"))
			mux.HandleFunc("/away", lead("far=3; Path=/", "HOME/end"))
			mux.HandleFunc("/end", lead("end=4", ""))
			mux.HandleFunc("/me", lead("", ""))
			home, away = httptest.NewServer(mux), httptest.NewServer(mux)
			t.Cleanup(home.Close)
			t.Cleanup(away.Close)
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
`, strings.TrimPrefix(elsewhereOf(away), "http://"), kind), func(c *Config) { c.Users, c.RunTime = 1, 10*time.Millisecond; c.Grace = time.Minute }, nil)
			want := "/login  /home sid=1 /away  /end sid=1; visit=2 /me sid=1; visit=2; end=4 " +
				"/login mine=1 /home mine=1 /away  /end "
			if s := strings.Join(got, " "); s != want || sum.Total.Requests != 3 || sum.Total.Failures > 0 {
				t.Errorf("%d requests, %d failed: %v\ngot  %q\nwant %q", sum.Total.Requests, sum.Total.Failures, sum.Failures, s, want)
			}
		})
	}
}

// elsewhereOf is a server's address under another name.
func elsewhereOf(s *httptest.Server) string {
	return strings.Replace(s.URL, "127.0.0.1", "localhost", 1)
}
