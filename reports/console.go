package reports

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"brink/runner/stats"
)

// Console returns a Reporter of plain text for the end of a run: the table of
// routes with percentiles, the failures, the thresholds and the verdict.
// Colours are used only if wanted, and carry no meaning alone. In a width of
// so many columns (0: there is no bound) the table of routes leaves the less
// asked for of its columns out, and long texts are wrapped.
func Console(colours bool, width int) Reporter {
	return func(w io.Writer, rec *Record) error {
		res, err := rec.Result()
		if err != nil {
			return err
		}
		p := &paper{colours: colours, width: width}
		p.heading(res)
		p.routes(res)
		p.arrivals(res)
		p.levels(res)
		p.failures(res)
		p.thresholds(res.Thresholds)
		p.verdict(res)
		_, err = io.WriteString(w, p.String())
		return err
	}
}

// paper is where the text grows.
type paper struct {
	strings.Builder
	colours bool
	width   int // columns; 0: no bound
}

// The colours, of the 16 that every terminal has.
const (
	bold   = "\x1b[1m"
	red    = "\x1b[31m"
	green  = "\x1b[32m"
	yellow = "\x1b[33m"
	plain  = "\x1b[0m"
)

func (p *paper) paint(colour, s string) string {
	if !p.colours {
		return s
	}
	return colour + s + plain
}

func (p *paper) line(format string, args ...any) { fmt.Fprintf(p, format+"\n", args...) }

// prose writes a text, wrapped between words where it is too wide.
func (p *paper) prose(indent, format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	if p.width > 0 {
		text = ansi.Wrap(text, max(minText, p.width-len(indent)), "")
	}
	for line := range strings.SplitSeq(text, "\n") {
		p.line("%s%s", indent, line)
	}
}

// minText is the least width that a text is wrapped to.
const minText = 16

func (p *paper) heading(res *Result) {
	run := &res.Run
	p.prose("", "%s → %s", p.paint(bold, stats.Clean(run.Scenario, 60)), stats.Clean(run.Target, 100))
	parts := []string{run.Started.Format("2006-01-02 15:04:05"), clock(run.Duration)}
	if run.Profile != "" {
		parts = append(parts, "profile "+stats.Clean(run.Profile, 60))
	}
	parts = append(parts, fmt.Sprintf("%d users at most", run.PeakUsers))
	if run.Ending != "" {
		parts = append(parts, stats.Clean(run.Ending, 100))
	}
	p.prose("", "%s", strings.Join(parts, " · "))
	if run.Partial {
		p.prose("", "%s", p.paint(yellow, "partial: the run ended before it was planned to, or its record lacks something"))
	}
	for _, m := range run.Missing {
		p.prose("  ", "%s", m)
	}
	p.line("")
}

func (p *paper) routes(res *Result) {
	rows := [][]string{{"ROUTE", "REQS", "FAILS", "REQ/S", "FAIL/S", "P50", "P90", "P95", "P99", "P99.9", "AVG", "MIN", "MAX", "SIZE"}}
	for _, r := range append(res.Routes[:len(res.Routes):len(res.Routes)], res.Total) {
		name := strings.TrimSpace(r.Method + " " + r.Name)
		t := &r.Response
		row := []string{p.named(name), grouped(r.Requests), grouped(r.Failures), short(r.Rate), short(r.FailureRate)}
		for _, v := range []float64{t.P50, t.P90, t.P95, t.P99, t.P999, t.Mean, t.Min, t.Max} {
			if r.Requests == 0 {
				row = append(row, "–")
			} else {
				row = append(row, short(v))
			}
		}
		rows = append(rows, append(row, bytesText(r.MeanSize)))
	}
	p.table(p.narrowed(rows, "P99.9", "FAIL/S", "P90", "MIN", "SIZE", "AVG"), layout{numbers: 1, text: 0, total: len(rows) - 1})
	p.prose("", "Times in ms, failed requests included; percentiles are off by at most 0.1 %%.")
	if bound := res.Total.lowerBound(); bound != "" {
		p.prose("", "%s", bound)
	}
	if n := res.Total.Unfinished; n > 0 {
		p.prose("", "%s still in flight when the run was over; they are not counted above.", were(n))
	}
}

// lowerBound says from where on percentiles are only lower bounds, because
// requests were given up on: "" if none was.
func (r *RouteResult) lowerBound() string {
	if r.Censored == 0 {
		return ""
	}
	share := float64(r.Censored) / float64(r.Requests+r.Unfinished)
	known := math.Floor(1e4*(1-share)) / 100 // never more than is known
	return fmt.Sprintf("%s timed out or never finished and would have taken longer: percentiles above p%s are lower bounds.",
		plural(int(r.Censored), "request"), decimal(known))
}

// were writes "1 request was", "12 requests were".
func were(n int64) string {
	if n == 1 {
		return "1 request was"
	}
	return grouped(n) + " requests were"
}

func (p *paper) arrivals(res *Result) {
	a := res.Arrivals
	if a == nil {
		return
	}
	line := fmt.Sprintf("Arrivals: %s due, %s sent, %s dropped", grouped(a.Scheduled), grouped(a.Sent), grouped(a.Dropped))
	if a.NotSent > 0 {
		line += fmt.Sprintf(", %s still waiting for a user at the end", grouped(a.NotSent))
	}
	line += "."
	if a.Dropped > 0 {
		line = p.paint(red, line)
	}
	p.prose("", "%s", line)
}

func (p *paper) levels(res *Result) {
	if len(res.Levels) < 2 {
		return
	}
	p.line("")
	rows := [][]string{{"LEVEL", "SECONDS", "REQ/S", "FAILED", "P50", "P95", "P99", "VERDICT", ""}}
	shown, more := res.shownLevels()
	for _, i := range shown {
		l := &res.Levels[i]
		m := &l.Measured
		rows = append(rows, []string{l.name(), short(l.Seconds), short(m.Rate), percent(m.FailShare),
			short(m.Response.P50), short(m.Response.P95), short(m.Response.P99), l.Verdict.Grade, res.Capacity.note(i)})
	}
	p.table(rows, layout{numbers: 1, text: 8})
	if more > 0 {
		p.line("and %s before them", plural(more, "level"))
	}
	if unknown := res.unknown(); unknown != "" {
		p.prose("", "%s", p.paint(yellow, unknown))
	}
}

// maxLevels bounds the levels on the console and in Markdown; the files have
// them all.
const maxLevels = 20

// shownLevels returns which levels are shown, the last ones and those of which
// there is something to say, and how many are not.
func (r *Result) shownLevels() (shown []int, more int) {
	for i := range r.Levels {
		if i >= len(r.Levels)-maxLevels || r.Capacity.note(i) != "" {
			shown = append(shown, i)
		}
	}
	return shown, len(r.Levels) - len(shown)
}

// name says the load of a level.
func (l *LevelResult) name() string {
	if l.Model == "open" {
		return short(l.Rate) + "/s"
	}
	if l.Users == 1 {
		return "1 user"
	}
	return strconv.Itoa(l.Users) + " users"
}

// note says what is special about level i.
func (c *CapacityResult) note(i int) string {
	is := func(p *int) bool { return p != nil && *p == i }
	var notes []string
	switch {
	case c == nil:
	case is(c.Holds):
		notes = append(notes, "highest that holds")
	case is(c.Breaks):
		notes = append(notes, "breaks a threshold")
	case slices.Contains(c.Unknown, i):
		notes = append(notes, "unknown: the generator was the limit")
	}
	if c != nil && is(c.Knee) {
		notes = append(notes, "knee")
	}
	return strings.Join(notes, ", ")
}

// shownFailures bounds the failures on the console; the files have them all.
const shownFailures = 15

func (p *paper) failures(res *Result) {
	if len(res.Failures) == 0 {
		return
	}
	p.line("")
	rows := [][]string{{"FAILURES", "ROUTE", "WHAT", "FIRST", "LAST"}}
	for _, f := range res.Failures[:min(shownFailures, len(res.Failures))] {
		rows = append(rows, []string{grouped(f.Count) + "×", p.named(f.Method + " " + f.Name),
			stats.Clean(f.Text, 200), clock(f.First), clock(f.Last)})
	}
	p.table(rows, layout{text: 2})
	if more := len(res.Failures) - shownFailures; more > 0 {
		p.line("and %d more kinds", more)
	}
}

// Thresholds writes the table of thresholds as Console does.
func Thresholds(w io.Writer, results []ThresholdResult, colours bool) error {
	p := &paper{colours: colours}
	p.thresholds(results)
	_, err := io.WriteString(w, strings.TrimPrefix(p.String(), "\n"))
	return err
}

func (p *paper) thresholds(results []ThresholdResult) {
	if len(results) == 0 {
		return
	}
	p.line("")
	rows := [][]string{{"THRESHOLD", "MEASURED", "", ""}}
	for _, t := range results {
		held := p.paint(green, "held")
		if !t.Held {
			held = p.paint(red, "FAILED")
		}
		rows = append(rows, []string{p.wrapped(stats.Clean(t.Text, 300)), t.Measured, held, stats.Clean(t.Note, 300)})
	}
	p.table(rows, layout{text: 3})
}

func (p *paper) verdict(res *Result) {
	p.line("")
	colour := map[string]string{"VALID": green, "DEGRADED": yellow, "INVALID": red}[res.Verdict.Grade]
	p.line("Verdict on the numbers: %s", p.paint(colour, res.Verdict.Grade))
	for _, r := range res.Verdict.Reasons {
		p.prose("  ", "%s", r)
	}
}

// clock writes seconds as 02:13, or 1:02:13 from an hour on.
func clock(seconds float64) string {
	s := int(seconds)
	if s >= 3600 {
		return fmt.Sprintf("%d:%02d:%02d", s/3600, s/60%60, s%60)
	}
	return fmt.Sprintf("%02d:%02d", s/60, s%60)
}

// short writes a number with about three digits.
func short(v float64) string {
	switch {
	case v >= 99.95:
		return grouped(int64(v + 0.5))
	case v >= 9.995:
		return strconv.FormatFloat(v, 'f', 1, 64)
	case v == 0:
		return "0"
	}
	return strconv.FormatFloat(v, 'f', 2, 64)
}

// grouped writes a count with a thin gap between thousands: "12 345".
func grouped(n int64) string {
	s := strconv.FormatInt(n, 10)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + " " + s[i:]
	}
	return s
}

func percent(share float64) string {
	switch {
	case share == 0:
		return "0 %"
	case share < 0.001:
		return "< 0.1 %"
	}
	return strconv.FormatFloat(100*share, 'f', 1, 64) + " %"
}

// bytesText writes a size: "512 B", "8.0 KB".
func bytesText(n float64) string {
	units := []string{"B", "KB", "MB", "GB", "TB"}
	i := 0
	for n >= 1000 && i < len(units)-1 {
		n, i = n/1000, i+1
	}
	if i == 0 {
		return strconv.FormatFloat(n, 'f', 0, 64) + " B"
	}
	return strconv.FormatFloat(n, 'f', 1, 64) + " " + units[i]
}
