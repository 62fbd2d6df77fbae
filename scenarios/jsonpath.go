package scenarios

import (
	"bytes"
	"errors"
	"unicode/utf8"

	"github.com/expr-lang/expr/ast"
)

// jsonPath is `json.a.b[0]`: a part of the response's JSON. It is read out of
// the body's bytes without decoding the rest, which may be megabytes of
// numbers; the rest must be JSON all the same. Its steps are keys of objects
// (string) and indices into lists (int).
type jsonPath []any

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
			return append(p, property.Value), true
		case *ast.IntegerNode:
			return append(p, property.Value), property.Value >= 0
		}
	}
	return nil, false
}

// in returns the value that p leads to in a body; nil where an object lacks
// the last key.
func (p jsonPath) in(body []byte) (any, error) { return p.read(body, (*jsonReader).value) }

// lenIn returns how many members the list or object has that p leads to, or
// characters the text.
func (p jsonPath) lenIn(body []byte) (any, error) {
	n, err := p.read(body, (*jsonReader).length)
	if n == nil && err == nil {
		err = errors.New("nothing has no length")
	}
	return n, err
}

// read has last read what p leads to in a body.
func (p jsonPath) read(body []byte, last func(r *jsonReader) (any, error)) (any, error) {
	if len(bytes.TrimSpace(body)) == 0 {
		return nil, errEmptyBody
	}
	r := openJSON(body)
	defer r.close()
	v, err := r.find(p, last)
	if r.end(err) != nil {
		return nil, errNotJSON
	}
	if err, ok := v.(error); ok {
		return nil, err
	}
	return v, nil
}

// find reads the next value, all of it, and returns what last reads where p
// ends. A value that is an error says why there is none in what is JSON.
func (r *jsonReader) find(p jsonPath, last func(r *jsonReader) (any, error)) (found any, err error) {
	if len(p) == 0 {
		return last(r)
	}
	key, isKey := p[0].(string)
	index, isIndex := p[0].(int)
	if kind := r.PeekKind(); isKey && kind != '{' || isIndex && kind != '[' {
		return errNoValue, r.SkipValue()
	}
	if isIndex || len(p) > 1 {
		found = errNoValue
	}
	err = r.each(func(i int) error {
		here := isIndex && i == index
		if isKey {
			name, err := r.ReadToken()
			if err != nil {
				return err
			}
			here = name.String() == key
		}
		if !here {
			return r.SkipValue()
		}
		var err error
		found, err = r.find(p[1:], last)
		return err
	})
	return found, err
}

// length reads the next value and returns its length, nil of null. A list is
// counted without being decoded: it may be long.
func (r *jsonReader) length() (any, error) {
	if r.PeekKind() == '[' {
		n := 0
		err := r.each(func(int) error {
			n++
			return r.SkipValue()
		})
		return n, err
	}
	v, err := r.value()
	switch v := v.(type) {
	case string:
		return utf8.RuneCountInString(v), err
	case map[string]any:
		return len(v), err
	case nil:
		return nil, err
	}
	return errors.New("only text, lists and objects have a length"), err
}
