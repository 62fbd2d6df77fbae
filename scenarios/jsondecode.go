package scenarios

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// maxJSONDepth bounds nesting in JSON that a target sent.
const maxJSONDepth = 200

// decodeJSON reads one JSON value: whole numbers as int, others as float64,
// lists as []any, objects as map[string]any.
func decodeJSON(src []byte) (any, error) {
	r := jsonReader{src: src}
	v, err := r.value(0)
	if err != nil {
		return nil, err
	}
	if r.space(); r.i < len(src) {
		return nil, r.fail("something follows the value")
	}
	return v, nil
}

// jsonReader reads JSON (RFC 8259) from front to end.
type jsonReader struct {
	src []byte
	i   int
}

func (r *jsonReader) fail(message string) error {
	return fmt.Errorf("it is not JSON: %s at byte %d", message, r.i)
}

func (r *jsonReader) space() {
	for r.i < len(r.src) {
		switch r.src[r.i] {
		case ' ', '\t', '\n', '\r':
			r.i++
		default:
			return
		}
	}
}

// peek returns the next byte that is no space, 0 at the end.
func (r *jsonReader) peek() byte {
	r.space()
	if r.i < len(r.src) {
		return r.src[r.i]
	}
	return 0
}

func (r *jsonReader) value(depth int) (any, error) {
	switch c := r.peek(); {
	case c == '{':
		return r.object(depth)
	case c == '[':
		return r.list(depth)
	case c == '"':
		return r.text()
	case c == '-' || c >= '0' && c <= '9':
		return r.number()
	case c == 't':
		return true, r.word("true")
	case c == 'f':
		return false, r.word("false")
	case c == 'n':
		return nil, r.word("null")
	case c == 0 && r.i >= len(r.src):
		return nil, r.fail("it ends too early")
	}
	return nil, r.fail("a value is missing")
}

func (r *jsonReader) word(w string) error {
	if string(r.src[r.i:min(len(r.src), r.i+len(w))]) != w {
		return r.fail("an unknown word")
	}
	r.i += len(w)
	return nil
}

func (r *jsonReader) object(depth int) (any, error) {
	if depth >= maxJSONDepth {
		return nil, r.fail("it is nested too deep")
	}
	m := map[string]any{}
	r.i++
	if r.peek() == '}' {
		r.i++
		return m, nil
	}
	for {
		if r.peek() != '"' {
			return nil, r.fail("a key is missing")
		}
		key, err := r.text()
		if err != nil {
			return nil, err
		}
		if r.peek() != ':' {
			return nil, r.fail("a colon is missing")
		}
		r.i++
		if m[key], err = r.value(depth + 1); err != nil {
			return nil, err
		}
		switch r.peek() {
		case ',':
			r.i++
		case '}':
			r.i++
			return m, nil
		default:
			return nil, r.fail("a comma or a brace is missing")
		}
	}
}

func (r *jsonReader) list(depth int) (any, error) {
	if depth >= maxJSONDepth {
		return nil, r.fail("it is nested too deep")
	}
	list := []any{}
	r.i++
	if r.peek() == ']' {
		r.i++
		return list, nil
	}
	for {
		v, err := r.value(depth + 1)
		if err != nil {
			return nil, err
		}
		list = append(list, v)
		switch r.peek() {
		case ',':
			r.i++
		case ']':
			r.i++
			return list, nil
		default:
			return nil, r.fail("a comma or a bracket is missing")
		}
	}
}

// number reads a number.
func (r *jsonReader) number() (any, error) {
	start := r.i
	fraction, err := r.digitsOf()
	if err != nil {
		return nil, err
	}
	text := string(r.src[start:r.i])
	if !fraction && text != "-0" { // which no int is
		if n, err := strconv.Atoi(text); err == nil {
			return n, nil
		}
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return nil, r.fail("a number is too large")
	}
	return f, nil
}

// digitsOf passes over a number as RFC 8259 writes it, and says whether it has
// a fraction or an exponent.
func (r *jsonReader) digitsOf() (fraction bool, err error) {
	if r.src[r.i] == '-' {
		r.i++
	}
	switch {
	case r.i < len(r.src) && r.src[r.i] == '0':
		r.i++
	case r.digits() == 0:
		return false, r.fail("a digit is missing")
	}
	if r.i < len(r.src) && r.src[r.i] == '.' {
		r.i++
		if fraction = true; r.digits() == 0 {
			return false, r.fail("a digit is missing")
		}
	}
	if r.i < len(r.src) && r.src[r.i]|0x20 == 'e' {
		r.i++
		if r.i < len(r.src) && (r.src[r.i] == '+' || r.src[r.i] == '-') {
			r.i++
		}
		if fraction = true; r.digits() == 0 {
			return false, r.fail("a digit is missing")
		}
	}
	return fraction, nil
}

func (r *jsonReader) digits() int {
	start := r.i
	for r.i < len(r.src) && r.src[r.i] >= '0' && r.src[r.i] <= '9' {
		r.i++
	}
	return r.i - start
}

var errJSONText = errors.New("a broken text")

// text reads a JSON string.
func (r *jsonReader) text() (string, error) {
	start := r.i + 1
	for i := start; i < len(r.src); i++ {
		switch c := r.src[i]; {
		case c == '"':
			r.i = i + 1
			return strings.ToValidUTF8(string(r.src[start:i]), "\ufffd"), nil
		case c == '\\':
			return r.escaped(start, i)
		case c < ' ':
			r.i = i
			return "", r.fail("a control character in a text")
		}
	}
	r.i = len(r.src)
	return "", r.fail("a text never ends")
}

// escaped reads the rest of a string that has an escape at i.
func (r *jsonReader) escaped(start, i int) (string, error) {
	out := append([]byte(nil), r.src[start:i]...)
	for i < len(r.src) {
		c := r.src[i]
		switch {
		case c == '"':
			r.i = i + 1
			return strings.ToValidUTF8(string(out), "\ufffd"), nil
		case c < ' ':
			r.i = i
			return "", r.fail("a control character in a text")
		case c != '\\':
			out = append(out, c)
			i++
			continue
		}
		char, size, err := escape(r.src[i:])
		if err != nil {
			r.i = i
			return "", r.fail("an unknown escape")
		}
		out = utf8.AppendRune(out, char)
		i += size
	}
	r.i = len(r.src)
	return "", r.fail("a text never ends")
}

// escape reads one escape: the character and how many bytes it took.
func escape(src []byte) (rune, int, error) {
	if len(src) < 2 {
		return 0, 0, errJSONText
	}
	switch src[1] {
	case '"', '\\', '/':
		return rune(src[1]), 2, nil
	case 'b':
		return '\b', 2, nil
	case 'f':
		return '\f', 2, nil
	case 'n':
		return '\n', 2, nil
	case 'r':
		return '\r', 2, nil
	case 't':
		return '\t', 2, nil
	case 'u':
		first, err := hex4(src)
		if err != nil {
			return 0, 0, err
		}
		if utf16.IsSurrogate(first) {
			if second, err := hex4(src[6:]); err == nil {
				if both := utf16.DecodeRune(first, second); both != utf8.RuneError {
					return both, 12, nil
				}
			}
			return utf8.RuneError, 6, nil
		}
		return first, 6, nil
	}
	return 0, 0, errJSONText
}

func hex4(src []byte) (rune, error) {
	if len(src) < 6 || src[0] != '\\' || src[1] != 'u' {
		return 0, errJSONText
	}
	n, err := strconv.ParseUint(string(src[2:6]), 16, 16)
	return rune(n), err
}
