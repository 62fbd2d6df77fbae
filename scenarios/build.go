package scenarios

import (
	"fmt"
	"net/textproto"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"brink/runner/stats"
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

// root reads the whole file.
func (d *decoder) root(root *node) {
	f, ok := d.keys(root, rootShape)
	if !ok {
		return
	}
	s := d.scenario
	s.Name = d.str(f.get("name"))
	if s.Name == "" {
		base := filepath.Base(d.file)
		s.Name = strings.TrimSuffix(base, filepath.Ext(base))
	}
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

// userClasses reads users, or the one kind that tasks at the top make.
func (d *decoder) userClasses(f fields, set settings) {
	users, tasks := f.get("users"), f.get("tasks")
	switch {
	case users != nil && tasks != nil:
		d.fail(tasks.pos, "give the tasks to one of the users", "there are both users and tasks")
	case users == nil && tasks == nil:
		d.fail(f.node.pos, "add tasks: with at least one request", "the scenario does nothing: it has neither tasks nor users")
	case tasks != nil:
		c := &UserClass{Name: "user", Weight: 1, Wait: d.wait(f.get("wait"), Wait{})}
		d.class(c, f, set)
	default:
		d.classes(f, users, set)
	}
	if len(d.scenario.Users) == 0 && len(d.problems) == 0 {
		d.fail(position{}, "there are other tags, or none are needed", "no task has the tags that are asked for")
	}
}

func (d *decoder) classes(root fields, users *node, set settings) {
	wait := d.wait(root.get("wait"), Wait{})
	if users.kind != kindList {
		d.fail(users.pos, "begin each with - name: …", "users must be a list, not %s", kindWords[users.kind])
		return
	}
	for _, key := range []string{"on_start", "on_stop"} {
		if n := root.get(key); n != nil {
			d.fail(n.pos, "move it to one of the users", "%s stands beside users", key)
		}
	}
	for i, n := range users.items {
		f, ok := d.keys(n, userShape)
		if !ok {
			continue
		}
		c := &UserClass{Name: d.str(f.get("name")), Weight: 1, Wait: d.wait(f.get("wait"), wait)}
		if c.Name == "" {
			c.Name = fmt.Sprintf("users %d", i+1)
		}
		if w := f.get("weight"); w != nil {
			c.Weight = d.whole(w, 0, maxWeight)
		}
		if fixed := f.get("fixed"); fixed != nil {
			if f.get("weight") != nil {
				d.fail(fixed.pos, "keep one of them", "users have either a weight or a fixed number")
			}
			c.Fixed, c.Weight = d.whole(fixed, 1, maxUsers), 0
		}
		if f.get("tasks") == nil {
			d.fail(n.pos, "add tasks: with at least one request", "the users %q do nothing: they have no tasks", c.Name)
			continue
		}
		d.class(c, f, d.settings(f, set))
	}
	if len(d.scenario.Users) > 0 && !slices.ContainsFunc(d.scenario.Users, func(c *UserClass) bool { return c.Weight > 0 || c.Fixed > 0 }) {
		d.fail(users.pos, "give one a weight", "all users have the weight 0")
	}
}

// The bounds of numbers in a file.
const (
	maxWeight = 1_000_000
	maxUsers  = 1_000_000
)

// class reads what one kind of users does. A class that has no task left
// after --tags is left out.
func (d *decoder) class(c *UserClass, f fields, set settings) {
	sc := &scope{data: d.scenario.Data, values: map[string]int{}, env: d.secretEnv, used: map[int]bool{}}
	for _, key := range []string{"on_start", "tasks", "on_stop"} {
		d.slots(f.get(key), sc)
	}
	c.OnStart = d.steps(f.get("on_start"), "on_start", sc, set)
	tasks := f.get("tasks")
	if tasks.kind != kindList {
		d.fail(tasks.pos, "begin each with - get: /path", "tasks must be a list, not %s", kindWords[tasks.kind])
		return
	}
	if len(tasks.items) == 0 {
		d.fail(tasks.pos, "add - get: /path", "the list of tasks is empty")
	}
	for _, n := range tasks.items {
		routes := len(d.scenario.Routes)
		if t := d.task(n, sc, set); t != nil && d.wantedTags(t.Tags) {
			c.Tasks = append(c.Tasks, t)
		} else {
			d.scenario.Routes = d.scenario.Routes[:routes]
		}
	}
	c.OnStop = d.steps(f.get("on_stop"), "on_stop", sc, set)
	c.numValues = len(sc.values)
	for i := range d.scenario.Data {
		if sc.used[i] {
			c.data = append(c.data, i)
		}
	}
	if len(c.Tasks) == 0 {
		return
	}
	if !slices.ContainsFunc(c.Tasks, func(t *Task) bool { return t.Weight > 0 }) {
		d.fail(tasks.pos, "give one a weight", "all tasks have the weight 0")
	}
	d.scenario.Users = append(d.scenario.Users, c)
}

// secretEnv looks up a variable whose value is sent.
func (d *decoder) secretEnv(name string) (string, bool) {
	v, ok := d.env(name)
	if ok {
		d.secret(v)
	}
	return v, ok
}

// wantedTags applies --tags and --exclude-tags.
func (d *decoder) wantedTags(tags []string) bool {
	has := func(wanted []string) bool {
		return slices.ContainsFunc(wanted, func(w string) bool { return slices.Contains(tags, w) })
	}
	if len(d.options.Tags) > 0 && !has(d.options.Tags) {
		return false
	}
	return !has(d.options.ExcludeTags)
}

// slots gives a place to every value that steps within n extract, so that any
// step of the user can name it.
func (d *decoder) slots(n *node, sc *scope) {
	for _, step := range list(n) {
		if step.kind != kindObject {
			continue
		}
		d.slots(step.get("steps"), sc)
		x := step.get("extract")
		if x == nil || x.kind != kindObject {
			continue
		}
		for _, p := range x.pairs {
			switch {
			case !isName(p.key):
				d.fail(p.pos, "letters, digits and _, as in session_id", "%q is no name for a value", p.key)
			case sc.taken(p.key):
				d.fail(p.pos, "choose another name", "%q means something else already", p.key)
			default:
				if _, ok := sc.values[p.key]; !ok {
					sc.values[p.key] = len(sc.values)
				}
			}
		}
	}
}

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

func (d *decoder) task(n *node, sc *scope, set settings) *Task {
	f, ok := d.keys(n, taskShape)
	if !ok {
		return nil
	}
	t := &Task{Name: d.str(f.get("name")), Weight: 1}
	if w := f.get("weight"); w != nil {
		t.Weight = d.whole(w, 0, maxWeight)
	}
	for _, tag := range list(f.get("tags")) {
		t.Tags = append(t.Tags, d.str(tag))
	}
	if steps := f.get("steps"); steps != nil {
		for _, p := range n.pairs {
			if stepShape.has(p.key) && !slices.ContainsFunc(settingKeys(), func(k key) bool { return k.name == p.key }) && p.key != "name" {
				d.fail(p.pos, "move it into a step", "%s stands beside steps", p.key)
			}
		}
		t.Steps = d.steps(steps, "steps", sc, d.settings(f, set))
		if len(steps.items) == 0 && steps.kind == kindList {
			d.fail(steps.pos, "add - get: /path", "the list of steps is empty")
		}
	} else if st := d.step(f, sc, set); st != nil {
		t.Steps = []*Step{st}
	}
	if len(t.Steps) == 0 {
		return nil
	}
	if t.Name == "" {
		t.Name = t.Steps[0].Name
	}
	return t
}

// step reads one request.
func (d *decoder) step(f fields, sc *scope, set settings) *Step {
	method, at := d.method(f)
	if at == nil {
		return nil
	}
	above := set
	set = d.settings(f, set)
	st := &Step{Method: method, Name: d.str(f.get("name")), timeout: set.timeout, redirects: set.redirects, httpVersion: set.version, client: set.client}
	if st.Name == "" {
		st.Name = routeName(at.raw, d.expand(at.raw, at.pos, true))
	}
	st.Route = d.route(stats.Route{Method: method, Name: st.Name})
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

// header compiles a step's headers.
func (d *decoder) header(st *Step, set settings, sc *scope) {
	st.contentType = st.body.contentType
	for _, h := range set.headers {
		if strings.EqualFold(h.name, "Content-Type") {
			if len(st.body.pieces) > 0 || len(st.body.files) > 0 {
				st.contentType = d.template(h.value, sc)
			}
			continue
		}
		st.ownCookie = st.ownCookie || strings.EqualFold(h.name, "Cookie")
		st.header.add(h.name + ": ")
		if h.value == nil {
			st.header.add(h.text)
		} else {
			d.headerValue(st, h.value, sc)
		}
		st.header.add("\r\n")
	}
	d.auth(st, set.auth, sc)
}

// headerValue compiles the value of a header.
func (d *decoder) headerValue(st *Step, n *node, sc *scope) {
	t := d.template(n, sc)
	for _, part := range t.parts {
		if c, ok := part.(*constant); ok && strings.ContainsFunc(string(c.asText), func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }) {
			d.fail(n.pos, "", "the value of a header has a line break or another control character")
			return
		}
	}
	d.note(n, st.header.value(piece{val: t}))
}

// auth compiles the Authorization header. Credentials are secrets even where
// they stand in the file.
func (d *decoder) auth(st *Step, n *node, sc *scope) {
	if n == nil {
		if u := d.scenario.Target.User; u != nil {
			password, _ := u.Password()
			d.basic(st, fixedText(u.Username()+":"+password), nil)
		}
		return
	}
	if n.kind == kindText && n.text == "none" {
		return
	}
	f, ok := d.keys(n, authShape)
	if !ok {
		return
	}
	basic, bearer := f.get("basic"), f.get("bearer")
	if count(basic, bearer) != 1 {
		d.fail(n.pos, "for example { bearer: ${TOKEN} }", "auth needs one of basic or bearer")
		return
	}
	if bearer != nil {
		t := d.template(bearer, sc)
		if c, ok := t.parts0(); ok && len(t.parts) == 1 {
			d.secret(string(c.asText))
		}
		st.header.add("Authorization: Bearer ")
		d.headerValue(st, bearer, sc)
		st.header.add("\r\n")
		return
	}
	t := d.template(basic, sc)
	if c, ok := t.parts0(); ok && len(t.parts) == 1 {
		if !strings.Contains(string(c.asText), ":") {
			d.fail(basic.pos, "write user:password", "basic needs a user and a password")
		}
	}
	d.basic(st, t, basic)
}

func (d *decoder) basic(st *Step, t *template, n *node) {
	if c, ok := t.parts0(); ok && len(t.parts) == 1 {
		d.secret(string(c.asText))
		if _, password, ok := strings.Cut(string(c.asText), ":"); ok {
			d.secret(password)
		}
	}
	whole := textTerm{append: func(u *Session, dst []byte) ([]byte, error) { return t.text(u, dst, nil) }}
	encoded, err := buildBase64([]term{whole})
	if t.fixed() {
		b, _ := t.text(nil, nil, nil)
		encoded, err = buildBase64([]term{newConstant(string(b))})
	}
	if n != nil {
		d.note(n, err)
	}
	st.header.add("Authorization: Basic ")
	_ = st.header.value(piece{val: &template{parts: []term{encoded}, whole: true}}) // text always has text
	st.header.add("\r\n")
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
		text := d.str(item)
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
