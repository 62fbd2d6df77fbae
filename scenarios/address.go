package scenarios

import (
	"bytes"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strings"
)

// origin is where a step's requests go.
type origin struct {
	scheme string
	host   string // with a port if it is not the scheme's
	unix   string // path of a socket
	prefix string // of every path
}

// originOf returns a target's origin.
func originOf(u *url.URL) origin {
	if u.Scheme == "unix" {
		return origin{scheme: "http", host: "localhost", unix: u.Path}
	}
	return origin{scheme: u.Scheme, host: u.Host, prefix: strings.TrimSuffix(u.EscapedPath(), "/")}
}

// parseTarget reads the address of a target.
func parseTarget(raw string) (u *url.URL, message, hint string) {
	const example = "for example http://127.0.0.1:8000"
	u, err := url.Parse(raw)
	switch {
	case !strings.Contains(raw, ":/"):
		return nil, fmt.Sprintf("the address %q does not begin with http:// or https://", short(raw, 80)), example
	case err != nil:
		return nil, fmt.Sprintf("%q is no address", short(raw, 80)), example
	case u.Scheme == "unix" && u.Path != "":
		return u, "", ""
	case u.Scheme != "http" && u.Scheme != "https":
		return nil, fmt.Sprintf("the address %q does not begin with http:// or https://", short(raw, 80)), example
	case u.Host == "" || u.Hostname() == "":
		return nil, fmt.Sprintf("the address %q names no host", short(raw, 80)), example
	case u.RawQuery != "" || u.Fragment != "":
		return nil, "a target has no query", "put it into the requests"
	}
	if port := u.Port(); port != "" {
		if _, err := net.LookupPort("tcp", port); err != nil {
			return nil, fmt.Sprintf("%q is no port", port), "it must be 1 to 65535"
		}
	}
	return u, "", ""
}

// address is a step's address: where it goes, its path and its query.
type address struct {
	origin  origin
	path    pieces    // path and query
	dynamic *template // the whole address is one value; path is empty then
}

// address compiles what stands behind get:, post: and so on.
func (d *decoder) address(n, query *node, sc *scope) address {
	a := address{origin: originOf(d.scenario.Target)}
	t := d.template(n, sc)
	if t.whole && !t.fixed() {
		a.dynamic = t
		if query != nil {
			d.fail(query.pos, "put it into the address", "an address that is one value takes no query")
		}
		return a
	}
	first, _ := t.literal()
	rest := first
	if strings.HasPrefix(first, "http://") || strings.HasPrefix(first, "https://") {
		scheme, after, _ := strings.Cut(first, "://")
		i := strings.IndexAny(after, "/?")
		if i < 0 && len(t.parts) > 1 {
			d.fail(n.pos, "write the host out, or take it from ${VAR}; hosts beside the target's belong into allow_hosts", "a host cannot be a value")
			return a
		}
		if i < 0 {
			i = len(after)
		}
		a.origin = origin{scheme: scheme, host: after[:i]}
		rest = after[i:]
		d.allowed(n, a.origin)
	} else if !strings.HasPrefix(first, "/") {
		d.fail(n.pos, "for example /health", "the path %q does not begin with /", short(n.text, 60))
		return a
	}
	if !strings.HasPrefix(rest, "/") {
		rest = "/" + rest
	}
	a.path.add(a.origin.prefix)
	a.path.add(string(escapeUnsafe([]byte(rest), 0)))
	inQuery := strings.Contains(rest, "?")
	for i, part := range t.parts[min(1, len(t.parts)):] {
		if c, ok := part.(*constant); ok && i%2 == 1 {
			a.path.add(string(escapeUnsafe(bytes.Clone(c.asText), 0)))
			inQuery = inQuery || strings.Contains(string(c.asText), "?")
			continue
		}
		d.note(n, a.path.value(piece{val: valueOf(part), put: escapeAll}))
	}
	between := "?"
	if inQuery {
		between = "&"
	}
	if query != nil {
		d.query(query, "query", sc, &a.path, between)
	}
	return a
}

// allowed reports a host that the scenario does not name.
func (d *decoder) allowed(n *node, o origin) {
	u, err := url.Parse(o.scheme + "://" + o.host)
	if err != nil || u.Hostname() == "" {
		d.fail(n.pos, "", "%q is no host", short(o.host, 60))
		return
	}
	target := d.scenario.Target
	if strings.EqualFold(o.host, target.Host) && o.scheme == target.Scheme {
		return
	}
	if slices.Contains(d.scenario.AllowHosts, u.Host) || slices.Contains(d.scenario.AllowHosts, u.Hostname()) {
		return
	}
	d.fail(n.pos, fmt.Sprintf("add it: allow_hosts: [%q]", u.Host), "the host %s is neither the target's nor in allow_hosts", u.Host)
}

// resolve is what a dynamic address comes to.
func (a *address) resolve(u *Session, req *Request) error {
	b, err := a.dynamic.text(u, req.path[:0], nil)
	if err != nil {
		return err
	}
	text := string(b)
	if path, ok := strings.CutPrefix(text, "/"); ok && !strings.HasPrefix(path, "/") {
		b = append(append(b[:0], a.origin.prefix...), text...)
		req.path = escapeUnsafe(b, 0)
		return nil
	}
	full, err := url.Parse(text)
	if err != nil || full.Scheme != "http" && full.Scheme != "https" || full.Hostname() == "" {
		return fmt.Errorf("%q is neither a path nor an address", short(text, 80))
	}
	req.Scheme, req.Host, req.Unix = full.Scheme, full.Host, ""
	if strings.EqualFold(full.Host, a.origin.host) {
		req.Unix = a.origin.unix
	}
	path := full.EscapedPath()
	if path == "" {
		path = "/"
	}
	if full.RawQuery != "" {
		path += "?" + full.RawQuery
	}
	req.path = escapeUnsafe(append(b[:0], path...), 0)
	return nil
}
