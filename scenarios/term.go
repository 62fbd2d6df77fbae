package scenarios

import (
	"fmt"
	"math"
	"strconv"
)

// term is a compiled expression or a constant. text and json append what it
// reads as in text and as a JSON value; neither allocates where it need not.
type term interface {
	value(u *Session) (any, error)
	text(u *Session, dst []byte) ([]byte, error)
	json(u *Session, dst []byte) ([]byte, error)
}

// constant is the same for everybody, always.
type constant struct {
	v        any
	asText   []byte
	asJSON   []byte
	textFail error // where v has no text or JSON form
	jsonFail error
}

func newConstant(v any) *constant {
	c := &constant{v: v}
	c.asText, c.textFail = appendText(nil, v)
	c.asJSON, c.jsonFail = appendJSON(nil, v)
	return c
}

func (c *constant) value(*Session) (any, error) { return c.v, nil }
func (c *constant) text(_ *Session, dst []byte) ([]byte, error) {
	return append(dst, c.asText...), c.textFail
}
func (c *constant) json(_ *Session, dst []byte) ([]byte, error) {
	return append(dst, c.asJSON...), c.jsonFail
}

// intTerm makes whole numbers.
type intTerm func(u *Session) (int, error)

func (f intTerm) value(u *Session) (any, error) { return f(u) }
func (f intTerm) json(u *Session, dst []byte) ([]byte, error) {
	v, err := f(u)
	return strconv.AppendInt(dst, int64(v), 10), err
}
func (f intTerm) text(u *Session, dst []byte) ([]byte, error) { return f.json(u, dst) }

// floatTerm makes numbers, rounded to digits after the point where that is
// not negative.
type floatTerm struct {
	next   func(u *Session) (float64, error)
	digits int
}

func (f floatTerm) value(u *Session) (any, error) {
	v, err := f.next(u)
	if f.digits >= 0 {
		v = math.Round(v*powers[f.digits]) / powers[f.digits]
	}
	return v, err
}

func (f floatTerm) json(u *Session, dst []byte) ([]byte, error) {
	v, err := f.next(u)
	return appendRounded(dst, v, f.digits), err
}
func (f floatTerm) text(u *Session, dst []byte) ([]byte, error) { return f.json(u, dst) }

// maxDigits is how many digits a number can be rounded to.
const maxDigits = 12

var powers = [maxDigits + 1]float64{1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12}

// appendRounded writes v rounded to digits, without trailing zeros. It counts
// in integers where they are exact, which is several times faster than the
// shortest form of a float.
func appendRounded(dst []byte, v float64, digits int) []byte {
	if digits < 0 {
		return appendFloat(dst, v)
	}
	scaled := math.Round(v * powers[digits])
	if math.Abs(scaled) >= 1<<53 || math.IsNaN(scaled) {
		return appendFloat(dst, v)
	}
	n := int64(scaled)
	for digits > 0 && n%10 == 0 {
		n, digits = n/10, digits-1
	}
	if n < 0 {
		dst, n = append(dst, '-'), -n
	}
	unit := int64(powers[digits])
	dst = strconv.AppendInt(dst, n/unit, 10)
	if digits == 0 {
		return dst
	}
	dst = append(dst, '.')
	for rest := n % unit; unit > 1; rest %= unit {
		unit /= 10
		dst = append(dst, byte('0'+rest/unit))
	}
	return dst
}

// textTerm makes text. Text of plain terms needs no escaping in JSON.
type textTerm struct {
	append func(u *Session, dst []byte) ([]byte, error)
	plain  bool
}

func (t textTerm) value(u *Session) (any, error) {
	b, err := t.append(u, nil)
	return string(b), err
}

func (t textTerm) text(u *Session, dst []byte) ([]byte, error) { return t.append(u, dst) }

func (t textTerm) json(u *Session, dst []byte) ([]byte, error) {
	dst = append(dst, '"')
	start := len(dst)
	dst, err := t.append(u, dst)
	if err != nil {
		return dst, err
	}
	if !t.plain {
		dst = escapeFrom(dst, start)
	}
	return append(dst, '"'), nil
}

// anyTerm makes whatever its function returns.
type anyTerm func(u *Session) (any, error)

func (f anyTerm) value(u *Session) (any, error) { return f(u) }

func (f anyTerm) text(u *Session, dst []byte) ([]byte, error) {
	v, err := f(u)
	if err != nil {
		return dst, err
	}
	return appendText(dst, v)
}

func (f anyTerm) json(u *Session, dst []byte) ([]byte, error) {
	v, err := f(u)
	if err != nil {
		return dst, err
	}
	return appendJSON(dst, v)
}

// whole returns what makes t's value as a whole number, the nearest one to a
// fraction.
func whole(t term) func(u *Session) (int, error) {
	if t, ok := t.(intTerm); ok {
		return t
	}
	return as(t, toInt)
}

// real returns what makes t's value as a number.
func real(t term) func(u *Session) (float64, error) {
	if t, ok := t.(floatTerm); ok && t.digits < 0 {
		return t.next
	}
	return as(t, toFloat)
}

// as returns what makes t's value as to has it; a constant's is made now.
func as[T any](t term, to func(v any) (T, error)) func(u *Session) (T, error) {
	if c, ok := t.(*constant); ok {
		v, err := to(c.v)
		return func(*Session) (T, error) { return v, err }
	}
	return func(u *Session) (T, error) {
		v, err := t.value(u)
		if err != nil {
			var none T
			return none, err
		}
		return to(v)
	}
}

func toInt(v any) (int, error) {
	f, err := toFloat(v)
	if err != nil {
		return 0, err
	}
	if math.IsNaN(f) || math.Abs(f) > 1<<53 {
		return 0, fmt.Errorf("%v is no whole number that can be used", v)
	}
	return int(math.Round(f)), nil
}

func toFloat(v any) (float64, error) {
	switch v := v.(type) {
	case int:
		return float64(v), nil
	case int64:
		return float64(v), nil
	case float64:
		return v, nil
	case nil:
		return 0, fmt.Errorf("a number is needed, and there is nothing")
	case string:
		return 0, fmt.Errorf("a number is needed, not the text %q; int(…) or float(…) makes one of text", short(v, 40))
	}
	return 0, fmt.Errorf("a number is needed, not %s", typeWord(v))
}

// isConstant reports whether all terms are constants.
func isConstant(terms ...term) bool {
	for _, t := range terms {
		if _, ok := t.(*constant); !ok {
			return false
		}
	}
	return true
}
