package scenarios

import (
	"fmt"
	"regexp"

	"brink/runner/stats"
)

// extraction takes one value out of a response.
type extraction struct {
	name     string
	slot     int
	from     func(u *Session) (any, error)
	fallback any // where there is no value; nil: that is a failure
	needBody bool
}

func (x *extraction) take(u *Session) stats.Failure {
	v, err := x.from(u)
	if err == nil && v == nil {
		err = errNoValue
	}
	if err != nil {
		if x.fallback == nil {
			return unexpected("could not extract %s: %s", x.name, grouped(err))
		}
		v = x.fallback
	}
	u.values[x.slot] = v
	return stats.Failure{}
}

// extracts reads the values that a step takes out of its response; their
// slots were given before.
func (d *decoder) extracts(n *node, sc *scope) []extraction {
	if n == nil {
		return nil
	}
	if n.kind != kindObject {
		d.fail(n.pos, "for example { token: json.token }", "extract must be an object, not %s", kindWords[n.kind])
		return nil
	}
	var out []extraction
	for _, p := range n.pairs {
		if slot, ok := sc.values[p.key]; ok {
			if x, ok := d.extraction(p.key, p.value, sc); ok {
				x.slot = slot
				out = append(out, x)
			}
		}
	}
	return out
}

func (d *decoder) extraction(name string, n *node, sc *scope) (extraction, bool) {
	within := *sc
	within.response = true
	if n.kind != kindObject {
		source := d.expand(d.str(n), n.pos, true)
		return extraction{name: name, from: d.expression(n, source, n.raw, &within).value, needBody: needsBody(source)}, true
	}
	f, ok := d.keys(n, extractShape)
	if !ok {
		return extraction{}, false
	}
	x := extraction{name: name, needBody: true}
	if fallback := f.get("default"); fallback != nil {
		x.fallback = plainValue(fallback)
	}
	value, header, pattern := f.get("value"), f.get("header"), f.get("regex")
	switch given := count(value, header, pattern); {
	case given != 1:
		d.fail(n.pos, "for example { header: X-Token }", "extract needs one of value, header or regex")
		return x, false
	case value != nil:
		x.from = d.expression(value, d.expand(d.str(value), value.pos, true), value.raw, &within).value
	case header != nil:
		wanted := d.str(header)
		x.needBody = false
		x.from = func(u *Session) (any, error) {
			if v, ok := u.view.header(wanted); ok {
				return v, nil
			}
			return nil, fmt.Errorf("there is no header %s", wanted)
		}
	default:
		x.from = d.regex(pattern, f.get("group"))
	}
	return x, true
}

// regex compiles a pattern to search the body for: its first group, or all of
// it where it has none.
func (d *decoder) regex(pattern, group *node) func(u *Session) (any, error) {
	re, err := regexp.Compile(d.str(pattern))
	if err != nil {
		d.fail(pattern.pos, "", "%v", err)
		return nil
	}
	i := min(1, re.NumSubexp())
	if group != nil {
		i = d.whole(group, 0, re.NumSubexp())
	}
	return func(u *Session) (any, error) {
		m := re.FindSubmatch(u.view.resp.Body)
		if m == nil || m[i] == nil {
			return nil, fmt.Errorf("nothing matches %s", re)
		}
		return string(m[i]), nil
	}
}

// count returns how many of nodes are there.
func count(nodes ...*node) int {
	n := 0
	for _, x := range nodes {
		if x != nil {
			n++
		}
	}
	return n
}

// plainValue is a scalar's value without templates.
func plainValue(n *node) any {
	switch n.kind {
	case kindInt, kindFloat:
		if v, err := decodeJSON([]byte(n.text)); err == nil {
			return v
		}
	case kindBool:
		return n.text == "true" || n.text == "True" || n.text == "TRUE"
	}
	return n.text
}
