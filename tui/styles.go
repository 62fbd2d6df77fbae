package tui

import (
	"strings"

	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/colorprofile"
	"github.com/guptarohit/asciigraph"

	"brink/runner/stats"
)

// styles are how everything looks, for one terminal: its colours, its
// background and whether it can draw more than ASCII. No meaning rests on
// colour alone: there is always a word, a mark or a kind of line too.
type styles struct {
	dark    bool
	profile colorprofile.Profile
	ascii   bool

	plain, dim, bold, brand   lipgloss.Style
	good, warn, bad           lipgloss.Style
	border, title, key        lipgloss.Style
	selected, tab, tabOn      lipgloss.Style
	head, headOn, field, mark lipgloss.Style
	first, second, third      lipgloss.Style // the three series of a chart
	ink                       []asciigraph.AnsiColor
	axis, scale               asciigraph.AnsiColor // a chart's axis, and the numbers on it
	lines                     []asciigraph.CharSet
	box                       lipgloss.Border
	glyph                     glyphs
	seriesMarks               [3]string // how the three series' lines look in a legend
}

// glyphs are the signs beside letters.
type glyphs struct {
	running, paused, stopping, done, waiting  string
	warning, mark, selected, arrow, times     string
	up, down                                  string
	barOn, barOff, barLeft, barRight          string
	ellipsis, dot, dash, updown, sides, shift string
	spark                                     []string
}

// newStyles returns the styles for a terminal.
func newStyles(profile colorprofile.Profile, dark, ascii bool) *styles {
	s := &styles{dark: dark, profile: profile, ascii: ascii}
	s.signs()
	s.colours()
	return s
}

// signs chooses between Unicode and ASCII.
func (s *styles) signs() {
	if s.ascii {
		s.box = lipgloss.ASCIIBorder()
		s.lines = []asciigraph.CharSet{asciigraph.CreateCharSet("."), asciigraph.CreateCharSet("+"), asciigraph.CreateCharSet("#")}
		s.seriesMarks = [3]string{"..", "++", "##"}
		s.glyph = glyphs{
			running: "*", paused: "=", stopping: "o", done: "#", waiting: "o",
			warning: "!", mark: "^", selected: ">", arrow: "->", times: "x",
			up: "^", down: "v",
			barOn: "#", barOff: ".", barLeft: "[", barRight: "]",
			ellipsis: "...", dot: "-", dash: "-", updown: "up/dn", sides: "<- ->", shift: "shift ",
			spark: strings.Split("_.-~=+*#", ""),
		}
		return
	}
	s.box = lipgloss.RoundedBorder()
	s.lines = []asciigraph.CharSet{asciigraph.DefaultCharSet, heavyLine, doubleLine}
	s.seriesMarks = [3]string{"──", "━━", "══"}
	s.glyph = glyphs{
		running: "●", paused: "‖", stopping: "◌", done: "■", waiting: "◌",
		warning: "▲", mark: "▲", selected: "▸", arrow: "→", times: "×",
		up: "▲", down: "▼",
		barOn: "█", barOff: "░", barLeft: "▕", barRight: "▏",
		ellipsis: "…", dot: "·", dash: "–", updown: "↑↓", sides: "←→", shift: "⇧",
		spark: strings.Split("▁▂▃▄▅▆▇", ""),
	}
}

// The second and third series of a chart are drawn in other lines, so that
// they can be told apart without colour.
var (
	heavyLine = asciigraph.CharSet{
		Horizontal: "━", VerticalLine: "┃", ArcDownRight: "┏", ArcDownLeft: "┓",
		ArcUpRight: "┗", ArcUpLeft: "┛", EndCap: "╸", StartCap: "╺",
	}
	doubleLine = asciigraph.CharSet{
		Horizontal: "═", VerticalLine: "║", ArcDownRight: "╔", ArcDownLeft: "╗",
		ArcUpRight: "╚", ArcUpLeft: "╝", EndCap: "═", StartCap: "═",
	}
)

// shade is one colour of the palette, for a dark background and for a light one.
type shade struct{ dark, light tones }

// tones are the numbers of a colour among 16 and among 256.
type tones struct{ of16, of256 uint8 }

// Every terminal theme sets its 16 colours as it likes. Yellow and cyan can
// seldom be read on white; bright black, the only grey, is the background itself
// in some themes and is not used: what is dim is faint there.
var (
	shadeBrand  = shade{tones{6, 80}, tones{4, 30}}
	shadeGood   = shade{tones{2, 114}, tones{2, 28}}
	shadeWarn   = shade{tones{3, 221}, tones{5, 130}}
	shadeBad    = shade{tones{1, 203}, tones{1, 160}}
	shadeFirst  = shade{tones{6, 80}, tones{4, 31}}
	shadeSecond = shade{tones{3, 221}, tones{1, 130}}
	shadeThird  = shade{tones{5, 176}, tones{5, 127}}
	shadeMark   = shade{tones{6, 111}, tones{4, 25}}

	shadeDim   = shade{tones{0, 245}, tones{0, 243}}
	shadeFrame = shade{tones{0, 240}, tones{0, 249}}
	shadeShelf = shade{tones{0, 237}, tones{0, 254}} // behind a selected row
)

// colours chooses the colours, or none.
func (s *styles) colours() {
	base := lipgloss.NewStyle()
	s.plain, s.bold = base, base.Bold(true)
	if s.profile <= colorprofile.ASCII {
		s.dim, s.border, s.mark = base, base, base
		s.brand, s.title, s.key, s.tabOn = s.bold, s.bold, s.bold, base.Reverse(true)
		s.good, s.warn, s.bad = base, s.bold, s.bold
		s.selected, s.tab, s.head, s.headOn = base.Reverse(true), base, base, s.bold
		s.field = s.bold
		s.first, s.second, s.third = base, base, base
		s.ink = []asciigraph.AnsiColor{asciigraph.Default, asciigraph.Default, asciigraph.Default}
		return
	}
	paint := func(c shade) lipgloss.Style {
		if s.tone(c) == 0 {
			return base.Faint(true)
		}
		return base.Foreground(lipgloss.ANSIColor(s.tone(c)))
	}
	s.dim, s.border = paint(shadeDim), paint(shadeFrame)
	s.brand, s.title, s.key = paint(shadeBrand).Bold(true), s.bold, paint(shadeBrand)
	s.good, s.warn, s.bad = paint(shadeGood), paint(shadeWarn).Bold(true), paint(shadeBad).Bold(true)
	s.mark = paint(shadeMark).Bold(true)
	s.tab, s.tabOn = paint(shadeDim), paint(shadeBrand).Bold(true).Reverse(true)
	s.head, s.headOn = paint(shadeDim), s.bold
	s.field = s.bold
	s.selected = base.Reverse(true)
	if s.profile > colorprofile.ANSI {
		s.selected = base.Background(lipgloss.ANSIColor(s.tone(shadeShelf))).Bold(true)
	}
	s.first, s.second, s.third = paint(shadeFirst), paint(shadeSecond), paint(shadeThird)
	s.ink = []asciigraph.AnsiColor{asciigraph.AnsiColor(s.tone(shadeFirst)), asciigraph.AnsiColor(s.tone(shadeSecond)), asciigraph.AnsiColor(s.tone(shadeThird))}
	s.axis, s.scale = asciigraph.AnsiColor(s.tone(shadeFrame)), asciigraph.AnsiColor(s.tone(shadeDim))
}

// tone returns the number of the colour for this terminal, 0 where it has none
// to rely on.
func (s *styles) tone(c shade) uint8 {
	t := c.light
	if s.dark {
		t = c.dark
	}
	if s.profile <= colorprofile.ANSI {
		return t.of16
	}
	return t.of256
}

// series returns the style of the i-th series of a chart.
func (s *styles) series(i int) lipgloss.Style {
	return [...]lipgloss.Style{s.first, s.second, s.third}[i]
}

// verdict returns the verdict's word in its colour.
func (s *styles) verdict(g stats.Grade) string {
	switch g {
	case stats.Valid:
		return s.good.Render(g.String())
	case stats.Degraded:
		return s.warn.Render(g.String())
	}
	return s.bad.Render(g.String())
}

// panel draws a frame of w by h cells with a title, which may be styled, in
// its upper edge and a note in its lower one around body.
func (s *styles) panel(title, body, note string, w, h int) string {
	if w < 4 || h < 2 {
		return fill(body, w, h)
	}
	b, edge := s.box, s.border.Render
	var out strings.Builder
	out.WriteString(s.rim(b.TopLeft, b.Top, b.TopRight, title, w))
	for _, line := range strings.Split(fill(body, w-2, h-2), "\n") {
		if h == 2 {
			break
		}
		out.WriteString("\n" + edge(b.Left) + line + edge(b.Right))
	}
	out.WriteString("\n" + s.rim(b.BottomLeft, b.Bottom, b.BottomRight, note, w))
	return out.String()
}

// rim draws the upper or lower edge of a panel with text in it.
func (s *styles) rim(left, line, right, text string, w int) string {
	if text == "" {
		return s.border.Render(left + strings.Repeat(line, w-2) + right)
	}
	text = " " + text + " "
	n := lipgloss.Width(text)
	if n > w-3 {
		text = fit(text, w-3)
		n = w - 3
	}
	return s.border.Render(left) + text + s.border.Render(strings.Repeat(line, w-2-n)+right)
}
