package reports

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"brink/runner/stats"
)

func TestWriteOverwritesNothing(t *testing.T) {
	rec := recorded(t, demoHeader(), demoRun()[:5])
	prefix := filepath.Join(t.TempDir(), "new", "test")
	o := Output{CSVPrefix: prefix, Dir: rec.Dir}
	if err := o.Check(); err != nil {
		t.Fatal(err)
	}
	paths, err := Write(rec, o)
	if err != nil || len(paths) != len(files) || paths[0] != prefix+"_stats.csv" {
		t.Fatalf("%d files, first %v, %v; want %d, %s_stats.csv", len(paths), paths, err, len(files), prefix)
	}
	mine := []byte("mine")
	if err := os.WriteFile(prefix+"_stats.csv", mine, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := o.Check(); err == nil || !strings.Contains(err.Error(), "is there already") {
		t.Errorf("Check says %v", err)
	}
	if paths, err = Write(rec, o); err == nil || len(paths) != 0 || !bytes.Equal(readFile(t, prefix+"_stats.csv"), mine) {
		t.Errorf("a second Write wrote %v, error %v", paths, err)
	}
	o.Existing = Keep
	if err := os.Remove(prefix + "_failures.csv"); err != nil {
		t.Fatal(err)
	}
	if paths, err = Write(rec, o); err != nil || !slices.Equal(paths, []string{prefix + "_failures.csv"}) {
		t.Errorf("keeping what is there, it wrote %v, %v; want the one that is missing", paths, err)
	}
	o.Existing = Replace
	if _, err = Write(rec, o); err != nil || bytes.Equal(readFile(t, prefix+"_stats.csv"), mine) {
		t.Errorf("replacing, the file is still the old one; %v", err)
	}
	left, err := filepath.Glob(filepath.Join(filepath.Dir(prefix), ".*"))
	if err != nil || len(left) > 0 {
		t.Errorf("temporary files are left: %v", left)
	}
}

func TestSaveFileLeavesNothingHalf(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	broken := errors.New("broken")
	err := saveFile(path, true, func(w io.Writer) error {
		io.WriteString(w, "half")
		return broken
	})
	if !errors.Is(err, broken) {
		t.Errorf("error %v", err)
	}
	if entries, _ := os.ReadDir(filepath.Dir(path)); len(entries) > 0 {
		t.Errorf("%v is left", entries)
	}
}

func TestUpdateReadme(t *testing.T) {
	rec := recorded(t, demoHeader(), demoRun())
	path := filepath.Join(t.TempDir(), "README.md")
	write := func(text string) {
		t.Helper()
		// The mode is set whatever the umask is.
		if err := errors.Join(os.WriteFile(path, []byte(text), 0o600), os.Chmod(path, 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	write("# Mine\r\n\r\n" + readmeBegin + "\r\nold\r\n" + readmeEnd + "\r\nrest")
	for range 2 { // the second time changes nothing
		if err := UpdateReadme(path, rec); err != nil {
			t.Fatal(err)
		}
		got := string(readFile(t, path))
		if !strings.HasPrefix(got, "# Mine\r\n\r\n"+readmeBegin+"\r\n") || !strings.HasSuffix(got, readmeEnd+"\r\nrest") ||
			strings.Contains(got, "old") || !strings.Contains(got, "| POST single | 1 356 |") || strings.Count(got, "\n") != strings.Count(got, "\r\n") {
			t.Errorf("the file is now\n%s", got)
		}
	}
	if info, _ := os.Stat(path); info.Mode().Perm() != 0o644 {
		t.Errorf("its mode is now %v", info.Mode().Perm())
	}
	for _, text := range []string{"no markers", readmeEnd + readmeBegin, readmeBegin + readmeBegin + readmeEnd} {
		write(text)
		if err := UpdateReadme(path, rec); err == nil || string(readFile(t, path)) != text {
			t.Errorf("%q: error %v, now %q", text, err, readFile(t, path))
		}
	}
}

// TestHlogReadsBack reads the log with the library and wants the whole run's
// distribution, with and without tags.
func TestHlogReadsBack(t *testing.T) {
	rec := recorded(t, demoHeader(), demoRun())
	res, err := rec.Result()
	if err != nil {
		t.Fatal(err)
	}
	counts := map[string]int64{}
	r := hdrhistogram.NewHistogramLogReader(bytes.NewReader(made(t, rec, Hlog)))
	for {
		h, err := r.NextIntervalHistogram()
		if err != nil {
			t.Fatal(err)
		}
		if h == nil {
			break
		}
		counts[h.Tag()] += h.TotalCount()
	}
	if counts[""] != res.Total.Requests {
		t.Errorf("%d requests without a tag, want %d", counts[""], res.Total.Requests)
	}
	for _, route := range res.Routes {
		if tag := route.Method + "_" + route.Name; counts[tag] != route.Requests {
			t.Errorf("%d requests under %s, want %d", counts[tag], tag, route.Requests)
		}
	}
}

func TestJUnitIsWellFormed(t *testing.T) {
	var suites junitSuites
	if err := xml.Unmarshal(made(t, recorded(t, demoHeader(), openRun()), JUnit), &suites); err != nil {
		t.Fatal(err)
	}
	s := suites.Suites[0]
	if s.Tests != 6 || len(s.Cases) != 6 || s.Failures != 2 || s.Errors != 1 || s.Cases[0].Name != "p95 < 500ms" {
		t.Errorf("%d tests, %d failures, %d errors; want 6, 2, 1", s.Tests, s.Failures, s.Errors)
	}
}

// TestBinsAreBounded wants exact sums from a bounded number of bins, one after
// the other, the rest of a second at the end within the last.
func TestBinsAreBounded(t *testing.T) {
	for _, c := range []struct{ seconds, per int }{{1, 1}, {2, 1}, {maxBins, 1}, {maxBins + 1, 2}, {2*maxBins + 101, 4}} {
		p := newPlayer(demoHeader().Routes[:1])
		var want int64
		rec, _ := writeRecord(t, demoHeader(), func(yield func(*stats.Snapshot) bool) {
			for i := range c.seconds {
				want += int64(i % 4)
				s := p.second(1, i%4)
				if i > 0 && i == c.seconds-1 {
					s.End = s.Start + time.Second/4
				}
				yield(s)
			}
		})
		var got int64
		var last time.Duration
		n := 0
		for b, err := range rec.bins() {
			if err != nil || b.start != last {
				t.Fatalf("bin %d begins at %v, the one before ended at %v; %v", n, b.start, last, err)
			}
			got, last, n = got+b.total.Requests, b.end, n+1
		}
		end := time.Duration(c.seconds) * time.Second
		if c.seconds > 1 {
			end -= 3 * time.Second / 4
		}
		if n > maxBins || got != want || last != end || rec.binSeconds() != c.per {
			t.Errorf("%d s: %d bins of %d s with %d requests up to %v; want at most %d of %d s with %d up to %v",
				c.seconds, n, rec.binSeconds(), got, last, maxBins, c.per, want, end)
		}
	}
}

func TestFolderName(t *testing.T) {
	at := time.Date(2026, 3, 14, 9, 26, 53, 0, time.UTC)
	for in, want := range map[string]string{
		"Text embedding": "text-embedding-20260314-092653",
		"../../etc":      "etc-20260314-092653",
		"日本":             "run-20260314-092653",
		"":               "run-20260314-092653",
	} {
		if got := FolderName(in, at); got != want {
			t.Errorf("folder of %q is %q, want %q", in, got, want)
		}
	}
	if got := FolderName(strings.Repeat("long name ", 20), at); len(got) > 60 {
		t.Errorf("%q is long", got)
	}
}

// FuzzOpen feeds the journal's reader anything: it may refuse, never hang or
// fall over.
func FuzzOpen(f *testing.F) {
	whole, err := os.ReadFile("testdata/run.brink")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(whole)
	f.Add(whole[:len(whole)/2])
	f.Add([]byte(magic))
	f.Fuzz(func(t *testing.T, in []byte) {
		rec, err := newRecord(".", int64(len(in)), func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(in)), nil })
		if err != nil {
			return
		}
		n := 0
		for s, err := range rec.All() {
			if err != nil {
				return
			}
			n += len(s.Routes)
		}
		for _, report := range []Reporter{Stats, History, Seconds, Markdown} {
			_ = report(io.Discard, rec) // a nonsensical record may be refused
		}
	})
}

var _ stats.Sink = (*Journal)(nil)

// TestMarkdownSaysThatARunIsPartial wants the end of an interrupted run, and what
// its record lacks, in a paragraph of their own.
func TestMarkdownSaysThatARunIsPartial(t *testing.T) {
	rec := recorded(t, demoHeader(), demoRun()[:5])
	rec.Ending.Partial, rec.Ending.Reason, rec.Damaged = true, "stopped by Ctrl+C", 1
	text := string(made(t, rec, Markdown))
	if want := "\n\n> **Partial.** stopped by Ctrl+C. Damaged and left out: 1 second.\n\n|"; !strings.Contains(text, want) {
		t.Errorf("the summary is\n%s", text)
	}
}
