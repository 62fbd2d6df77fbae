package scenarios

import (
	"bytes"
)

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
