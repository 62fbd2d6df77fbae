package scenarios

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"sync"

	"github.com/go-json-experiment/json/jsontext"
)

// jsonReader reads one text of JSON (RFC 8259), nested at most 10000 deep, from
// front to end.
type jsonReader struct {
	jsontext.Decoder
	text bytes.Buffer // which the decoder reads without a copy
}

// jsonReaders are used again: their memory is more than most texts have. One
// that waits holds on to the text it read last.
var jsonReaders = sync.Pool{New: func() any { return new(jsonReader) }}

// openJSON begins to read text; close what it returns.
func openJSON(text []byte) *jsonReader {
	r := jsonReaders.Get().(*jsonReader)
	r.text = *bytes.NewBuffer(text)
	r.Reset(&r.text, jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	return r
}

func (r *jsonReader) close() { jsonReaders.Put(r) }

// decodeJSON reads one JSON value: whole numbers that fit as int, others as
// float64, lists as []any, objects as map[string]any. Of a key that is there
// twice the last counts; bytes that are no UTF-8 become U+FFFD. An error says
// what is wrong and at which byte, from 0.
func decodeJSON(text []byte) (any, error) {
	r := openJSON(text)
	defer r.close()
	v, err := r.value()
	if err = r.end(err); err != nil {
		return nil, err
	}
	return v, nil
}

// checkObject says what is wrong with text that has to be a JSON object.
func checkObject(text []byte) (message string) {
	r := openJSON(text)
	defer r.close()
	kind := r.PeekKind()
	if err := r.end(r.SkipValue()); err != nil {
		return err.Error()
	}
	if kind != '{' {
		return "it is no JSON object"
	}
	return ""
}

// value decodes the next value.
func (r *jsonReader) value() (any, error) {
	switch r.PeekKind() {
	case '{':
		m := map[string]any{}
		return m, r.each(func(int) error {
			key, err := r.ReadToken()
			if err != nil {
				return err
			}
			name := key.String() // the token holds until the next read
			m[name], err = r.value()
			return err
		})
	case '[':
		list := []any{}
		err := r.each(func(int) error {
			v, err := r.value()
			list = append(list, v)
			return err
		})
		return list, err
	case '0':
		raw, err := r.ReadValue()
		if err != nil {
			return nil, err
		}
		return numberOf(raw)
	}
	token, err := r.ReadToken()
	switch token.Kind() {
	case '"':
		return token.String(), err
	case 't', 'f':
		return token.Bool(), err
	}
	return nil, err
}

// each reads the list or object that is next: member has to read its i-th item,
// or key and value.
func (r *jsonReader) each(member func(i int) error) error {
	_, err := r.ReadToken()
	for i := 0; err == nil; i++ {
		switch r.PeekKind() {
		case '}', ']':
			_, err = r.ReadToken()
			return err
		}
		err = member(i)
	}
	return err
}

// numberOf is the value of a JSON number.
func numberOf(raw []byte) (any, error) {
	if string(raw) != "-0" && !bytes.ContainsAny(raw, ".eE") { // no int is -0
		if n, err := strconv.Atoi(string(raw)); err == nil {
			return n, nil
		}
	}
	f, err := strconv.ParseFloat(string(raw), 64)
	if err != nil {
		return nil, errors.New("a number is too large")
	}
	return f, nil
}

// end looks that nothing follows the value, if that was read without err, and
// says in plain words what is wrong.
func (r *jsonReader) end(err error) error {
	at := r.InputOffset()
	if err == nil {
		if _, err = r.ReadToken(); err == io.EOF {
			return nil
		}
		err = errors.New("something follows the value")
	}
	if syntax, ok := errors.AsType[*jsontext.SyntacticError](err); ok {
		err, at = syntax.Err, syntax.ByteOffset
	}
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		err = errors.New("it ends too early")
	}
	return fmt.Errorf("it is not JSON: %w at byte %d", err, at)
}
