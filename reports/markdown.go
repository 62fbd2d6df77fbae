package reports

import (
	"fmt"
	"io"
	"strings"

	"brink/runner/stats"
)

// Markdown writes a summary made for a comment on a pull request: the outcome
// in the first line, thresholds, the table of routes; failures and what the run
// was folded away.
func Markdown(w io.Writer, rec *Record) error {
	res, err := rec.Result()
	if err != nil {
		return err
	}
	var b strings.Builder
	run := &res.Run
	fmt.Fprintf(&b, "### %s %s\n\n", outcomeMark(res), md(outcome(res)))
	fmt.Fprintf(&b, "**%s** → `%s` · %s · %s · %d users at most", md(run.Scenario), code(run.Target),
		run.Started.UTC().Format("2006-01-02 15:04 UTC"), clock(run.Duration), run.PeakUsers)
	if run.Profile != "" {
		fmt.Fprintf(&b, " · profile `%s`", code(run.Profile))
	}
	b.WriteString("\n\n")
	if run.Partial {
		why := strings.Join(run.Missing, " ")
		if run.Ending != "" {
			why = run.Ending + ". " + why
		}
		fmt.Fprintf(&b, "> **Partial.** %s\n\n", md(why))
	}
	if res.Verdict.Grade != stats.Valid.String() {
		fmt.Fprintf(&b, "> **%s**: %s\n\n", res.Verdict.Grade, md(strings.Join(res.Verdict.Reasons, "; ")))
	}
	markdownThresholds(&b, res)
	markdownRoutes(&b, res)
	markdownLevels(&b, res)
	markdownFailures(&b, res)
	_, err = io.WriteString(w, b.String())
	return err
}

// outcome says in a sentence how the run went.
func outcome(res *Result) string {
	failed := 0
	for _, t := range res.Thresholds {
		if !t.Held {
			failed++
		}
	}
	n := len(res.Thresholds)
	switch {
	case res.Total.Requests == 0:
		return "No request was finished"
	case res.Total.Requests == res.Total.Failures:
		return "No request succeeded"
	case failed > 0 && n == 1:
		return "The threshold failed"
	case failed > 0:
		return fmt.Sprintf("%d of %d thresholds failed", failed, n)
	case res.Verdict.Grade == stats.Invalid.String():
		return "The numbers cannot be trusted"
	case n == 1:
		return "The threshold held"
	case n > 1:
		return fmt.Sprintf("All %d thresholds held", n)
	}
	return fmt.Sprintf("%s requests, %s failed", grouped(res.Total.Requests), percent(res.Total.FailShare))
}

// passed reports whether the run is good in the sense of outcome.
func passed(res *Result) bool {
	return res.Held && res.Verdict.Grade != stats.Invalid.String() && res.Total.Requests > res.Total.Failures
}

func outcomeMark(res *Result) string {
	if passed(res) {
		return "✅"
	}
	return "❌"
}

func markdownThresholds(b *strings.Builder, res *Result) {
	if len(res.Thresholds) == 0 {
		return
	}
	b.WriteString("| Threshold | Measured | |\n|:--|--:|:--|\n")
	for _, t := range res.Thresholds {
		held := "✅ held"
		if !t.Held {
			held = "❌ failed"
		}
		if t.Note != "" {
			held += ": " + t.Note
		}
		fmt.Fprintf(b, "| `%s` | %s | %s |\n", code(t.Text), md(t.Measured), md(held))
	}
	b.WriteString("\n")
}

func markdownRoutes(b *strings.Builder, res *Result) {
	b.WriteString("| Route | Requests | Failed | Req/s | p50 ms | p95 ms | p99 ms | Max ms |\n|:--|--:|--:|--:|--:|--:|--:|--:|\n")
	for _, r := range append(res.Routes[:len(res.Routes):len(res.Routes)], res.Total) {
		t := &r.Response
		fmt.Fprintf(b, "| %s | %s | %s | %s | %s | %s | %s | %s |\n", md(strings.TrimSpace(r.Method+" "+r.Name)), grouped(r.Requests),
			percent(r.FailShare), short(r.Rate), short(t.P50), short(t.P95), short(t.P99), short(t.Max))
	}
	b.WriteString("\n")
}

func markdownLevels(b *strings.Builder, res *Result) {
	if len(res.Levels) < 2 {
		return
	}
	b.WriteString("| Load | Seconds | Req/s | Failed | p50 ms | p95 ms | p99 ms | |\n|:--|--:|--:|--:|--:|--:|--:|:--|\n")
	shown, more := res.shownLevels()
	for _, i := range shown {
		l := &res.Levels[i]
		m := &l.Measured
		fmt.Fprintf(b, "| %s | %s | %s | %s | %s | %s | %s | %s |\n", l.name(), short(l.Seconds), short(m.Rate), percent(m.FailShare),
			short(m.Response.P50), short(m.Response.P95), short(m.Response.P99), res.Capacity.note(i))
	}
	if more > 0 {
		fmt.Fprintf(b, "\nand %s before them\n", plural(more, "level"))
	}
	b.WriteString("\n")
	if unknown := res.unknown(); unknown != "" {
		b.WriteString(md(unknown) + "\n\n")
	}
}

func markdownFailures(b *strings.Builder, res *Result) {
	if len(res.Failures) == 0 {
		return
	}
	fmt.Fprintf(b, "<details><summary>%s failed requests</summary>\n\n| Count | Route | What | First | Last |\n|--:|:--|:--|--:|--:|\n", grouped(res.Total.Failures))
	for _, f := range res.Failures[:min(shownFailures, len(res.Failures))] {
		fmt.Fprintf(b, "| %s | %s | %s | %s | %s |\n", grouped(f.Count), md(strings.TrimSpace(f.Method+" "+f.Name)), md(f.Text), clock(f.First), clock(f.Last))
	}
	if more := len(res.Failures) - shownFailures; more > 0 {
		fmt.Fprintf(b, "\nand %d more kinds\n", more)
	}
	b.WriteString("\n</details>\n")
}

// md escapes text for a line or a table cell of Markdown: no markup, no
// mentions, no HTML.
func md(s string) string {
	var b strings.Builder
	for _, r := range stats.Clean(s, 300) {
		switch r {
		case '<':
			b.WriteString("&lt;")
		case '&':
			b.WriteString("&amp;")
		case '@':
			b.WriteString("&#64;")
		case '\\', '`', '*', '_', '[', ']', '|', '~', '#':
			b.WriteByte('\\')
			b.WriteRune(r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// code escapes text for a code span in a table.
func code(s string) string {
	return strings.NewReplacer("`", "'", "|", "\\|").Replace(stats.Clean(s, 300))
}
