package scenarios

import (
	"math/rand/v2"
	"strings"
)

// vocabulary is 256 words, so that a byte of randomness picks one.
var vocabulary = strings.Fields(`
able about above accept across act add after again age ago agree air all allow alone along also always among
amount animal answer any appear apple area arm around arrive art ask autumn away baby back bag ball band bank
base basket be bear beauty become bed before begin behind believe below best better between bird black blue board boat
body book both bottle bottom box boy branch bread break bridge bright bring brother brown build burn busy buy cabin
cake call calm camera can candle captain car care carry case castle cat catch cause center certain chair chance change
chapter chart check cheese child choice circle city class clean clear climb clock close cloth cloud coast coat coffee cold
color come common compare complete consider contain cook cool copper corner cost cotton could count country course cousin cover cream
create cross crowd culture cup current cut dance dark data daughter day dear decide deep degree deliver depend desert design
detail develop dinner direct distance divide doctor dog door double down draw dream dress drink drive drop dry during dust each
early earth east easy edge effect egg eight either electric else empty end energy engine enjoy enough enter equal evening event
every exact example except expect experience explain express eye face fact fair fall family famous far farm fast father favor feather
feel field figure fill final find fine finger finish fire first fish flag flat floor flour flower
follow food forest form forward fresh friend front fruit future garden gate gentle giant gift glass
`)[:256]

// appendWords writes n words with spaces between them. One draw gives eight
// words.
func appendWords(dst []byte, r *rand.Rand, n int) []byte {
	var bits uint64
	for i := range n {
		if i > 0 {
			dst = append(dst, ' ')
		}
		if i%8 == 0 {
			bits = r.Uint64()
		}
		dst = append(dst, vocabulary[byte(bits)]...)
		bits >>= 8
	}
	return dst
}

// appendSentence writes n words, the first capitalised, with a full stop.
func appendSentence(dst []byte, r *rand.Rand, n int) []byte {
	start := len(dst)
	dst = appendWords(dst, r, n)
	if len(dst) == start {
		return dst
	}
	dst[start] -= 'a' - 'A'
	return append(dst, '.')
}

// appendCharacters writes words of n characters in all.
func appendCharacters(dst []byte, r *rand.Rand, n int) []byte {
	end := len(dst) + n
	for len(dst) < end {
		dst = append(appendWords(dst, r, min(8, (end-len(dst)+1)/2+1)), ' ')
	}
	dst = dst[:end]
	if n > 0 && dst[end-1] == ' ' {
		dst[end-1] = 's'
	}
	return dst
}
