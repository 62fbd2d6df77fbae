package scenarios

import (
	"bytes"
	"path/filepath"
	"strings"

	"go.yaml.in/yaml/v4"
)

// piece is a part of a request: bytes that are always the same, or a value.
type piece struct {
	lit []byte
	val *template
	put func(dst []byte, from int) []byte // how the value is written; nil: as it is
	js  bool                              // the value is written as JSON
}

// pieces are a part of a request in the making.
type pieces []piece

// add appends literal text.
func (ps *pieces) add(lit string) {
	if n := len(*ps); n > 0 && (*ps)[n-1].val == nil {
		(*ps)[n-1].lit = append((*ps)[n-1].lit, lit...)
		return
	}
	*ps = append(*ps, piece{lit: []byte(lit)})
}

// value appends a value; one that never changes is written now.
func (ps *pieces) value(p piece) error {
	if !p.val.fixed() {
		*ps = append(*ps, p)
		return nil
	}
	b, err := p.render(nil, nil)
	ps.add(string(b))
	return err
}

// join appends all of more.
func (ps *pieces) join(more pieces) {
	for _, p := range more {
		if p.val == nil {
			ps.add(string(p.lit))
		} else {
			*ps = append(*ps, p)
		}
	}
}

// fixed reports whether nothing of it changes.
func (ps pieces) fixed() bool {
	for _, p := range ps {
		if p.val != nil {
			return false
		}
	}
	return true
}

func (p *piece) render(u *Session, dst []byte) ([]byte, error) {
	switch {
	case p.val == nil:
		return append(dst, p.lit...), nil
	case p.js:
		return p.val.json(u, dst)
	}
	return p.val.text(u, dst, p.put)
}

// render appends all pieces.
func (ps pieces) render(u *Session, dst []byte) ([]byte, error) {
	for i := range ps {
		var err error
		if dst, err = ps[i].render(u, dst); err != nil {
			return dst, err
		}
		if len(dst) > maxBody {
			return dst, errTooLarge
		}
	}
	return dst, nil
}

// body is what a step sends.
type body struct {
	pieces      pieces
	fields      []field   // of a json object
	closed      bool      // JSON that begins with a brace or a bracket
	files       [][]byte  // body_file: one of them each time
	contentType *template // nil: none
}

// field is one field of a json object: its quoted key and its value.
type field struct {
	key   []byte
	value pieces
}

// body reads what a step sends: one of json, form, multipart, body, body_file.
func (d *decoder) body(f fields, sc *scope) body {
	var given []string
	for _, kind := range []string{"json", "form", "multipart", "body", "body_file"} {
		if f.node.get(kind) != nil {
			given = append(given, kind)
		}
	}
	if len(given) == 0 {
		return body{}
	}
	n := f.node.get(given[0])
	if len(given) > 1 {
		d.fail(f.node.get(given[1]).pos, "keep one of them", "a request has one body, and %s are given", strings.Join(given, " and "))
	}
	switch given[0] {
	case "json":
		return d.jsonBody(n, sc)
	case "form":
		return d.form(n, sc)
	case "multipart":
		return d.multipart(n, sc)
	case "body":
		b := body{contentType: fixedText("text/plain; charset=utf-8")}
		d.note(n, b.pieces.value(piece{val: d.template(n, sc)}))
		return b
	}
	return d.bodyFile(n)
}

// note reports what went wrong with a value that is known now.
func (d *decoder) note(n *node, err error) {
	if err != nil {
		d.fail(n.pos, "", "%v", err)
	}
}

// fixedText is a template that is plain text.
func fixedText(s string) *template { return &template{parts: []term{newConstant(s)}} }

func (d *decoder) jsonBody(n *node, sc *scope) body {
	b := body{contentType: fixedText("application/json"), closed: n.kind >= kindList}
	if n.kind != kindObject {
		d.json(n, sc, &b.pieces)
		return b
	}
	b.pieces.add("{")
	for i, p := range n.pairs {
		fd := field{key: append(appendQuoted(nil, p.key), ':')}
		d.json(p.value, sc, &fd.value)
		b.fields = append(b.fields, fd)
		if i > 0 {
			b.pieces.add(",")
		}
		b.pieces.add(string(fd.key))
		b.pieces.join(fd.value)
	}
	b.pieces.add("}")
	return b
}

// json compiles n as JSON into ps.
func (d *decoder) json(n *node, sc *scope, ps *pieces) {
	switch n.kind {
	case kindNull:
		ps.add("null")
	case kindBool:
		ps.add(strings.ToLower(n.text))
	case kindInt, kindFloat:
		ps.add(string(d.jsonNumber(n)))
	case kindText:
		d.note(n, ps.value(piece{val: d.template(n, sc), js: true}))
	case kindList:
		ps.add("[")
		for i, item := range n.items {
			if i > 0 {
				ps.add(",")
			}
			d.json(item, sc, ps)
		}
		ps.add("]")
	case kindObject:
		ps.add("{")
		for i, p := range n.pairs {
			if i > 0 {
				ps.add(",")
			}
			ps.add(string(appendQuoted(nil, p.key)))
			ps.add(":")
			d.json(p.value, sc, ps)
		}
		ps.add("}")
	}
}

// jsonNumber writes a number as the file does, if JSON writes it so.
func (d *decoder) jsonNumber(n *node) []byte {
	d.expand(n.raw, n.pos, true)
	if _, err := decodeJSON([]byte(n.text)); err == nil {
		return []byte(n.text)
	}
	var v any
	if err := yaml.Unmarshal([]byte(n.text), &v); err != nil {
		d.fail(n.pos, "", "%s is no number", n.text)
		return nil
	}
	b, err := appendJSON(nil, v)
	d.note(n, err)
	return b
}

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
		t := d.template(value, sc)
		if t.fixed() {
			b, err := t.text(nil, nil, nil)
			d.note(value, err)
			ps.add(string(escapeAll(b, 0)))
			return
		}
		// Literal parts of a value are data too, so the whole of it is escaped.
		d.note(value, ps.value(piece{val: &template{parts: []term{textTerm{append: func(u *Session, dst []byte) ([]byte, error) {
			return t.text(u, dst, nil)
		}}}, whole: true}, put: escapeAll}))
	})
}

// maxFiles bounds, in bytes, what body_file and multipart read of one pattern.
const maxFiles = 256 << 20

// fileContents reads the file a scenario names, or all that a pattern with *
// matches.
func (d *decoder) fileContents(n *node) (contents [][]byte, name string) {
	name = d.str(n)
	if name == "" {
		d.fail(n.pos, "", "the name of a file is needed here")
		return nil, name
	}
	names := []string{name}
	if strings.ContainsAny(name, "*?[") {
		names = d.folder.glob(name)
		if len(names) == 0 {
			d.fail(n.pos, "", "no file matches %s", name)
		}
	}
	total := 0
	for _, one := range names {
		b, err := d.folder.read(one, maxBody)
		if err != nil {
			d.fail(n.pos, "files are looked for beside the scenario", "%s: %s", one, reason(err))
			continue
		}
		if total += len(b); total > maxFiles {
			d.fail(n.pos, "", "the files that match %s have more than %d bytes", name, maxFiles)
			return nil, name
		}
		contents = append(contents, b)
	}
	return contents, name
}

func (d *decoder) bodyFile(n *node) body {
	contents, name := d.fileContents(n)
	return body{files: contents, contentType: fixedText(typeOf(name))}
}

// types are the content types of files, by how their names end.
var types = map[string]string{
	".json": "application/json", ".txt": "text/plain; charset=utf-8", ".csv": "text/csv", ".xml": "application/xml", ".html": "text/html; charset=utf-8",
	".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".png": "image/png", ".gif": "image/gif", ".webp": "image/webp",
	".wav": "audio/wav", ".mp3": "audio/mpeg", ".flac": "audio/flac", ".ogg": "audio/ogg", ".mp4": "video/mp4",
	".pdf": "application/pdf", ".zip": "application/zip", ".gz": "application/gzip",
}

func typeOf(name string) string {
	if t, ok := types[strings.ToLower(filepath.Ext(name))]; ok {
		return t
	}
	return "application/octet-stream"
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
		*ps = append(*ps, piece{val: &template{whole: true, parts: []term{textTerm{append: func(u *Session, dst []byte) ([]byte, error) {
			return append(dst, contents[u.rng.IntN(len(contents))]...), nil
		}}}}})
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

const hexDigits = "0123456789ABCDEF"

// escapeAll percent-encodes dst from from on: all but the unreserved
// characters of RFC 3986.
func escapeAll(dst []byte, from int) []byte {
	return escapeBut(dst, from, func(c byte) bool {
		return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '-' || c == '.' || c == '_' || c == '~'
	})
}

// escapeUnsafe percent-encodes only what cannot stand in an address at all.
func escapeUnsafe(dst []byte, from int) []byte {
	return escapeBut(dst, from, func(c byte) bool {
		return c > ' ' && c < 0x7f && !bytes.ContainsRune([]byte("\"<>\\^`{|}#"), rune(c))
	})
}

func escapeBut(dst []byte, from int, keep func(c byte) bool) []byte {
	i := from
	for i < len(dst) && keep(dst[i]) {
		i++
	}
	if i == len(dst) {
		return dst
	}
	rest := string(dst[i:])
	dst = dst[:i]
	for _, c := range []byte(rest) {
		if keep(c) {
			dst = append(dst, c)
		} else {
			dst = append(dst, '%', hexDigits[c>>4], hexDigits[c&15])
		}
	}
	return dst
}
