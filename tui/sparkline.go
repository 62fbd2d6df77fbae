package tui

import (
	"math"
	"strings"

	"github.com/charmbracelet/x/ansi"
)

// sparkline draws values as bars in w cells, the latest at the right. The
// highest fills its cell.
func sparkline(s *styles, values []float64, w int) string {
	if len(values) > w {
		values = values[len(values)-w:]
	}
	top := highest(values)
	var b strings.Builder
	for _, v := range values {
		i := 0
		if top > 0 {
			i = int(math.Round(v / top * float64(len(s.glyph.spark)-1)))
		}
		b.WriteString(s.glyph.spark[i])
	}
	return b.String() + strings.Repeat(" ", max(0, w-ansi.StringWidth(b.String())))
}
