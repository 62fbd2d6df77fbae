package scenarios

import (
	"fmt"
	"strings"
	"testing"
)

// cookiesOf renders a step and returns the cookies it sends.
func cookiesOf(t *testing.T, u *Session, st *Step) string {
	t.Helper()
	var req Request
	if err := st.Render(u, &req); err != nil {
		t.Fatal(err)
	}
	_, line, _ := strings.Cut(string(req.Header), "Cookie: ")
	line, _, _ = strings.Cut(line, "\r\n")
	return line
}

// TestCookiesStayWithWhoSetThem: a cookie of the host that a redirect led to
// goes to that host alone, as does one of a host that a value named.
func TestCookiesStayWithWhoSetThem(t *testing.T) {
	s := parsed(t, `
target: http://127.0.0.1:1
allow_hosts: [localhost]
tasks:
  - { get: /, name: home }
  - { get: "http://localhost:2/deep/page", name: away }
  - { get: '{{ "http://localhost:2/deep/page" }}', name: dynamic }
`)
	step := func(i int) *Step { return s.Users[0].Tasks[i].Steps[0] }
	for asked := range 3 {
		u := sessionOf(t, s)
		set := &Response{Status: 200, Head: []byte("Set-Cookie: sid=away\r\n"), Scheme: "http", Host: "localhost:2", Path: []byte("/deep/page?x=/y/z")}
		if f := step(asked).Check(u, set); f.Failed() {
			t.Fatal(f)
		}
		for i, want := range []string{"", "sid=away", "sid=away"} {
			if got := cookiesOf(t, u, step(i)); got != want {
				t.Errorf("asked %s, answered by localhost: %s sends %q, want %q", s.Users[0].Tasks[asked].Name, s.Users[0].Tasks[i].Name, got, want)
			}
		}
	}
}

// TestCookiesAreBounded: a target that sets another cookie each time takes
// bounded memory; those that a user has can still be changed and ended, and
// make room for others.
func TestCookiesAreBounded(t *testing.T) {
	s := parsed(t, "target: http://127.0.0.1:1\ntasks: [{ get: / }]")
	st, u := s.Users[0].Tasks[0].Steps[0], sessionOf(t, s)
	set := func(cookie string) {
		st.Check(u, &Response{Status: 200, Head: []byte("Set-Cookie: " + cookie + "\r\n")})
	}
	set("sid=first")
	for i := range 1000 {
		set(fmt.Sprintf("a%d=%s", i, strings.Repeat("x", 1000)))
		set(fmt.Sprintf("b=1; Path=/%d", i))
	}
	if got := cookiesOf(t, u, st); len(got) > maxCookies || !strings.HasPrefix(got, "sid=first; a0=x") {
		t.Errorf("%d bytes of cookies: %.40q", len(got), got)
	}
	if len(u.inJar) > maxCookies/cookieCost || u.jarSize > maxCookies {
		t.Errorf("%d cookies of %d bytes are kept", len(u.inJar), u.jarSize)
	}
	set("sid=second")
	set("a0=gone; Expires=Thu, 01 Jan 1970 00:00:00 GMT")
	set("late=" + strings.Repeat("y", 900))
	if got := cookiesOf(t, u, st); !strings.HasPrefix(got, "sid=second; a1=x") || !strings.Contains(got, "; late=y") {
		t.Errorf("%.40q", got)
	}
	sum := 0
	for _, size := range u.inJar {
		sum += size
	}
	if sum != u.jarSize {
		t.Errorf("the cookies count %d bytes, the jar %d", sum, u.jarSize)
	}
}
