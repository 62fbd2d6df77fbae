package scenarios

import (
	"path/filepath"
	"strings"

	"go.yaml.in/yaml/v4"
)

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
