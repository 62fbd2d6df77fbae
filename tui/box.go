package tui

import (
	"strings"

	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/x/ansi"
)

// overlay draws a box over the middle of a screen of w by h cells.
func overlay(under, box string, w, h int) string {
	bw, bh := lipgloss.Size(box)
	x, y := max(0, (w-bw)/2), max(0, (h-bh)/2)
	text := lipgloss.NewCompositor(lipgloss.NewLayer(under), lipgloss.NewLayer(box).X(x).Y(y).Z(1)).Render()
	return fill(text, w, h)
}

// wrap breaks text into lines of at most w cells, each begun with indent.
func wrap(text string, w int, indent string) []string {
	lines := strings.Split(ansi.Wrap(text, max(1, w-lipgloss.Width(indent)), " "), "\n")
	for i := range lines {
		lines[i] = indent + lines[i]
	}
	return lines
}

// hints draws the footer: keys and what they do, as many as fit.
func hints(s *styles, w int, list ...hint) string {
	parts := make([]part, len(list))
	for i, k := range list {
		parts[i] = part{text: s.key.Render(k.key) + " " + s.dim.Render(k.text), less: k.less}
	}
	return fit(" "+join("  ", w-2, parts...), w)
}
