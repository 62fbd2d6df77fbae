package scenarios

import (
	"slices"
	"strings"

	"brink/runner/stats"
)

// steps reads a list of requests.
func (d *decoder) steps(n *node, what string, sc *scope, set settings) []*Step {
	if n == nil {
		return nil
	}
	if n.kind != kindList {
		d.fail(n.pos, "begin each with - get: /path", "%s must be a list, not %s", what, kindWords[n.kind])
		return nil
	}
	var out []*Step
	for _, item := range n.items {
		if f, ok := d.keys(item, stepShape); ok {
			if st := d.step(f, sc, set); st != nil {
				out = append(out, st)
			}
		}
	}
	return out
}

// step reads one request.
func (d *decoder) step(f fields, sc *scope, set settings) *Step {
	method, at := d.method(f)
	if at == nil {
		return nil
	}
	above := set
	set = d.settings(f, set)
	st := &Step{Method: method, timeout: set.timeout, redirects: set.redirects, httpVersion: set.version, client: set.client}
	st.address = d.address(at, f.get("query"), sc)
	st.body = d.body(f, sc)
	st.breaks = d.breaks(f.get("break"), &st.body)
	if !strings.EqualFold(st.address.origin.host, originOf(d.scenario.Target).host) {
		set = set.without(above)
	}
	d.header(st, set, sc)
	if c := f.get("connection"); c != nil {
		st.newConn = d.oneOf(c, "keep", "new") == "new"
	}
	st.expects = d.expect(f.get("expect"), sc)
	st.extracts = d.extracts(f.get("extract"), sc)
	st.keepBody = st.expects.needBody || slices.ContainsFunc(st.extracts, func(x extraction) bool { return x.needBody })
	if st.Name = d.name(f.get("name")); st.Name == "" {
		st.Name = d.mask(routeName(at.raw, d.expand(at.raw, at.pos, true)))
	}
	st.Route = d.route(stats.Route{Method: method, Name: st.Name})
	st.fix()
	return st
}

// method returns a step's method, and the node of its address; nil where the
// step has none.
func (d *decoder) method(f fields) (string, *node) {
	var method string
	var at *node
	for _, m := range append(slices.Clone(methods), "request") {
		n := f.get(m)
		if n == nil {
			continue
		}
		if at != nil {
			d.fail(n.pos, "make two steps of it", "a request has one method, and %s and %s are given", strings.ToLower(method), m)
			continue
		}
		method, at = strings.ToUpper(m), n
	}
	if at == nil {
		d.fail(f.node.pos, "add for example get: /health", "the request has no method and address")
		return "", nil
	}
	if at.kind >= kindList {
		d.fail(at.pos, "for example /health", "an address is needed here, not %s", kindWords[at.kind])
		return "", nil
	}
	if method != "REQUEST" {
		return method, at
	}
	name, path, ok := strings.Cut(strings.TrimSpace(at.raw), " ")
	if !ok || !isToken(name) || name != strings.ToUpper(name) {
		d.fail(at.pos, "for example PURGE /cache", "%q is no method and path", short(at.text, 60))
		return "", nil
	}
	rest := *at
	rest.raw = strings.TrimSpace(path)
	return name, &rest
}

// routeName is the name of a route without one: its path, without the query
// and with the values' expressions as they are written.
func routeName(raw, expanded string) string {
	if pieces, err := split(raw); err == nil && len(pieces) == 1 {
		raw = expanded
	}
	if i := strings.IndexByte(raw, '?'); i >= 0 && !strings.Contains(raw[:i], "{{") {
		raw = raw[:i]
	}
	return short(raw, 120)
}

// route returns the index of r, which several steps may share.
func (d *decoder) route(r stats.Route) int {
	if i := slices.Index(d.scenario.Routes, r); i >= 0 {
		return i
	}
	d.scenario.Routes = append(d.scenario.Routes, r)
	return len(d.scenario.Routes) - 1
}

// fix renders the step now if nothing of it ever changes.
func (st *Step) fix() {
	whole := st.contentType == nil || st.contentType.fixed()
	if !whole || st.breaks != nil || st.address.dynamic != nil || len(st.body.files) > 1 ||
		!st.address.path.fixed() || !st.header.fixed() || !st.body.pieces.fixed() {
		return
	}
	req := new(Request)
	if err := st.render(&Session{}, req); err == nil {
		req.path, req.header, req.body = nil, nil, nil
		st.fixed = req
	}
}
