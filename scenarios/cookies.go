package scenarios

import (
	"bytes"
	"net/http"
	"net/http/cookiejar"
	"net/url"
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

// keepCookies puts what Set-Cookie says into the user's jar.
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
	}
	o := &st.address.origin
	at := &url.URL{Scheme: o.scheme, Host: o.host, Path: "/"}
	if p := st.address.path; len(p) > 0 {
		path, _, _ := bytes.Cut(p[0].lit, []byte{'?'})
		at.Path = string(path)
	}
	from := http.Response{Header: http.Header{"Set-Cookie": lines}}
	u.jar.SetCookies(at, from.Cookies())
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
