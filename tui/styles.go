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
	axis                      asciigraph.AnsiColor
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

// shade is one colour of the palette: a number of the 16 colours, and a tone
// of 256 for a dark and for a light background.
type shade struct{ basic, dark, light uint8 }

var (
	shadeDim    = shade{8, 245, 243}
	shadeFrame  = shade{8, 240, 249}
	shadeBrand  = shade{6, 80, 30}
	shadeGood   = shade{2, 114, 28}
	shadeWarn   = shade{3, 221, 130}
	shadeBad    = shade{1, 203, 160}
	shadeFirst  = shade{6, 80, 31}
	shadeSecond = shade{3, 221, 130}
	shadeThird  = shade{5, 176, 127}
	shadeMark   = shade{4, 111, 25}
	shadeShelf  = shade{7, 237, 254} // behind a selected row
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
	paint := func(c shade) lipgloss.Style { return base.Foreground(lipgloss.ANSIColor(s.tone(c))) }
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
	s.axis = asciigraph.AnsiColor(s.tone(shadeFrame))
}

// tone returns the number of the colour for this terminal.
func (s *styles) tone(c shade) uint8 {
	switch {
	case s.profile <= colorprofile.ANSI:
		return c.basic
	case s.dark:
		return c.dark
	}
	return c.light
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
