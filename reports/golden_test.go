package reports

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"brink/runner/stats"
)

var update = flag.Bool("update", false, "write the golden files anew")

// TestGolden makes every report from the journal in testdata, which was written
// once and must stay readable, and compares it with what it was.
func TestGolden(t *testing.T) {
	if _, err := os.Stat("testdata/run.brink"); os.IsNotExist(err) && *update {
		record(t, "testdata/run.brink")
	}
	rec, err := Open("testdata/run.brink")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		t.Run(f.name, func(t *testing.T) { compare(t, rec, f.write, f.name) })
	}
	t.Run("console", func(t *testing.T) { compare(t, rec, Console(false, 0), "console.txt") })
	t.Run("narrow", func(t *testing.T) { compare(t, rec, Console(false, 80), "console-80.txt") })
	t.Run("colours", func(t *testing.T) { compare(t, rec, Console(true, 0), "console.ansi") })
	t.Run("locust rounding", func(t *testing.T) {
		rounding := *rec
		rounding.Header.LocustRounding = true
		compare(t, &rounding, Stats, "locust_stats.csv")
		compare(t, &rounding, History, "locust_stats_history.csv")
	})
}

// record writes the journal: two levels of six seconds, and a failure with
// what a hostile target may say.
func record(t *testing.T, path string) {
	run := levelRun([]int{4, 12}, 6, 2)
	run[3].Failures = append(run[3].Failures, stats.FailureGroup{
		Route: stats.Route{Method: "POST", Name: "single"}, Count: 1, First: run[3].Start, Last: run[3].Start,
		Failure: stats.Failure{Class: stats.Unexpected, Text: "=HYPERLINK(\"http://x\",\"<img src=x onerror=alert(1)>\")\x1b[31m, \u202eevil"},
		Exchange: &stats.Exchange{At: run[3].Start, Request: "POST /embed HTTP/1.1\r\nHost: 127.0.0.1:8000\r\n\r\n{}",
			Response: "HTTP/1.1 200 OK\r\n\r\n</pre><script>alert(1)</script>\x1b[31m", Curl: "curl -X POST http://127.0.0.1:8000/embed"},
	})
	rec := recorded(t, demoHeader(), run)
	if err := os.Rename(filepath.Join(rec.Dir, JournalName), path); err != nil {
		t.Fatal(err)
	}
}

// The page's style and script are left out of its golden file: they are files
// of their own.
var (
	assets = regexp.MustCompile(`(?s)(<style>|<script>).*?(</style>|</script>)`)
	hashes = regexp.MustCompile(`sha256-.*?&#39;`)
)

func compare(t *testing.T, rec *Record, report Reporter, name string) {
	t.Helper()
	var b bytes.Buffer
	if err := report(&b, rec); err != nil {
		t.Fatal(err)
	}
	got := b.Bytes()
	if name == "report.html" {
		got = hashes.ReplaceAll(assets.ReplaceAll(got, []byte("$1…$2")), []byte("sha256-…&#39;"))
	}
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if want := readFile(t, path); !bytes.Equal(got, want) {
		t.Errorf("%s differs from the golden file; go test ./reports -run Golden -update writes it anew, git diff shows what changed", path)
	}
}
