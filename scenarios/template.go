package scenarios

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// template is text with values in it. One without values is a constant.
type template struct {
	parts []term
	whole bool // one expression and nothing else: it keeps its type
}

// valueOf is the template of one value and nothing else.
func valueOf(t term) *template { return &template{parts: []term{t}, whole: true} }

// asText is the template as a value: its text, of which nothing is literal.
func (t *template) asText() term {
	if t.fixed() {
		b, err := t.text(nil, nil, nil)
		if err != nil {
			return &constant{textFail: err, jsonFail: err}
		}
		return newConstant(string(b))
	}
	return textTerm{append: func(u *Session, dst []byte) ([]byte, error) { return t.text(u, dst, nil) }}
}

// literal returns the text that the template begins with, and whether that is
// all of it.
func (t *template) literal() (text string, all bool) {
	if len(t.parts) == 0 {
		return "", false
	}
	c, ok := t.parts[0].(*constant)
	if !ok {
		return "", false
	}
	return string(c.asText), len(t.parts) == 1
}

// fixed reports whether the template always gives the same.
func (t *template) fixed() bool { return isConstant(t.parts...) }

// text appends the template's text, each value as put writes it; put nil: as
// it is.
func (t *template) text(u *Session, dst []byte, put func(dst []byte, from int) []byte) ([]byte, error) {
	for i, p := range t.parts {
		start := len(dst)
		var err error
		if dst, err = p.text(u, dst); err != nil {
			return dst, err
		}
		// Literal parts are constants at even places; see split.
		if put != nil && (i%2 == 1 || t.whole) {
			dst = put(dst, start)
		}
	}
	return dst, nil
}

// json appends the template as a JSON value.
func (t *template) json(u *Session, dst []byte) ([]byte, error) {
	if t.whole {
		return t.parts[0].json(u, dst)
	}
	dst = append(dst, '"')
	start := len(dst)
	dst, err := t.text(u, dst, nil)
	if err != nil {
		return dst, err
	}
	return append(escapeFrom(dst, start), '"'), nil
}

// template compiles the text of n, with the environment's secrets noted. It
// never returns nil.
func (d *decoder) template(n *node, sc *scope) *template {
	if n == nil {
		return &template{}
	}
	if n.kind >= kindList {
		d.fail(n.pos, "", "text is needed here, not %s", kindWords[n.kind])
		return &template{}
	}
	pieces, err := split(n.raw)
	if err != nil {
		d.fail(d.within(n, err), "write {{ expression }}", "%s", err.Error())
		return &template{}
	}
	t := &template{whole: len(pieces) == 3 && pieces[0] == "" && pieces[2] == ""}
	if t.whole {
		pieces = pieces[1:2]
	}
	for i, piece := range pieces {
		// The environment goes in here, piece by piece: a value with braces in
		// it is text, not an expression.
		if text := d.expand(piece, n.pos, true); i%2 == 0 && !t.whole {
			t.parts = append(t.parts, newConstant(text))
		} else {
			t.parts = append(t.parts, d.expression(n, text, piece, sc))
		}
	}
	return t
}

// expression compiles one expression of n; written is how the file has it.
func (d *decoder) expression(n *node, source, written string, sc *scope) term {
	t, err := sc.compile(source)
	if err == nil {
		return t
	}
	var e *expressionError
	if !errors.As(err, &e) {
		e = &expressionError{message: err.Error()}
	}
	at := d.locate(n, written)
	if at != n.pos && source == written {
		at.column += e.offset
	}
	d.fail(at, e.hint, "%s", e.message)
	return newConstant("")
}

// locate finds where text of n stands in the file: in one of the lines from
// n's on. It is n's place where that cannot be seen.
func (d *decoder) locate(n *node, text string) position {
	if text == "" {
		return n.pos
	}
	for line := n.pos.line; line > 0 && line <= len(d.lines) && line < n.pos.line+200; line++ {
		source, from := d.lines[line-1], 0
		if line == n.pos.line {
			from = len(string([]rune(source)[:min(n.pos.column-1, utf8.RuneCountInString(source))]))
		}
		if i := strings.Index(source[from:], text); i >= 0 {
			return position{line, utf8.RuneCountInString(source[:from+i]) + 1}
		}
	}
	return n.pos
}

// within is the place of a template's own mistake.
func (d *decoder) within(n *node, err error) position {
	var e *expressionError
	if errors.As(err, &e) {
		return d.locate(n, string([]rune(n.raw)[e.offset:min(e.offset+8, utf8.RuneCountInString(n.raw))]))
	}
	return n.pos
}

// split cuts text at its expressions: literal, expression, literal and so on,
// so that expressions are at odd places. Braces and quotes within an
// expression are its own.
func split(text string) ([]string, error) {
	var pieces []string
	offset := 0
	for {
		i := strings.Index(text, "{{")
		if i < 0 {
			return append(pieces, text), nil
		}
		n := endOf(text[i+2:])
		if n < 0 {
			return nil, &expressionError{
				offset:  offset + utf8.RuneCountInString(text[:i]),
				message: fmt.Sprintf("%q has no closing }}", short(text[i:], 40)),
			}
		}
		pieces = append(pieces, text[:i], strings.TrimSpace(text[i+2:i+2+n]))
		offset += utf8.RuneCountInString(text[:i+n+4])
		text = text[i+n+4:]
	}
}

// endOf returns where the }} that ends an expression is, -1 if there is none.
func endOf(text string) int {
	depth, quote := 0, byte(0)
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case quote != 0:
			if c == '\\' && quote != '`' {
				i++
			} else if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'' || c == '`':
			quote = c
		case c == '{':
			depth++
		case c == '}' && depth > 0:
			depth--
		case c == '}' && strings.HasPrefix(text[i:], "}}"):
			return i
		}
	}
	return -1
}
