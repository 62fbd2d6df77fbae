package reports

import (
	"math"
	"math/rand/v2"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"brink/runner/stats"
)

// The headers of Locust 2.46.
const (
	statsHeader    = "Type,Name,Request Count,Failure Count,Median Response Time,Average Response Time,Min Response Time,Max Response Time,Average Content Size,Requests/s,Failures/s,50%,66%,75%,80%,90%,95%,98%,99%,99.9%,99.99%,100%\r\n"
	historyHeader  = "Timestamp,User Count,Type,Name,Requests/s,Failures/s,50%,66%,75%,80%,90%,95%,98%,99%,99.9%,99.99%,100%,Total Request Count,Total Failure Count,Total Median Response Time,Total Average Response Time,Total Min Response Time,Total Max Response Time,Total Average Content Size\r\n"
	failuresHeader = "Method,Name,Error,Occurrences,First Seen,Last Seen\r\n"
	exceptHeader   = "Count,Message,Traceback,Nodes\r\n"
)

func TestLocustHeaders(t *testing.T) {
	rec := recorded(t, demoHeader(), demoRun())
	for header, report := range map[string]Reporter{statsHeader: Stats, historyHeader: History, failuresHeader: Failures, exceptHeader: Exceptions} {
		got := string(made(t, rec, report))
		if !strings.HasPrefix(got, header) {
			t.Errorf("the file begins with %q, want %q", got[:min(len(got), len(header))], header)
		}
		if strings.Count(got, "\n") != strings.Count(got, "\r\n") || !strings.HasSuffix(got, "\r\n") {
			t.Errorf("%q…: lines do not all end in CRLF", header[:20])
		}
	}
}

// TestStatsWithoutRequests wants the cells that Locust 2.46.3 wrote for the same.
func TestStatsWithoutRequests(t *testing.T) {
	rec := recorded(t, demoHeader(), nil)
	want := statsHeader + ",Aggregated,0,0,0,0.0,0,0,0,0.0,0.0,N/A,N/A,N/A,N/A,N/A,N/A,N/A,N/A,N/A,N/A,N/A\r\n"
	if got := string(made(t, rec, Stats)); got != want {
		t.Errorf("got\n%s, want\n%s", got, want)
	}
}

// TestHistoryRows wants a row a second for every route seen so far and for all,
// figures of the last ten seconds, and zeros after ten seconds of silence.
func TestHistoryRows(t *testing.T) {
	p := newPlayer(demoHeader().Routes[:1])
	run := []*stats.Snapshot{p.second(1, 30)}
	for range 11 {
		run = append(run, p.second(1, 0))
	}
	got := rows(t, made(t, recorded(t, demoHeader(), run), History))
	if len(got) != 2*len(run) {
		t.Fatalf("%d rows, want %d", len(got), 2*len(run))
	}
	for i, want := range map[int]string{0: "30.000000", 2: "15.000000", 18: "3.000000", 20: "0.000000", 22: "0.000000"} {
		if row := got[i]; row["Requests/s"] != want || row["Total Request Count"] != "30" || row["Name"] != "single" {
			t.Errorf("row %d: %s, %s requests/s, %s in all; want single, %s, 30", i, row["Name"], row["Requests/s"], row["Total Request Count"], want)
		}
		if row := got[i+1]; row["Type"] != "" || row["Name"] != "Aggregated" || row["Requests/s"] != want {
			t.Errorf("row %d: %q %q, %s requests/s; want Aggregated, %s", i+1, row["Type"], row["Name"], row["Requests/s"], want)
		}
	}
	if got[18]["95%"] != got[0]["95%"] || got[20]["95%"] != "0" {
		t.Errorf("95%% is %s, then %s, then %s; want the same until the window has passed, then 0", got[0]["95%"], got[18]["95%"], got[20]["95%"])
	}
	if got[0]["Timestamp"] != "1773480414" || got[0]["User Count"] != "1" {
		t.Errorf("timestamp %s, users %s", got[0]["Timestamp"], got[0]["User Count"])
	}
}

// TestLocustRounding holds against figures computed with Locust's own
// functions.
func TestLocustRounding(t *testing.T) {
	of := func(ms ...float64) *stats.Histogram {
		h := new(stats.Histogram)
		for _, v := range ms {
			h.Record(time.Duration(v * float64(time.Millisecond)))
		}
		return h
	}
	for in, want := range map[float64]int{0.3: 0, 0.5: 0, 1.5: 2, 2.4: 2, 3.5: 4, 99.4: 99, 105: 100, 145: 140, 147: 150, 156: 160, 1032: 1000} {
		if got := roundedOf(of(in)).values; !slices.Equal(got, []int{want}) {
			t.Errorf("%v ms is rounded to %v, want %d", in, got, want)
		}
	}
	var ten, many []float64
	for i := range 10 {
		ten = append(ten, float64(i+1))
	}
	for i := range 100 {
		many = append(many, float64(i+1)*0.99)
	}
	for i := range 200 {
		many = append(many, 100+7.31*float64(i))
	}
	for _, c := range []struct {
		values      []float64
		percentiles []int
		median      float64
	}{
		{ten, []int{6, 7, 8, 9, 10, 10, 10, 10, 10, 10, 10}, 5},
		{many, []int{470, 820, 1000, 1100, 1300, 1500, 1500, 1500, 1600, 1600, 1600}, 460},
	} {
		exact := of(c.values...)
		h := roundedOf(exact)
		for i, p := range percentileColumns {
			if got := h.percentile(p); got != c.percentiles[i] {
				t.Errorf("of %d values, percentile %v is %d, want %d", len(c.values), p, got, c.percentiles[i])
			}
		}
		if got := h.median(exact); got != c.median {
			t.Errorf("of %d values, the median is %v, want %v", len(c.values), got, c.median)
		}
	}
}

func TestCells(t *testing.T) {
	for in, want := range map[string]string{
		"/predict": "/predict", "POST single": "POST single", "a-b=c": "a-b=c", "": "",
		"=1+1": "'=1+1", "+1": "'+1", "-1": "'-1", "@SUM(A1)": "'@SUM(A1)", "＝1": "'＝1",
		"\t=1": `\t=1`, "\r=1": `\r=1`, "a\nb": `a\nb`, "\x1b[31m": `\x1b[31m`,
	} {
		if got := text(in); got != want {
			t.Errorf("cell of %q is %q, want %q", in, got, want)
		}
	}
	for in, want := range map[time.Duration]string{0: "0", 315 * time.Microsecond: "0.315", 12 * time.Millisecond: "12", 1500 * time.Microsecond: "1.5", 1234567 * time.Nanosecond: "1.235"} {
		if got := millis(in); got != want {
			t.Errorf("%v is written %s, want %s", in, got, want)
		}
	}
}

// TestPythonReads reads every CSV file with Python's csv module, and Locust's
// as a script for Locust would.
func TestPythonReads(t *testing.T) {
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("there is no python3 here")
	}
	rec := recorded(t, demoHeader(), demoRun())
	if _, err := Write(rec, Output{}); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(python, "testdata/read_locust.py", filepath.Join(rec.Dir, "run")).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if got := strings.TrimSpace(string(out)); got != "4200 requests, 71 failures, 4 routes, 120 rows of history, ok" {
		t.Errorf("Python read: %s", got)
	}
}

// TestSameAsLocust holds _stats.csv with Locust's rounding against the file that
// Locust 2.46.3 (locust.stats.StatsCSV) wrote of the same 1 200 requests: every
// cell, but for the last digits of means, which depend on the order of adding.
func TestSameAsLocust(t *testing.T) {
	h := demoHeader()
	h.LocustRounding = true
	got := rows(t, made(t, recorded(t, h, locustRun()), Stats))
	want := rows(t, readFile(t, "testdata/by_locust_2.46.3_stats.csv"))
	if len(got) != len(want) {
		t.Fatalf("%d rows, want %d", len(got), len(want))
	}
	for i := range want {
		for column, cell := range want[i] {
			mine := got[i][column]
			a, err1 := strconv.ParseFloat(mine, 64)
			b, err2 := strconv.ParseFloat(cell, 64)
			close := err1 == nil && err2 == nil && column == "Average Response Time" && math.Abs(a-b) <= 1e-12*b
			if mine != cell && !close {
				t.Errorf("%s of %s %s is %s, Locust wrote %s", column, want[i]["Type"], want[i]["Name"], mine, cell)
			}
		}
	}
}

// locustRun is a run of 20 s, 60 requests a second, from 0 ms to seconds.
func locustRun() (run []*stats.Snapshot) {
	routes := []stats.Route{{Method: "POST", Name: "b"}, {Method: "GET", Name: "b"}, {Method: "GET", Name: `a,"x"`}, {Method: "PUT", Name: "Zebra"}, {Method: "DELETE", Name: "ünïcode"}}
	means := []float64{0.4, 30, 300, 3000, 9} // ms
	rec, r := stats.NewRecorder(routes, 1), rand.New(rand.NewPCG(3, 4))
	for second := range 20 {
		start := time.Duration(second) * time.Second
		for i := range 60 {
			route := r.IntN(len(routes))
			took := time.Duration(r.ExpFloat64()*means[route]*1000) * time.Microsecond
			end := start + time.Duration(i+1)*16*time.Millisecond
			s := &stats.Sample{Route: route, Intended: end - took, Start: end - took, End: end, Status: 200, BytesIn: int64(r.IntN(3000))}
			if r.IntN(12) == 0 {
				s.Failure = stats.Failure{Class: stats.BadStatus, Text: "503"}
			}
			rec.Record(0, s)
		}
		s := &stats.Snapshot{Seq: second, Start: start, End: start + time.Second, Wall: began.Add(start + time.Second), Load: stats.Load{Users: 7, WantedUsers: 7}}
		s.Routes, s.Failures = rec.Rotate()
		run = append(run, s)
	}
	return run
}
