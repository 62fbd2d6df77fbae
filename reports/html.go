package reports

import (
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html/template"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"brink/runner/stats"
)

// The page, and uPlot 1.6.32 (https://github.com/leeoniya/uPlot, MIT) for its
// charts.
//
//go:embed html
var pageFiles embed.FS

// HTML writes the report as one page that opens from disk and needs no network.
// Its content security policy allows its own style and script alone, by their
// hashes, so that nothing that a target answered can run; the tables need no
// script.
func HTML(w io.Writer, rec *Record) error {
	res, err := rec.Result()
	if err != nil {
		return err
	}
	p, err := newPage(rec, res)
	if err != nil {
		return err
	}
	t, err := template.New("page.html").Funcs(pageFuncs).ParseFS(pageFiles, "html/page.html")
	if err != nil {
		return err
	}
	return t.Execute(w, p)
}

// page is what the template shows.
type page struct {
	*Result
	Style  template.CSS
	Script template.JS
	Policy string
	Data   template.JS // JSON for the script

	Passed      bool
	Outcome     string
	Open        bool // the load was of the open model
	Bin         int  // seconds of a point in the charts
	LowerBound  string
	Unknown     string // levels of which nothing is known
	Service     []RouteResult
	Levels      []pageLevel
	Samples     []FailureResult
	MoreSamples bool
	ShownEvents []EventResult
	MoreEvents  int
	Health      []fact
	About       []fact
	Source      string
}

type pageLevel struct {
	*LevelResult
	Name string
	Load float64
	Note string
}

// fact is a row of a table of two or three columns.
type fact struct{ Name, Value, Note string }

// Bounds that keep the page small; the other files have everything.
const (
	maxSampleBytes = 300_000
	maxPageEvents  = 500
)

func newPage(rec *Record, res *Result) (*page, error) {
	d, err := rec.digest()
	if err != nil {
		return nil, err
	}
	charts, err := chartsOf(rec, res)
	if err != nil {
		return nil, err
	}
	style, err := asset("uPlot.min.css", "page.css")
	if err != nil {
		return nil, err
	}
	script, err := asset("uPlot.iife.min.js", "page.js")
	if err != nil {
		return nil, err
	}
	data, err := json.Marshal(charts) // escapes <, > and &
	if err != nil {
		return nil, err
	}
	p := &page{
		Result: res, Style: template.CSS(style), Script: template.JS(script), Data: template.JS(data),
		Policy: fmt.Sprintf("default-src 'none'; style-src '%s'; script-src '%s'; base-uri 'none'; form-action 'none'", digestFor(style), digestFor(script)),
		Passed: passed(res), Outcome: outcome(res), Open: res.Arrivals != nil, Bin: rec.binSeconds(), LowerBound: res.Total.lowerBound(), Unknown: res.unknown(),
		Health: d.health.facts(), About: aboutFacts(rec, res), Source: rec.Header.Source,
	}
	for _, r := range append(slices.Clone(res.Routes), res.Total) {
		if r.Service != nil {
			p.Service = append(p.Service, r)
		}
	}
	for i := range res.Levels {
		l := &res.Levels[i]
		p.Levels = append(p.Levels, pageLevel{l, l.name(), l.load(), res.Capacity.note(i)})
	}
	p.samples(res.Failures)
	p.ShownEvents = res.Events[:min(maxPageEvents, len(res.Events))]
	p.MoreEvents = len(res.Events) - len(p.ShownEvents)
	return p, nil
}

// asset returns the text of some of the page's files, one after the other.
func asset(names ...string) (string, error) {
	var b strings.Builder
	for _, name := range names {
		text, err := pageFiles.ReadFile("html/" + name)
		if err != nil {
			return "", err
		}
		b.Write(text)
		b.WriteByte('\n')
	}
	return b.String(), nil
}

// digestFor returns the source expression that allows an inline text.
func digestFor(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
}

// samples takes the exchanges of the most frequent failures, as many as fit.
func (p *page) samples(failures []FailureResult) {
	room := maxSampleBytes
	for _, f := range failures {
		if f.Request == "" && f.Response == "" {
			continue
		}
		room -= len(f.Request) + len(f.Response) + len(f.Curl)
		if room < 0 {
			p.MoreSamples = true
			return
		}
		p.Samples = append(p.Samples, f)
	}
}

func aboutFacts(rec *Record, res *Result) []fact {
	run := &res.Run
	facts := []fact{
		{"Command", run.Command, ""}, {"Scenario file", run.File, ""},
		{"Began", run.Started.UTC().Format("2006-01-02 15:04:05 UTC"), ""}, {"Ended", run.Ended.UTC().Format("2006-01-02 15:04:05 UTC"), ""},
		{"Ending", run.Ending, ""}, {"Run", run.RunID, ""}, {"Seed", strconv.FormatUint(run.Seed, 10), ""},
		{"Machine", strings.TrimSpace(run.Host + ", " + strconv.Itoa(run.CPUs) + " CPUs, " + run.Platform), ""},
		{"Tags", strings.Join(rec.Header.Tags, ", "), ""}, {"brink", run.Version, ""},
	}
	return slices.DeleteFunc(facts, func(f fact) bool { return f.Value == "" })
}

// load is the level's load as a number.
func (l *LevelResult) load() float64 {
	if l.Model == "open" {
		return l.Rate
	}
	return float64(l.Users)
}

// pageFuncs are the functions of the template. All that may come from a target
// goes through line or block; the template escapes what they return.
var pageFuncs = template.FuncMap{
	"line": func(s string) string { return stats.Clean(s, 500) }, "text": block, "lower": strings.ToLower,
	"clock": clock, "short": short, "grouped": grouped, "percent": percent, "size": bytesText,
	"bytes":  func(n int64) string { return bytesText(float64(n)) },
	"stamp":  func(t time.Time) string { return t.UTC().Format(time.RFC3339) },
	"moment": func(t time.Time) string { return t.UTC().Format("2 January 2006, 15:04 UTC") },
	"name":   func(r RouteResult) string { return stats.Clean(strings.TrimSpace(r.Method+" "+r.Name), 200) },
	"ms": func(v float64) template.HTML {
		return template.HTML(`<td class="n" data-v="` + strconv.FormatFloat(v, 'g', 6, 64) + `">` + short(v) + `</td>`)
	},
	"tally": func(m map[string]int64) string {
		var parts []string
		for _, k := range slices.Sorted(maps.Keys(m)) {
			parts = append(parts, k+": "+grouped(m[k]))
		}
		return strings.Join(parts, ", ")
	},
}

// block makes a text of many lines safe to show, its lines kept.
func block(s string) string {
	lines := strings.Split(strings.ReplaceAll(s, "\r\n", "\n"), "\n")
	for i := range lines {
		lines[i] = stats.Clean(strings.ReplaceAll(lines[i], "\t", "    "), 0)
	}
	return strings.Join(lines, "\n")
}
