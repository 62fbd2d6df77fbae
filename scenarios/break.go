package scenarios

import (
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
)

// breakage is a way to make a request that a target must refuse.
type breakage uint8

const (
	missingField breakage = iota
	wrongType
	nullField
	extraField
	malformedJSON
	truncatedJSON
	emptyBody
	oversized
	wrongContentType
)

// breakWords are the ways as a file writes them.
var breakWords = []string{
	"missing_field", "wrong_type", "null_field", "extra_field", "malformed_json",
	"truncated_json", "empty_body", "oversized", "wrong_content_type",
}

// breaker breaks a step's requests, each in one of its ways.
type breaker struct {
	ways []breakage
	size int // of oversized, in bytes

	once sync.Once // oversized: made at its first use, shared by all users
	big  []byte
	err  error
}

// defaultOversize is larger than what common servers take by default.
const defaultOversize = 2 << 20

// breaks reads how a step's requests are broken.
func (d *decoder) breaks(n *node, b *body) *breaker {
	if n == nil {
		return nil
	}
	br := &breaker{size: defaultOversize}
	ways := n
	if n.kind == kindObject {
		f, ok := d.keys(n, breakShape)
		if !ok {
			return nil
		}
		if ways = f.get("kind"); ways == nil {
			d.fail(n.pos, "for example { kind: oversized, size: 8MiB }", "break needs a kind")
			return nil
		}
		if size := f.get("size"); size != nil {
			br.size = int(d.bytes(size))
			if br.size > maxBody {
				d.fail(size.pos, "", "at most %d bytes can be sent", maxBody)
			}
		}
	}
	for _, w := range list(ways) {
		if i := slices.Index(breakWords, d.oneOf(w, breakWords...)); i >= 0 {
			d.breakable(w, breakage(i), b)
			br.ways = append(br.ways, breakage(i))
		}
	}
	if len(br.ways) == 0 {
		return nil
	}
	return br
}

// breakable reports a way that the body cannot be broken in.
func (d *decoder) breakable(n *node, way breakage, b *body) {
	switch way {
	case missingField, wrongType, nullField, extraField:
		if len(b.fields) == 0 {
			d.fail(n.pos, "give the request json: with an object", "%s needs a json body with fields", breakWords[way])
		}
	case malformedJSON, truncatedJSON:
		if !b.closed {
			d.fail(n.pos, "give the request json: with an object or a list", "%s needs a json body", breakWords[way])
		}
	case wrongContentType:
		if b.contentType == nil {
			d.fail(n.pos, "give the request a body", "%s needs a body", breakWords[way])
		}
	}
}

// into puts a broken body into req, and says whether its content type is to be
// wrong too.
func (br *breaker) into(u *Session, st *Step, req *Request) (wrongContent bool, err error) {
	dst, b := req.body[:0], &st.body
	switch way := br.ways[u.rng.IntN(len(br.ways))]; way {
	case missingField, wrongType, nullField, extraField:
		dst, err = b.renderFields(u, dst, way)
	case malformedJSON:
		if dst, err = b.pieces.render(u, dst); err == nil {
			dst = malform(u, dst)
		}
	case truncatedJSON:
		if dst, err = b.pieces.render(u, dst); err == nil {
			dst = dst[:1+u.rng.IntN(len(dst)-1)]
		}
	case wrongContentType:
		dst, err = b.pieces.render(u, dst)
		wrongContent = true
	case oversized:
		req.Body, err = br.oversize(u, b)
		return false, err
	case emptyBody:
	}
	req.body, req.Body = dst, dst
	return wrongContent, err
}

// renderFields renders a json object with one of its fields broken.
func (b *body) renderFields(u *Session, dst []byte, way breakage) ([]byte, error) {
	broken := u.rng.IntN(len(b.fields))
	dst = append(dst, '{')
	first := true
	for i := range b.fields {
		f := &b.fields[i]
		if way == missingField && i == broken {
			continue
		}
		if !first {
			dst = append(dst, ',')
		}
		first = false
		dst = append(dst, f.key...)
		if way == nullField && i == broken {
			dst = append(dst, "null"...)
			continue
		}
		start := len(dst)
		var err error
		if dst, err = f.value.render(u, dst); err != nil {
			return dst, err
		}
		if way == wrongType && i == broken {
			dst = append(dst[:start], otherType(dst[start:])...)
		}
	}
	if way == extraField {
		dst = append(dst, `,"unexpected_`...)
		for range 6 {
			dst = append(dst, 'a'+byte(u.rng.IntN(26)))
		}
		dst = append(dst, `":"x"`...)
	}
	return append(dst, '}'), nil
}

// otherType is a value of a type that no lenient reader takes for that of
// value: no text of digits for a number.
func otherType(value []byte) string {
	switch {
	case len(value) > 0 && (value[0] == '"' || value[0] == '['):
		return `{"wrong":"type"}`
	case len(value) > 0 && value[0] == '{':
		return `["wrong type"]`
	}
	return `"wrong type"`
}

// malform makes JSON that no parser accepts.
func malform(u *Session, dst []byte) []byte {
	switch u.rng.IntN(3) {
	case 0: // a comma without a value before it
		return slices.Insert(dst, 1, ',')
	case 1: // one bracket too many
		return append(dst, dst[len(dst)-1])
	default: // the wrong bracket closes
		last := &dst[len(dst)-1]
		if *last == '}' {
			*last = ']'
		} else {
			*last = '}'
		}
		return dst
	}
}

// oversize returns the step's oversized body, the same for all users: what
// counts is its size, and a copy a user would cost the generator its memory.
// Its other fields are right, so that only its size is wrong.
func (br *breaker) oversize(u *Session, b *body) ([]byte, error) {
	br.once.Do(func() {
		like := *u // with dice of its own, so that u's stay reproducible
		like.rng = rand.New(rand.NewPCG(0, 0))
		plain, err := b.pieces.render(&like, nil)
		if err != nil {
			br.err = err
			return
		}
		padding := strings.Repeat("x", max(0, br.size-len(plain)))
		switch {
		case len(b.fields) > 0:
			br.big = append(plain[:len(plain)-1], `,"padding":"`+padding+`"}`...)
		case b.closed && plain[0] == '[':
			br.big = append(plain, strings.Repeat(" ", len(padding))...)
		default:
			br.big = append(plain, padding...)
		}
	})
	return br.big, br.err
}
