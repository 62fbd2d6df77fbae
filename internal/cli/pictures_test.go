package cli

import (
	"bytes"
	"flag"
	"fmt"
	"html"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/hinshun/vt10x"
)

var pictures = flag.String("pictures", "", "draw the README's pictures of the real program into this folder")

// TestPictures drives `brink demo` as its user would and draws what the
// terminal shows:
//
//	go test ./internal/cli -run Pictures -pictures ../../.github/pictures
func TestPictures(t *testing.T) {
	if *pictures == "" {
		t.Skip("pictures are drawn with -pictures FOLDER")
	}
	for _, look := range []look{dark, light} {
		t.Run(look.name, func(t *testing.T) {
			t.Parallel()
			drawSession(t, look)
		})
	}
}

// drawSession walks up by hand until the target breaks, and draws two views.
func drawSession(t *testing.T, look look) {
	tm := open(t, t.TempDir(), 120, 36, "brink", "demo")
	tm.press(look.answer)
	tm.sees("running")
	for _, users := range []string{"20", "50", "80", "110", "150"} {
		tm.press("u" + users + "\r")
		tm.after(11 * time.Second)
	}
	draw(t, tm, look, "live")
	tm.press("4")
	tm.sees("It holds")
	draw(t, tm, look, "levels")
	tm.press("qq")
	tm.ends()
}

// after lets the session go on for a while, as a person watches it.
func (tm *terminal) after(d time.Duration) {
	tm.t.Helper()
	select {
	case <-time.After(d):
	case <-tm.ended:
		tm.t.Fatalf("it ended; the screen shows\n%s", tm.screen)
	}
}

// look is a background and the colours on it.
type look struct {
	name, answer           string // what a terminal says when asked for its background
	background, foreground string
}

var (
	dark  = look{"dark", "\x1b]11;rgb:1212/1212/1818\a", "#121218", "#d8d8d8"}
	light = look{"light", "\x1b]11;rgb:ffff/ffff/ffff\a", "#ffffff", "#202020"}
)

const cellWidth, cellHeight = 8.4, 17

// draw writes the screen as an SVG.
func draw(t *testing.T, tm *terminal, look look, view string) {
	t.Helper()
	tm.screen.Lock()
	columns, lines := tm.screen.Size()
	var b bytes.Buffer
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %.0f %d" font-family="ui-monospace,'DejaVu Sans Mono',Menlo,Consolas,monospace" font-size="14">`+"\n",
		float64(columns)*cellWidth+16, lines*cellHeight+16)
	fmt.Fprintf(&b, `<rect width="100%%" height="100%%" rx="8" fill="%s"/>`+"\n", look.background)
	for y := range lines {
		drawLine(&b, tm.screen, look, y, columns)
	}
	tm.screen.Unlock()
	b.WriteString("</svg>\n")
	path := filepath.Join(*pictures, view+"-"+look.name+".svg")
	if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}

// drawLine draws runs of cells that look the same.
func drawLine(b *bytes.Buffer, screen vt10x.Terminal, look look, y, columns int) {
	for x := 0; x < columns; {
		first, from := screen.Cell(x, y), x
		var text strings.Builder
		for x < columns && same(screen.Cell(x, y), first) {
			text.WriteRune(max(screen.Cell(x, y).Char, ' '))
			x++
		}
		if first.Mode&attrBold != 0 && first.FG == 8 {
			first.FG = 0 // the emulator brightens bold black, which our styles do not mean
		}
		fg, bg := colour(first.FG, look.foreground), colour(first.BG, look.background)
		left, width, top := 8+float64(from)*cellWidth, float64(x-from)*cellWidth, 8+y*cellHeight
		if bg != look.background {
			fmt.Fprintf(b, `<rect x="%.1f" y="%d" width="%.1f" height="%d" fill="%s"/>`, left, top, width, cellHeight, bg)
		}
		if strings.TrimSpace(text.String()) != "" {
			weight := ""
			if first.Mode&attrBold != 0 {
				weight = ` font-weight="bold"`
			}
			fmt.Fprintf(b, `<text x="%.1f" y="%d" fill="%s"%s textLength="%.1f" xml:space="preserve">%s</text>`+"\n",
				left, top+13, fg, weight, width, html.EscapeString(text.String()))
		}
	}
}

// attrBold is the emulator's bit for bold text.
const attrBold = 1 << 2

func same(a, b vt10x.Glyph) bool { return a.FG == b.FG && a.BG == b.BG && a.Mode == b.Mode }

// colour returns a colour of the 256 as a terminal shows it.
func colour(c vt10x.Color, otherwise string) string {
	basic := [16]string{"#1b1b1b", "#cd3131", "#0dbc79", "#b5a000", "#2472c8", "#bc3fbc", "#11a8cd", "#c5c5c5",
		"#767676", "#f14c4c", "#23d18b", "#d7ba00", "#3b8eea", "#d670d6", "#29b8db", "#f5f5f5"}
	switch {
	case c < 16:
		return basic[c]
	case c < 232:
		steps := [6]int{0, 95, 135, 175, 215, 255}
		n := int(c) - 16
		return fmt.Sprintf("#%02x%02x%02x", steps[n/36], steps[n/6%6], steps[n%6])
	case c < 256:
		grey := 8 + 10*(int(c)-232)
		return fmt.Sprintf("#%02x%02x%02x", grey, grey, grey)
	case c >= vt10x.DefaultFG:
		return otherwise
	}
	return fmt.Sprintf("#%06x", int(c))
}
