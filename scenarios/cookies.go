package scenarios

import (
	"bytes"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"slices"
	"strings"
	"time"
)

// cookies appends the user's cookies for the request's address.
func (st *Step) cookies(u *Session, req *Request) {
	if st.fixed != nil {
		req.header = append(req.header[:0], req.Header...)
	}
	req.header = u.AppendCookies(req.header, req.Scheme, req.Host, req.Path)
	req.Header = req.header
}

// AppendCookies appends the header line of the user's cookies for an address to
// b; nothing where there are none.
func (u *Session) AppendCookies(b []byte, scheme, host string, path []byte) []byte {
	if u.jar == nil {
		return b
	}
	before := "Cookie: "
	for _, c := range u.jar.Cookies(cookieURL(scheme, host, path)) {
		b = append(append(b, before...), c.Name+"="+c.Value...)
		before = "; "
	}
	if before == "; " {
		b = append(b, "\r\n"...)
	}
	return b
}

// cookieURL takes an address as requests have it: the path with its query.
func cookieURL(scheme, host string, path []byte) *url.URL {
	path, _, _ = bytes.Cut(path, []byte{'?'})
	return &url.URL{Scheme: scheme, Host: host, Path: string(path)}
}

// KeepCookies puts what Set-Cookie says in the head of a response from an
// address into the user's jar. Check does so for the response that it gets: this
// is for those before it, which redirected.
func (u *Session) KeepCookies(scheme, host string, path, head []byte) {
	if hasSetCookie(head) {
		u.setCookies(cookieURL(scheme, host, path), head)
	}
}

func (u *Session) setCookies(at *url.URL, head []byte) {
	var lines []string
	for name, value := range headerLines(head) {
		if len(name) == len("Set-Cookie") && isSetCookie(name) {
			lines = append(lines, string(value))
		}
	}
	if u.jar == nil {
		u.jar, _ = cookiejar.New(nil) // without options it cannot fail
		u.inJar = map[string]int{}
	}
	from := http.Response{Header: http.Header{"Set-Cookie": lines}}
	u.jar.SetCookies(at, slices.DeleteFunc(from.Cookies(), func(c *http.Cookie) bool { return !u.room(at, c) }))
}

// keepCookies keeps the cookies of a response as those of what answered: a
// redirect must not make them those of the step's own address.
func (u *Session) keepCookies(st *Step, resp *Response) {
	scheme, host, path := resp.Scheme, resp.Host, resp.Path
	if host == "" {
		o := &st.address.origin
		scheme, host, path = o.scheme, o.host, []byte{'/'}
		if p := st.address.path; len(p) > 0 {
			path = []byte(p[0].lit)
		}
	}
	u.KeepCookies(scheme, host, path, resp.Head)
}

// A user's jar holds maxCookies bytes of names, domains, paths and values, each
// cookie counting cookieCost more. That is as much as servers read of a head
// (8 to 16 KB), so that more could not be sent anyway; without a bound a target
// that sets another cookie each time would take all memory.
const maxCookies, cookieCost = 16 << 10, 100

// room reports whether a jar takes a cookie from an address, and counts it. A
// jar that is full takes no further ones.
func (u *Session) room(at *url.URL, c *http.Cookie) bool {
	where := c.Path
	if !strings.HasPrefix(where, "/") {
		where = at.Path[:strings.LastIndexByte(at.Path, '/')+1] // RFC 6265 §5.1.4
	}
	key := c.Name + ";" + c.Domain + ";" + where + ";" + at.Host
	size := cookieCost + len(key) + len(c.Value)
	if c.MaxAge < 0 || c.MaxAge == 0 && !c.Expires.IsZero() && c.Expires.Before(time.Now()) {
		size = 0 // it ends one
		defer delete(u.inJar, key)
	}
	used := u.jarSize - u.inJar[key] + size
	if size > 0 && used > maxCookies {
		return false
	}
	u.jarSize, u.inJar[key] = used, size
	return true
}

// isSetCookie reports whether a header's name is Set-Cookie.
func isSetCookie(name []byte) bool { return bytes.EqualFold(name, []byte("Set-Cookie")) }

// hasSetCookie is a quick look for Set-Cookie in a head.
func hasSetCookie(head []byte) bool {
	for {
		i := bytes.IndexByte(head, '\n')
		if len(head) > 10 && head[0]|0x20 == 's' && head[10] == ':' && isSetCookie(head[:10]) {
			return true
		}
		if i < 0 {
			return false
		}
		head = head[i+1:]
	}
}
