package tui

import (
	"strings"

	"github.com/charmbracelet/x/ansi"
)

// plainSigns are ASCII stand-ins, as wide as the sign, for what is drawn
// outside the glyphs of the styles.
var plainSigns = map[rune]byte{
	'…': '.', '·': '-', '×': 'x', '→': '>', '←': '<', '↑': '^', '↓': 'v', '≤': '<', '≥': '>',
	'–': '-', '—': '-', '“': '"', '”': '"', '’': '\'', 'µ': 'u', '│': '|', '─': '-', '┤': '|',
	'╴': '-', '╶': '-', '▌': '|', '\u00a0': ' ', '±': '+',
}

// toASCII replaces all that is not ASCII in text, cell for cell: for terminals
// whose locale knows nothing else.
func toASCII(text string) string {
	if strings.IndexFunc(text, func(r rune) bool { return r > 126 }) < 0 {
		return text
	}
	var b strings.Builder
	for _, r := range text {
		switch sign, known := plainSigns[r]; {
		case r <= 126:
			b.WriteRune(r)
		case known:
			b.WriteByte(sign)
		default:
			b.WriteString(strings.Repeat("?", ansi.StringWidth(string(r))))
		}
	}
	return b.String()
}
