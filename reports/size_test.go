package reports

import (
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"testing"
	"time"

	"brink/runner/stats"
)

// busyRoutes are 20 routes.
func busyRoutes() []stats.Route {
	routes := make([]stats.Route, 20)
	for i := range routes {
		routes[i] = stats.Route{Method: "POST", Name: fmt.Sprintf("/v1/models/model-%02d/predict", i)}
	}
	return routes
}

// busySeconds makes n seconds of 5 000 requests each over 20 routes. A few
// different ones are made and then repeated under new numbers, since they are
// slow to make.
func busySeconds(n int) func(yield func(*stats.Snapshot) bool) {
	p := newPlayer(busyRoutes())
	const different = 10
	var made []*stats.Snapshot
	return func(yield func(*stats.Snapshot) bool) {
		for i := range n {
			if i < different {
				made = append(made, p.second(100, 5000))
			}
			s := *made[i%different]
			s.Seq, s.Start = i, time.Duration(i)*time.Second
			s.End, s.Wall = s.Start+time.Second, began.Add(s.Start+time.Second)
			if !yield(&s) {
				return
			}
		}
	}
}

// busyRecord writes such a run.
func busyRecord(t testing.TB, seconds int) (rec *Record, size int64) {
	t.Helper()
	h := demoHeader()
	h.Routes, h.Thresholds = busyRoutes(), []string{"p95 < 500ms"}
	return writeRecord(t, h, busySeconds(seconds))
}

// writeRecord writes seconds into a journal without waiting for the disk.
func writeRecord(t testing.TB, h Header, run iter.Seq[*stats.Snapshot]) (rec *Record, size int64) {
	t.Helper()
	b, err := appendFrame([]byte(magic), frameHeader, jsonBody(h))
	if err != nil {
		t.Fatal(err)
	}
	f, err := os.Create(filepath.Join(t.TempDir(), JournalName))
	if err != nil {
		t.Fatal(err)
	}
	for s := range run {
		if b, err = appendFrame(b, frameSnapshot, s.AppendBinary); err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write(b); err != nil {
			t.Fatal(err)
		}
		size += int64(len(b))
		b = b[:0]
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	rec, err = Open(f.Name())
	if err != nil {
		t.Fatal(err)
	}
	return rec, size
}

// TestJournalSize holds the promise of at most 100 MB for an hour of 20 routes
// at 5 000 requests/s.
func TestJournalSize(t *testing.T) {
	const seconds = 60
	_, size := busyRecord(t, seconds)
	perHour := float64(size) / seconds * 3600 / 1e6
	t.Logf("%.1f MB an hour", perHour)
	if perHour > 100 {
		t.Errorf("a journal takes %.1f MB an hour, more than 100", perHour)
	}
}

// BenchmarkPut measures what a second of 20 routes and 5 000 requests costs.
func BenchmarkPut(b *testing.B) {
	j, err := Create(filepath.Join(b.TempDir(), "run"), demoHeader())
	if err != nil {
		b.Fatal(err)
	}
	s := newPlayer(busyRoutes()).second(100, 5000)
	for b.Loop() {
		if err := j.Put(s); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(j.size)/float64(b.N), "B/second")
	if err := j.Close(); err != nil {
		b.Fatal(err)
	}
}

// BenchmarkReports measures each report of a minute of the same.
func BenchmarkReports(b *testing.B) {
	const seconds = 60
	rec, _ := busyRecord(b, seconds)
	for _, f := range files {
		b.Run(f.name, func(b *testing.B) {
			for b.Loop() {
				if err := f.write(io.Discard, rec); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
