package tui

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/charmbracelet/x/ansi"

	"brink/runner/stats"
)

// fit returns s in exactly w cells: cut with an ellipsis or filled with spaces.
// It counts cells, not characters, and leaves styles alone.
func fit(s string, w int) string {
	if w <= 0 {
		return ""
	}
	n := ansi.StringWidth(s)
	if n > w {
		s = ansi.Truncate(s, w, "…")
		n = ansi.StringWidth(s)
	}
	return s + strings.Repeat(" ", max(0, w-n))
}

// fitRight is fit with the text at the right.
func fitRight(s string, w int) string {
	n := ansi.StringWidth(s)
	if n >= w {
		return fit(s, w)
	}
	return strings.Repeat(" ", w-n) + s
}

// fill returns text as exactly h lines of exactly w cells.
func fill(text string, w, h int) string {
	lines := strings.Split(text, "\n")
	out := make([]string, max(0, h))
	for i := range out {
		if i < len(lines) {
			out[i] = fit(lines[i], w)
		} else {
			out[i] = strings.Repeat(" ", max(0, w))
		}
	}
	return strings.Join(out, "\n")
}

// spread puts left and right at the two ends of a line of w cells; where there
// is too little room the left is cut.
func spread(left, right string, w int) string {
	r := ansi.StringWidth(right)
	if r == 0 || r+1 >= w {
		return fit(left, w)
	}
	return fit(left, w-r-1) + " " + right
}

// clean makes one line of text from a target or a file safe to draw.
func clean(s string) string { return stats.Clean(s, 500) }

// count writes a whole number with its thousands apart: "12 345".
func count(n int64) string {
	s := strconv.FormatInt(n, 10)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + " " + s[i:]
	}
	return s
}

// perSecond writes a rate with as many decimals as it deserves.
func perSecond(v float64) string {
	switch {
	case v == 0:
		return "0"
	case v < 0.095:
		return strconv.FormatFloat(v, 'f', 2, 64)
	case v < 9.95:
		return strconv.FormatFloat(v, 'f', 1, 64)
	}
	return count(int64(math.Round(v)))
}

// percent writes a share of n, 0 to 1, as percent.
func percent(part, n int64) string {
	if part == 0 || n == 0 {
		return "0 %"
	}
	switch p := 100 * float64(part) / float64(n); {
	case p < 0.1:
		return "<0.1 %"
	case p < 9.95:
		return strconv.FormatFloat(p, 'f', 1, 64) + " %"
	default:
		return strconv.FormatFloat(p, 'f', 0, 64) + " %"
	}
}

// millis writes a duration in milliseconds with about three digits.
func millis(d time.Duration) string {
	ms := float64(d) / float64(time.Millisecond)
	switch {
	case d <= 0:
		return "0"
	case ms < 0.995:
		return strconv.FormatFloat(ms, 'f', 2, 64)
	case ms < 9.95:
		return strconv.FormatFloat(ms, 'f', 1, 64)
	}
	return count(int64(math.Round(ms)))
}

// size writes a number of bytes.
func size(n float64) string {
	switch {
	case n < 1024:
		return strconv.FormatFloat(n, 'f', 0, 64) + " B"
	case n < 9.95*1024:
		return strconv.FormatFloat(n/1024, 'f', 1, 64) + " KB"
	case n < 1000*1024:
		return strconv.FormatFloat(n/1024, 'f', 0, 64) + " KB"
	}
	return strconv.FormatFloat(n/1024/1024, 'f', 1, 64) + " MB"
}

// clock writes a time since the start as "02:13" or "1:02:13".
func clock(d time.Duration) string {
	s := int64(max(0, d) / time.Second)
	if s >= 3600 {
		return fmt.Sprintf("%d:%02d:%02d", s/3600, s/60%60, s%60)
	}
	return fmt.Sprintf("%02d:%02d", s/60, s%60)
}

// span writes a duration in words as short as they are exact: "90 s", "5 min".
func span(d time.Duration) string {
	switch {
	case d >= time.Hour && d%time.Hour == 0:
		return fmt.Sprintf("%d h", d/time.Hour)
	case d >= 2*time.Minute && d%time.Minute == 0:
		return fmt.Sprintf("%d min", d/time.Minute)
	case d >= 10*time.Second || d%time.Second == 0:
		return fmt.Sprintf("%d s", d.Round(time.Second)/time.Second)
	}
	return strconv.FormatFloat(d.Seconds(), 'f', 1, 64) + " s"
}

// plural returns "1 request", "2 requests".
func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return count(int64(n)) + " " + noun + "s"
}
