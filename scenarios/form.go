package scenarios

import (
	"path/filepath"
	"strings"
)

// pairsOf reads an object of values, of which some may be lists, and calls
// each with every name and single value. Nothing is left out.
func (d *decoder) pairsOf(n *node, what string, each func(name string, value *node)) {
	if n == nil {
		return
	}
	if n.kind != kindObject {
		d.fail(n.pos, "write name: value", "%s must be an object, not %s", what, kindWords[n.kind])
		return
	}
	for _, p := range n.pairs {
		for _, v := range list(p.value) {
			if v.kind != kindNull {
				each(p.key, v)
			}
		}
	}
}

// form compiles application/x-www-form-urlencoded.
func (d *decoder) form(n *node, sc *scope) body {
	b := body{contentType: fixedText("application/x-www-form-urlencoded")}
	d.query(n, "form", sc, &b.pieces, "")
	return b
}

// query compiles name=value&… into ps; first stands before the first.
func (d *decoder) query(n *node, what string, sc *scope, ps *pieces, first string) {
	between := first
	d.pairsOf(n, what, func(name string, value *node) {
		ps.add(between)
		ps.add(string(escapeAll([]byte(name), 0)))
		ps.add("=")
		between = "&"
		// Literal parts of a value are data too, so the whole of it is escaped.
		d.note(value, ps.value(piece{val: valueOf(d.template(value, sc).asText()), put: escapeAll}))
	})
}

// boundary parts multipart bodies. It is fixed, so that requests can be.
const boundary = "brink-7MA4YWxkTrZu0gW9qHc2-boundary"

// multipart compiles multipart/form-data (RFC 7578).
func (d *decoder) multipart(n *node, sc *scope) body {
	b := body{contentType: fixedText("multipart/form-data; boundary=" + boundary)}
	d.pairsOf(n, "multipart", func(name string, value *node) {
		b.pieces.add("--" + boundary + "\r\nContent-Disposition: form-data; name=\"" + quoteName(name) + `"`)
		if value.kind != kindObject {
			b.pieces.add("\r\n\r\n")
			d.note(value, b.pieces.value(piece{val: d.template(value, sc)}))
		} else {
			d.part(value, sc, &b.pieces)
		}
		b.pieces.add("\r\n")
	})
	b.pieces.add("--" + boundary + "--\r\n")
	return b
}

// part compiles one part of a multipart body that is an object.
func (d *decoder) part(n *node, sc *scope, ps *pieces) {
	f, ok := d.keys(n, partShape)
	if !ok {
		return
	}
	file, value := f.get("file"), f.get("value")
	if count(file, value) != 1 {
		d.fail(n.pos, "for example { file: cat.jpg }", "a part needs one of file or value")
		return
	}
	var contents [][]byte
	filename, contentType := d.str(f.get("filename")), d.str(f.get("type"))
	if file != nil {
		var name string
		contents, name = d.fileContents(file)
		if filename == "" {
			filename = filepath.Base(name)
		}
		if contentType == "" {
			contentType = typeOf(name)
		}
	}
	if filename != "" {
		ps.add(`; filename="` + quoteName(filename) + `"`)
	}
	if contentType != "" {
		ps.add("\r\nContent-Type: " + cleanHeader(contentType))
	}
	ps.add("\r\n\r\n")
	switch {
	case file == nil:
		d.note(value, ps.value(piece{val: d.template(value, sc)}))
	case len(contents) == 1:
		ps.add(string(contents[0]))
	case len(contents) > 1:
		*ps = append(*ps, piece{val: valueOf(textTerm{append: func(u *Session, dst []byte) ([]byte, error) {
			return append(dst, contents[u.rng.IntN(len(contents))]...), nil
		}})})
	}
}

// quoteName escapes a name for Content-Disposition as browsers do.
func quoteName(name string) string {
	return strings.NewReplacer(`"`, "%22", "\r", "%0D", "\n", "%0A").Replace(name)
}

// cleanHeader takes line breaks out of a header's value.
func cleanHeader(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return -1
		}
		return r
	}, s)
}
