package scenarios

import (
	"bytes"
	"errors"
	"unicode/utf8"

	"github.com/expr-lang/expr/ast"
)

// jsonPath is `json.a.b[0]`: a part of the response's JSON. It is read out of
// the body's bytes without decoding the rest, which may be megabytes of
// numbers; the rest must be JSON all the same.
type jsonPath []pathStep

// pathStep is a key, or an index where key is empty.
type pathStep struct {
	key   string
	index int
	isKey bool
}

var errNoValue = errors.New("there is no such value")

// jsonPathOf reads a chain of members that begins with json; nil where n is
// none.
func jsonPathOf(n ast.Node) (jsonPath, bool) {
	switch n := n.(type) {
	case *ast.IdentifierNode:
		return nil, n.Value == "json"
	case *ast.MemberNode:
		p, ok := jsonPathOf(n.Node)
		if !ok || n.Optional || n.Method {
			return nil, false
		}
		switch property := n.Property.(type) {
		case *ast.StringNode:
			return append(p, pathStep{key: property.Value, isKey: true}), true
		case *ast.IntegerNode:
			return append(p, pathStep{index: property.Value}), property.Value >= 0
		}
	}
	return nil, false
}

// raw returns the bytes of the value, nil where an object lacks the last key.
func (p jsonPath) raw(u *Session) ([]byte, error) {
	body := u.view.resp.Body
	if len(bytes.TrimSpace(body)) == 0 {
		return nil, errEmptyBody
	}
	r := jsonReader{src: body}
	found, err := r.find(p, 0)
	if err == nil {
		if r.space(); r.i < len(body) {
			err = errNotJSON
		}
	}
	switch {
	case errors.Is(err, errNoValue):
		// The rest of the body may not even be JSON; that says more.
		if _, err := decodeJSON(body); err != nil {
			return nil, errNotJSON
		}
		return nil, err
	case err != nil:
		return nil, errNotJSON
	}
	return found, nil
}

func (p jsonPath) value(u *Session) (any, error) {
	raw, err := p.raw(u)
	if raw == nil || err != nil {
		return nil, err
	}
	return decodeJSON(raw)
}

func (p jsonPath) json(u *Session, dst []byte) ([]byte, error) {
	v, err := p.value(u)
	if err != nil {
		return dst, err
	}
	return appendJSON(dst, v)
}

func (p jsonPath) text(u *Session, dst []byte) ([]byte, error) {
	v, err := p.value(u)
	if err != nil {
		return dst, err
	}
	return appendText(dst, v)
}

// find reads the next value and returns the bytes of what path leads to in it;
// nil where the last key is not there.
func (r *jsonReader) find(path jsonPath, depth int) ([]byte, error) {
	c := r.peek()
	start := r.i
	switch {
	case len(path) == 0:
		err := r.skip(depth)
		return r.src[start:r.i], err
	case c == '{' && path[0].isKey:
		return r.findKey(path, depth)
	case c == '[' && !path[0].isKey:
		return r.findIndex(path, depth)
	}
	return nil, errNoValue
}

func (r *jsonReader) findKey(path jsonPath, depth int) (found []byte, err error) {
	missing := len(path) > 1
	err = r.each('}', depth, func() error {
		key, err := r.key()
		if err != nil {
			return err
		}
		if string(key) != path[0].key {
			return r.skip(depth + 1)
		}
		missing = false
		found, err = r.find(path[1:], depth+1) // of a key that is there twice the last counts
		return err
	})
	if err == nil && missing {
		err = errNoValue
	}
	return found, err
}

func (r *jsonReader) findIndex(path jsonPath, depth int) (found []byte, err error) {
	i, missing := 0, true
	err = r.each(']', depth, func() error {
		i++
		if i-1 != path[0].index {
			return r.skip(depth + 1)
		}
		missing = false
		found, err = r.find(path[1:], depth+1)
		return err
	})
	if err == nil && missing {
		err = errNoValue
	}
	return found, err
}

// each calls f at the beginning of every member of the list or object that
// comes next.
func (r *jsonReader) each(end byte, depth int, f func() error) error {
	if depth >= maxJSONDepth {
		return errNotJSON
	}
	r.i++
	if r.peek() == end {
		r.i++
		return nil
	}
	for {
		if err := f(); err != nil {
			return err
		}
		switch r.peek() {
		case ',':
			r.i++
		case end:
			r.i++
			return nil
		default:
			return errNotJSON
		}
	}
}

// key reads a key and its colon.
func (r *jsonReader) key() ([]byte, error) {
	if r.peek() != '"' {
		return nil, errNotJSON
	}
	start := r.i + 1
	for i := start; i < len(r.src); i++ {
		switch c := r.src[i]; {
		case c == '"':
			r.i = i + 1
			return r.src[start:i], r.colon()
		case c == '\\' || c < ' ' || c >= utf8.RuneSelf:
			key, err := r.text()
			if err != nil {
				return nil, err
			}
			return []byte(key), r.colon()
		}
	}
	return nil, errNotJSON
}

func (r *jsonReader) colon() error {
	if r.peek() != ':' {
		return errNotJSON
	}
	r.i++
	return nil
}

// skip reads the next value and keeps nothing of it.
func (r *jsonReader) skip(depth int) error {
	switch c := r.peek(); c {
	case '{':
		return r.each('}', depth, func() error {
			if r.peek() != '"' {
				return errNotJSON
			}
			if err := r.skipText(); err != nil {
				return err
			}
			if err := r.colon(); err != nil {
				return err
			}
			return r.skip(depth + 1)
		})
	case '[':
		return r.each(']', depth, func() error { return r.skip(depth + 1) })
	case '"':
		return r.skipText()
	case 't':
		return r.word("true")
	case 'f':
		return r.word("false")
	case 'n':
		return r.word("null")
	default:
		if c != '-' && (c < '0' || c > '9') {
			return errNotJSON
		}
		_, err := r.digitsOf()
		return err
	}
}

// skipText reads a string; one with an escape is looked at more closely.
func (r *jsonReader) skipText() error {
	for i := r.i + 1; i < len(r.src); i++ {
		switch c := r.src[i]; {
		case c == '"':
			r.i = i + 1
			return nil
		case c == '\\':
			_, err := r.text()
			return err
		case c < ' ':
			return errNotJSON
		}
	}
	return errNotJSON
}

// count returns how many members the next list or object has, or characters
// the next text.
func (r *jsonReader) count() (int, error) {
	n := 0
	switch r.peek() {
	case '[':
		err := r.each(']', 0, func() error { n++; return r.skip(1) })
		return n, err
	case '"':
		text, err := r.text()
		return utf8.RuneCountInString(text), err
	case '{':
		v, err := r.object(0) // keys may be there twice
		m, _ := v.(map[string]any)
		return len(m), err
	}
	return 0, errors.New("only text, lists and objects have a length")
}
