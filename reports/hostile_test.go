package reports

import (
	"bytes"
	"encoding/csv"
	"io"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"brink/runner/stats"
)

// TestTextsOfARecordStayText makes every report of a record whose texts all aim
// at who looks at them: names, target, ending, events, thresholds, failures and
// what was answered. A record may come from somebody else, so that it does not
// matter which of these a target can reach.
func TestTextsOfARecordStayText(t *testing.T) {
	const long = 10_000
	aim := "=cmd|'/c'!A1,\"\x1b]52;c;cG9pc29u\x07\x1b[2J\u202e\u2028\u009b31m\ufeff\x00\r\n<script>alert(1)</script>|`@here " + strings.Repeat("A", long)
	h := demoHeader()
	h.Scenario, h.File, h.Target, h.Profile, h.Host, h.Command, h.Version, h.Platform, h.RunID, h.Tags = aim, aim, aim, aim, aim, aim, aim, aim, aim, []string{aim}
	h.Source = aim[:200]
	h.Routes = []stats.Route{{Method: aim, Name: aim}}
	h.Thresholds = []string{"p95 of \"" + strings.ReplaceAll(aim, "\"", "'") + "\" < 1ms", "p50 < 1ms"}
	p := newPlayer(h.Routes)
	var run []*stats.Snapshot
	for range 3 {
		s := p.second(20, 200)
		s.Load.Stage = aim
		for kind := range stats.EventKind(30) {
			s.Events = append(s.Events, stats.Event{At: s.Start, Kind: kind, Text: aim})
		}
		s.Failures = append(s.Failures, stats.FailureGroup{
			Route: h.Routes[0], Count: 1, First: s.Start, Last: s.Start, Failure: stats.Failure{Class: stats.Malformed, Text: aim},
			Exchange: &stats.Exchange{At: s.Start, Request: aim[:200], Response: aim[:200], Curl: aim[:200]},
		})
		run = append(run, s)
	}
	rec := recorded(t, h, run)
	rec.Ending = &Ending{Wall: began.Add(time.Minute), Reason: aim, Partial: true}
	for _, f := range append(files[:len(files):len(files)], file{"console", "", Console(false, 0)}, file{"narrow console", "", Console(false, 80)}) {
		t.Run(f.name, func(t *testing.T) {
			var b bytes.Buffer
			if err := f.write(&b, rec); err != nil {
				t.Fatal(err)
			}
			text := b.String()
			if f.name == "report.html" {
				text = assets.ReplaceAllString(text, "")
			}
			for i, r := range text {
				if stats.Unsafe(r) && r != '\n' && r != '\r' && r != '\t' {
					t.Fatalf("%q is written as it is: %.60q", r, text[max(0, i-30):])
				}
			}
			if !strings.Contains(text, "alert") && f.name != "run_exceptions.csv" && f.name != "levels.csv" {
				t.Error("what came is not even shown as text")
			}
			switch filepath.Ext(f.name) {
			case ".html", ".md":
				if strings.Contains(codeSpan.ReplaceAllString(text, ""), "<script>alert") {
					t.Error("a script of a text's is in it")
				}
			case ".csv":
				noFormulas(t, text)
			}
			if f.name != summaryName && strings.Contains(text, strings.Repeat("A", maxCell+1)) {
				t.Error("it has a text of 10 KB")
			}
		})
	}
}

// codeSpan is what Markdown shows as it is.
var codeSpan = regexp.MustCompile("(^|[^\\\\])`[^`\n]*`")

// noFormulas reads a CSV and looks for cells that a spreadsheet would run. A
// number may begin with a minus.
func noFormulas(t *testing.T, text string) {
	t.Helper()
	r := csv.NewReader(strings.NewReader(text))
	for {
		cells, err := r.Read()
		if err == io.EOF {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range cells {
			if strings.HasPrefix(c, "=") {
				t.Errorf("a cell begins a formula: %.40q", c)
			}
		}
	}
}
