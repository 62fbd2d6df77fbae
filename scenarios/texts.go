package scenarios

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strings"
	"sync/atomic"
)

// amount makes text of so many parts: at least least, at most limit.
func amount(name string, n term, least, limit int, plain func(u *Session, dst []byte, n int) []byte) (term, error) {
	next := whole(n)
	if c, ok := n.(*constant); ok {
		if v, err := toInt(c.v); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		} else if v < least || v > limit {
			return nil, fmt.Errorf("%s: %d is out of range, %d to %d", name, v, least, limit)
		}
	}
	return textTerm{func(u *Session, dst []byte) ([]byte, error) {
		v, err := next(u)
		if err != nil {
			return dst, fmt.Errorf("%s: %w", name, err)
		}
		// A distribution may reach below what makes sense; that is no mistake.
		v = max(v, least)
		if v > limit {
			return dst, fmt.Errorf("%s: %d is out of range, %d to %d", name, v, least, limit)
		}
		if err := u.spend(1 + v/4); err != nil {
			return dst, err
		}
		return plain(u, dst, v), nil
	}, true}, nil
}

func buildSentence(args []term) (term, error) {
	n := term(newConstant(8))
	if len(args) == 1 {
		n = args[0]
	}
	return amount("sentence", n, 1, maxText/16, func(u *Session, dst []byte, n int) []byte { return appendSentence(dst, u.rng, n) })
}

func buildWords(args []term) (term, error) {
	return amount("words", args[0], 1, maxText/16, func(u *Session, dst []byte, n int) []byte { return appendWords(dst, u.rng, n) })
}

func buildText(args []term) (term, error) {
	return amount("text", args[0], 0, maxText, func(u *Session, dst []byte, n int) []byte { return appendCharacters(dst, u.rng, n) })
}

func buildUUID([]term) (term, error) {
	return textTerm{func(u *Session, dst []byte) ([]byte, error) {
		var b [16]byte
		hi, lo := u.rng.Uint64(), u.rng.Uint64()
		for i := range 8 {
			b[i], b[8+i] = byte(hi>>(8*i)), byte(lo>>(8*i))
		}
		b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
		var out [36]byte
		hex.Encode(out[:8], b[:4])
		hex.Encode(out[9:13], b[4:6])
		hex.Encode(out[14:18], b[6:8])
		hex.Encode(out[19:23], b[8:10])
		hex.Encode(out[24:], b[10:])
		out[8], out[13], out[18], out[23] = '-', '-', '-', '-'
		return append(dst, out[:]...), nil
	}, true}, nil
}

// maxCounters bounds how many names seq can be asked for.
const maxCounters = 10_000

func buildSeq(args []term) (term, error) {
	if len(args) == 0 {
		return intTerm(func(u *Session) (int, error) { return int(u.run.count.Add(1)), nil }), nil
	}
	return intTerm(func(u *Session) (int, error) {
		v, err := args[0].value(u)
		if err != nil {
			return 0, err
		}
		name, ok := v.(string)
		if !ok {
			return 0, fmt.Errorf("seq: the name must be text, not %s", typeWord(v))
		}
		c, known := u.run.counters.Load(name)
		if !known {
			if u.run.numCounters.Add(1) > maxCounters {
				return 0, fmt.Errorf("seq: more than %d names", maxCounters)
			}
			c, _ = u.run.counters.LoadOrStore(strings.Clone(name), new(atomic.Int64))
		}
		return int(c.(*atomic.Int64).Add(1)), nil
	}), nil
}

func buildBase64(args []term) (term, error) {
	t := textTerm{func(u *Session, dst []byte) ([]byte, error) {
		start := len(dst)
		dst, err := args[0].text(u, dst)
		if err != nil {
			return dst, fmt.Errorf("base64: %w", err)
		}
		plain := string(dst[start:])
		return base64.StdEncoding.AppendEncode(dst[:start], []byte(plain)), nil
	}, true}
	if isConstant(args...) {
		b, err := t.append(nil, nil)
		return newConstant(string(b)), err
	}
	return t, nil
}
