package scenarios

import (
	"strings"
)

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
		if token, all := d.template(bearer, sc).literal(); all {
			d.secret(token)
		}
		st.header.add("Authorization: Bearer ")
		d.headerValue(st, bearer, sc)
		st.header.add("\r\n")
		return
	}
	t := d.template(basic, sc)
	if user, all := t.literal(); all && !strings.Contains(user, ":") {
		d.fail(basic.pos, "write user:password", "basic needs a user and a password")
	}
	d.basic(st, t, basic)
}

func (d *decoder) basic(st *Step, t *template, n *node) {
	if user, all := t.literal(); all {
		d.secret(user)
		if _, password, ok := strings.Cut(user, ":"); ok {
			d.secret(password)
		}
	}
	encoded, err := buildBase64([]term{t.asText()})
	if n != nil {
		d.note(n, err)
	}
	st.header.add("Authorization: Basic ")
	_ = st.header.value(piece{val: valueOf(encoded)}) // text always has text
	st.header.add("\r\n")
}
