package scenarios

import (
	"net/textproto"
	"slices"
	"strings"
	"time"
)

// settings are what a step takes over from what it stands in.
type settings struct {
	headers   []headerLine
	auth      *node
	timeout   time.Duration
	redirects int
	version   string
	client    string
}

// headerLine is a header in the making.
type headerLine struct {
	name  string
	value *node // nil: as text says
	text  string
}

// The settings of a file that says nothing.
const (
	defaultTimeout   = 30 * time.Second
	defaultRedirects = 10               // of follow_redirects: true
	readyTimeout     = 10 * time.Second // of one attempt of the ready gate, at most
)

func defaultSettings() settings {
	return settings{
		headers: []headerLine{{name: "User-Agent", text: "brink"}, {name: "Accept", text: "*/*"}},
		timeout: defaultTimeout,
	}
}

// settings reads what f says over what it stands in.
func (d *decoder) settings(f fields, from settings) settings {
	s := from
	s.headers = slices.Clone(from.headers)
	if n := f.node.get("headers"); n != nil && n.kind == kindObject {
		for _, p := range n.pairs {
			s.headers = d.setHeader(s.headers, p)
		}
	} else if n != nil && n.kind != kindNull {
		d.fail(n.pos, "write Name: value", "headers must be an object, not %s", kindWords[n.kind])
	}
	if n := f.get("auth"); n != nil {
		s.auth = n
	}
	if n := f.get("timeout"); n != nil {
		s.timeout = d.duration(n) // 0: none
	}
	if n := f.get("follow_redirects"); n != nil {
		s.redirects = d.redirects(n)
	}
	if n := f.get("http_version"); n != nil {
		s.version = d.oneOf(n, "1.1", "2")
	}
	if n := f.get("client"); n != nil {
		s.client = d.oneOf(n, "raw", "std")
	}
	return s
}

// credentials are the headers that say who asks.
var credentials = []string{"Authorization", "Cookie", "Proxy-Authorization"}

func isCredential(name string) bool {
	return slices.ContainsFunc(credentials, func(c string) bool { return strings.EqualFold(c, name) })
}

// without takes away the credentials that were set above a step: they are the
// target's, and the step goes elsewhere.
func (s settings) without(above settings) settings {
	s.headers = slices.DeleteFunc(slices.Clone(s.headers), func(h headerLine) bool {
		return isCredential(h.name) && slices.Contains(above.headers, h)
	})
	if s.auth == above.auth {
		s.auth = &node{kind: kindText, text: "none"}
	}
	return s
}

func (d *decoder) redirects(n *node) int {
	if n.kind == kindInt {
		return d.whole(n, 0, 100)
	}
	if d.yes(n) {
		return defaultRedirects
	}
	return 0
}

// ownHeaders are those that follow from the request itself.
var ownHeaders = map[string]string{
	"Host":              "it follows from the address",
	"Content-Length":    "it follows from the body",
	"Transfer-Encoding": "it follows from the body",
	"Connection":        "connection: new asks for a connection of its own",
}

// setHeader replaces, adds or takes away one header.
func (d *decoder) setHeader(lines []headerLine, p pair) []headerLine {
	name := textproto.CanonicalMIMEHeaderKey(p.key)
	if hint, own := ownHeaders[name]; own {
		d.fail(p.pos, hint, "the header %s cannot be set", name)
		return lines
	}
	if !isToken(p.key) {
		d.fail(p.pos, "", "%q is no name of a header", p.key)
		return lines
	}
	lines = slices.DeleteFunc(lines, func(h headerLine) bool { return strings.EqualFold(h.name, p.key) })
	if p.value.kind == kindNull {
		return lines
	}
	return append(lines, headerLine{name: p.key, value: p.value})
}

// isToken reports whether s can be the name of a header or a method
// (RFC 9110, 5.6.2).
func isToken(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(r rune) bool {
		return r <= ' ' || r >= 0x7f || strings.ContainsRune("\"(),/:;<=>?@[\\]{}", r)
	})
}
