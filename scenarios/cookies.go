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
	list := u.jar.Cookies(cookieURL(req))
	if len(list) == 0 {
		return
	}
	if st.fixed != nil {
		req.header = append(req.header[:0], req.Header...)
	}
	req.header = append(req.header, "Cookie: "...)
	for i, c := range list {
		if i > 0 {
			req.header = append(req.header, "; "...)
		}
		req.header = append(req.header, c.Name+"="+c.Value...)
	}
	req.header = append(req.header, "\r\n"...)
	req.Header = req.header
}

func cookieURL(req *Request) *url.URL {
	path, _, _ := bytes.Cut(req.Path, []byte{'?'})
	return &url.URL{Scheme: req.Scheme, Host: req.Host, Path: string(path)}
}

// keepCookies puts what Set-Cookie says into the user's jar, as cookies of what
// answered: a redirect must not make them those of the step's own address.
func (u *Session) keepCookies(st *Step, resp *Response) {
	if !hasSetCookie(resp.Head) {
		return
	}
	var lines []string
	for name, value := range headerLines(resp.Head) {
		if len(name) == len("Set-Cookie") && isSetCookie(name) {
			lines = append(lines, string(value))
		}
	}
	if u.jar == nil {
		u.jar, _ = cookiejar.New(nil) // without options it cannot fail
		u.inJar = map[string]int{}
	}
	from := http.Response{Header: http.Header{"Set-Cookie": lines}}
	at := st.answered(resp)
	u.jar.SetCookies(at, slices.DeleteFunc(from.Cookies(), func(c *http.Cookie) bool { return !u.room(at, c) }))
}

// answered is the address that a response came from.
func (st *Step) answered(resp *Response) *url.URL {
	if resp.Host != "" {
		return cookieURL(&Request{Scheme: resp.Scheme, Host: resp.Host, Path: resp.Path})
	}
	o := &st.address.origin
	at := &Request{Scheme: o.scheme, Host: o.host, Path: []byte{'/'}}
	if p := st.address.path; len(p) > 0 {
		at.Path = []byte(p[0].lit)
	}
	return cookieURL(at)
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
