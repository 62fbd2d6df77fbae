package scenarios

import (
	"path/filepath"
	"slices"
	"strings"
	"time"

	"brink/runner/stats"
)

// root reads the whole file.
func (d *decoder) root(root *node) {
	f, ok := d.keys(root, rootShape)
	if !ok {
		return
	}
	s := d.scenario
	d.target(f.get("target"), root)
	for _, h := range list(f.get("allow_hosts")) {
		if host := d.str(h); host == "" || strings.ContainsAny(host, "/@ ") {
			d.fail(h.pos, "for example api.example.org or 127.0.0.1:8001", "%q is no host", short(host, 60))
		} else {
			s.AllowHosts = append(s.AllowHosts, host)
		}
	}
	d.data(f.get("data"))
	set := d.settings(f, defaultSettings())
	d.userClasses(f, set)
	d.ready(f.get("ready"), set)
	d.profiles(f.get("profiles"), f.get("profile"))
	d.thresholds(f.get("thresholds"))
	if s.Name = d.name(f.get("name")); s.Name == "" {
		base := filepath.Base(d.file)
		s.Name = strings.TrimSuffix(base, filepath.Ext(base))
	}
	// The password is in the requests, and must be nowhere else.
	plain := *s.Target
	plain.User = nil
	s.Target = &plain
}

// target reads where the requests go. Later parts need one, so a broken one
// becomes a harmless one.
func (d *decoder) target(n, root *node) {
	s := d.scenario
	raw, pos := d.options.Target, root.pos
	if raw == "" && n != nil {
		raw, pos = d.str(n), n.pos
	} else if n != nil {
		// What is wrong with a target that is not used is nobody's problem.
		d.problems = slices.DeleteFunc(d.problems, func(p Problem) bool { return p.Line == n.pos.line && p.Column == n.pos.column })
	}
	message, hint := "the scenario has no target", "add target: http://127.0.0.1:8000, or give --target"
	if raw != "" {
		s.Target, message, hint = parseTarget(strings.TrimSpace(raw))
	}
	if message != "" {
		if d.options.Target != "" {
			pos, message = position{}, "--target: "+message
		}
		d.fail(pos, hint, "%s", message)
		s.Target, _, _ = parseTarget("http://127.0.0.1")
	}
	if u := s.Target.User; u != nil {
		if password, ok := u.Password(); ok {
			d.secret(password)
		}
	}
}

// ready reads the gate.
func (d *decoder) ready(n *node, set settings) {
	if n == nil {
		return
	}
	if n.kind != kindObject { // ready: /health
		n = &node{kind: kindObject, pos: n.pos, pairs: []pair{{"get", n.pos, n}}}
	}
	f, ok := d.keys(n, readyShape)
	if !ok {
		return
	}
	r := &Ready{Timeout: 60 * time.Second, Every: 500 * time.Millisecond}
	if t := f.get("timeout"); t != nil {
		r.Timeout = d.duration(t)
	}
	if e := f.get("every"); e != nil {
		r.Every = max(d.duration(e), 10*time.Millisecond)
	}
	// A step, but for its timeout, which is the gate's; its route is none of
	// the load's.
	plain := &node{kind: kindObject, pos: n.pos}
	for _, p := range n.pairs {
		if p.key != "timeout" && p.key != "every" {
			plain.pairs = append(plain.pairs, p)
		}
	}
	set.timeout = min(max(r.Timeout, time.Second), readyTimeout)
	routes := len(d.scenario.Routes)
	sc := &scope{values: map[string]int{}, env: d.secretEnv}
	if r.Step = d.step(fields{plain}, sc, set); r.Step == nil {
		return
	}
	d.scenario.Routes = d.scenario.Routes[:routes]
	r.Step.Route = -1
	d.scenario.Ready = r
}

// thresholds reads what must hold.
func (d *decoder) thresholds(n *node) {
	for _, item := range list(n) {
		text := d.mask(d.str(item))
		t, err := stats.ParseThreshold(text)
		if err != nil {
			d.fail(item.pos, "for example p95 < 500ms, or error_rate of \"search\" < 1%", "%v", err)
			continue
		}
		if t.Route != "" && !d.hasRoute(t.Route) {
			var names []string
			for _, r := range d.scenario.Routes {
				names = append(names, r.Name)
			}
			if len(d.options.Tags)+len(d.options.ExcludeTags) == 0 {
				d.fail(item.pos, suggest(t.Route, names), "no route is called %q", t.Route)
			}
			continue
		}
		d.scenario.Thresholds = append(d.scenario.Thresholds, t)
	}
}

func (d *decoder) hasRoute(name string) bool {
	return slices.ContainsFunc(d.scenario.Routes, func(r stats.Route) bool { return r.Name == name || r.String() == name })
}
