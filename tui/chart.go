package tui

import (
	"fmt"
	"math"
	"strings"
	"time"

	"charm.land/lipgloss/v2"
	"github.com/guptarohit/asciigraph"

	"brink/runner/stats"
)

// chartRange is how much of the run the charts show.
type chartRange uint8

// The ranges, from short to long.
const (
	lastMinute chartRange = iota
	lastFiveMinutes
	wholeRun
)

// String names the range for a user.
func (r chartRange) String() string {
	return [...]string{"last 60 s", "last 5 min", "whole run"}[r]
}

// frame is the stretch of time a chart shows, with a tick every step.
type frame struct{ from, long, step time.Duration }

// frameAt returns the frame for the moment now. It stands still and moves on
// in jumps of a step, so that from second to second only the newest columns
// change on the screen.
func (r chartRange) frameAt(now time.Duration) frame {
	if r == wholeRun {
		long := time.Minute
		for long < now {
			long *= 2
			if long*3/4 >= now {
				long = long * 3 / 4
			}
		}
		return frame{0, long, long / 6}
	}
	step := 10 * time.Second
	if r == lastFiveMinutes {
		step = time.Minute
	}
	shown := 7 * step
	if r == lastFiveMinutes {
		shown = 6 * step
	}
	from := time.Duration(math.Ceil(float64(now-shown)/float64(step))) * step
	return frame{max(0, from), shown, step}
}

// line is one series of a chart.
type line struct {
	name   string
	note   string    // behind the name, where there is room
	values []float64 // one a column
	top    float64   // its own scale; 0: the chart's
}

// chart is a plot over time with a frame around it.
type chart struct {
	title  string // "latency"
	unit   func(top float64) (name string, by float64)
	lines  []line // at most three, the most important first
	frame  frame
	events []stats.Event
	empty  string // what to say while there is nothing
	least  float64
}

// yAxis is how many cells the labels of the y axis take, and the axis itself.
const yAxis = 7

// draw draws the chart in w by h cells.
func (c *chart) draw(s *styles, w, h int) string {
	top := c.top()
	unit, by := "", 1.0
	if c.unit != nil {
		unit, by = c.unit(top)
	}
	title := c.legend(s, unit, true)
	if lipgloss.Width(title)+2 > w-3 {
		title = c.legend(s, unit, false)
	}
	body := s.dim.Render(c.empty)
	if c.filled() {
		body = c.plot(s, top, by, w-2, h-2)
	} else {
		body = strings.Repeat("\n", max(0, (h-3)/2)) + "  " + body
	}
	return c.rule(s, s.panel(title, body, "", w, h), w)
}

// legend is the chart's title with the names of its lines, and the notes behind
// them.
func (c *chart) legend(s *styles, unit string, notes bool) string {
	text := s.title.Render(c.title + unit)
	for i, l := range c.lines {
		text += " " + s.series(i).Render(s.seriesMarks[i]) + " " + l.name
		if notes && l.note != "" {
			text += " " + l.note
		}
	}
	return text
}

// columnsIn returns how many columns a chart of w cells plots.
func columnsIn(w int) int { return max(1, w-2-yAxis) }

func (c *chart) filled() bool {
	for _, l := range c.lines {
		for _, v := range l.values {
			if !math.IsNaN(v) {
				return true
			}
		}
	}
	return false
}

// top returns the upper end of the y axis: a round number above all values.
func (c *chart) top() float64 {
	top := c.least
	for _, l := range c.lines {
		if l.top == 0 {
			top = max(top, highest(l.values))
		}
	}
	return roundUp(top)
}

func highest(values []float64) float64 {
	top := 0.0
	for _, v := range values {
		if v > top { // never for NaN
			top = v
		}
	}
	return top
}

// roundSteps are the upper ends of an axis that can be halved twice.
var roundSteps = []float64{1, 1.2, 1.6, 2, 2.4, 3, 4, 5, 6, 8, 10}

// roundUp returns the next of roundSteps times a power of ten.
func roundUp(v float64) float64 {
	if v <= 0 {
		return 1
	}
	base := math.Pow(10, math.Floor(math.Log10(v)))
	for _, step := range roundSteps {
		if v <= step*base*1.000001 {
			return step * base
		}
	}
	return 10 * base
}

// plot draws the lines with asciigraph, the last of c.lines undermost.
func (c *chart) plot(s *styles, top, by float64, w, h int) string {
	n := len(c.lines)
	data := make([][]float64, n)
	ink := make([]asciigraph.AnsiColor, n)
	chars := make([]asciigraph.CharSet, n)
	for i, l := range c.lines {
		scale := 1.0
		if l.top > 0 {
			scale = top / l.top
		}
		values := make([]float64, len(l.values), len(l.values)+1)
		for j, v := range l.values {
			values[j] = v * scale / by
		}
		// One more: asciigraph draws the steps between values.
		data[n-1-i] = append(values, math.NaN())
		ink[n-1-i], chars[n-1-i] = s.ink[i], s.lines[i]
	}
	rows := max(1, h-1)
	graph := asciigraph.PlotMany(data,
		asciigraph.Height(rows), asciigraph.LowerBound(0), asciigraph.UpperBound(top/by),
		asciigraph.Offset(2), asciigraph.AxisColor(s.axis), asciigraph.LabelColor(s.scale),
		asciigraph.SeriesColors(ink...), asciigraph.SeriesChars(chars...),
		asciigraph.YAxisValueFormatter(labels(top/by, rows)))
	if s.ascii {
		graph = strings.NewReplacer("┤", "|", "┼", "|").Replace(graph)
	} else {
		graph = strings.ReplaceAll(graph, "┼", "┤")
	}
	return fill(graph, w, h)
}

// labels returns how to write the values of the y axis: the ends and what
// halves or quarters it, five cells wide.
func labels(top float64, rows int) func(float64) string {
	every := rows
	switch {
	case rows%4 == 0 && rows >= 8:
		every = rows / 4
	case rows%2 == 0:
		every = rows / 2
	}
	return func(v float64) string {
		if row := int(math.Round(v / top * float64(rows))); row%every != 0 {
			return "     "
		}
		return fitRight(axisNumber(v), 5)
	}
}

// axisNumber writes a value of the y axis in at most five cells.
func axisNumber(v float64) string {
	switch {
	case v == 0:
		return "0"
	case v >= 1e6:
		return trimZeros(fmt.Sprintf("%.1f", v/1e6)) + "M"
	case v >= 1e4:
		return trimZeros(fmt.Sprintf("%.1f", v/1e3)) + "k"
	case v >= 10:
		return trimZeros(fmt.Sprintf("%.1f", v))
	}
	return trimZeros(fmt.Sprintf("%.2f", v))
}

func trimZeros(s string) string {
	if !strings.Contains(s, ".") {
		return s
	}
	return strings.TrimRight(strings.TrimRight(s, "0"), ".")
}

// milliseconds chooses the unit of a time axis whose values are in ms.
func milliseconds(top float64) (string, float64) {
	switch {
	case top < 1:
		return ", µs", 0.001
	case top >= 10000:
		return ", s", 1000
	}
	return ", ms", 1
}
