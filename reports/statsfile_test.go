package reports

import (
	"bytes"
	"strings"
	"testing"

	"brink/runner/stats"
)

// locustStats is what Locust wrote for a run against a small service.
const locustStats = statsHeader +
	"GET,/health,400,0,2,2.4715,1.2,31.5,16.0,40.01,0.0,2,2,3,3,4,5,7,9,32,32,32\r\n" +
	"GET,/items,1000,5,12,14.25,8.1,410.7,512.0,100.02,0.5,12,14,16,17,22,31,48,110,410,410,410\r\n" +
	"POST,/items,100,1,40,44.5,20.3,200.1,64.0,10.0,0.1,40,45,50,55,70,90,120,180,200,200,200\r\n" +
	"PUT,/never,0,0,0,0.0,0,0,0.0,0.0,0.0,N/A,N/A,N/A,N/A,N/A,N/A,N/A,N/A,N/A,N/A,N/A\r\n" +
	",Aggregated,1500,6,11,12.98,1.2,410.7,350.0,150.03,0.6,11,13,15,16,24,36,60,120,400,410,410\r\n"

func TestStatsFileCheck(t *testing.T) {
	file, err := ReadStats(strings.NewReader("\ufeff" + locustStats))
	if err != nil {
		t.Fatal(err)
	}
	if requests, failures := file.Total(); requests != 1500 || failures != 6 {
		t.Errorf("%d requests, %d failures; want 1500, 6", requests, failures)
	}
	for _, c := range []struct {
		threshold, measured, note, err string
		held                           bool
	}{
		{threshold: "p95 < 40ms", held: true, measured: "36 ms"},
		{threshold: "p95 < 36ms", measured: "36 ms"},
		{threshold: "p50 of /health <= 2ms", held: true, measured: "2 ms"},
		{threshold: `p99 of "GET /items" < 200ms`, held: true, measured: "110 ms"},
		{threshold: `p99 of "POST /items" < 200ms`, measured: "180 ms", note: "needs at least 299 requests, there were 100"},
		{threshold: "avg < 13ms", held: true, measured: "12.98 ms"},
		{threshold: "max < 400ms", measured: "410.7 ms"},
		{threshold: "min of /health > 1ms", held: true, measured: "1.2 ms"},
		{threshold: "error_rate < 0.5%", held: true, measured: "0.4 %"},
		{threshold: "rps > 150", held: true, measured: "150.0"},
		{threshold: "count >= 1500", held: true, measured: "1500"},
		{threshold: "failures < 6", measured: "6"},
		{threshold: "p50 of /never < 1s", measured: "nothing", note: "needs at least 5 requests, there were 0"},
		{threshold: "p50 of /nowhere < 1s", measured: "nothing", note: `no request of "/nowhere" is in the file`},
		{threshold: "p95 of /items < 1s", err: "2 methods"},
		{threshold: "p97 < 1s", err: "no column 97%; it has 50%, 66%, 75%"},
		{threshold: "p95 < 1s over 10s", err: "part of the run"},
	} {
		limit, err := stats.ParseThreshold(c.threshold)
		if err != nil {
			t.Fatal(err)
		}
		got, err := file.Check(limit)
		if c.err != "" {
			if err == nil || !strings.Contains(err.Error(), c.err) {
				t.Errorf("%s: error %v, want one with %q", c.threshold, err, c.err)
			}
			continue
		}
		if err != nil || got.Held != c.held || got.Measured != c.measured || got.Note != c.note {
			t.Errorf("%s: held %v, %s, %q, %v; want %v, %s, %q", c.threshold, got.Held, got.Measured, got.Note, err, c.held, c.measured, c.note)
		}
	}
}

func TestReadStatsReadsOurs(t *testing.T) {
	rec := recorded(t, demoHeader(), demoRun())
	file, err := ReadStats(bytes.NewReader(made(t, rec, Stats)))
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{"p95 < 500ms", "error_rate < 1%", "p99 of batch < 2s", "p99.9 of health < 1s"} {
		limit, err := stats.ParseThreshold(line)
		if err != nil {
			t.Fatal(err)
		}
		got, err := file.Check(limit)
		if err != nil {
			t.Fatal(err)
		}
		res, err := rec.Result()
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range res.Thresholds {
			if want.Text == line && (got.Held != want.Held || got.Note != want.Note) {
				t.Errorf("%s: held %v (%s) by the file, %v (%s) by the record", line, got.Held, got.Note, want.Held, want.Note)
			}
		}
	}
}

func TestReadStatsRefuses(t *testing.T) {
	for name, in := range map[string]string{
		"nothing":        "",
		"another file":   failuresHeader,
		"no total":       statsHeader,
		"half a row":     statsHeader + "GET,/x,1",
		"a broken cell":  strings.Replace(locustStats, "12.98", "fast", 1),
		"an open quote":  statsHeader + `GET,"/x`,
		"another header": strings.Replace(locustStats, "Request Count", "# requests", 1),
	} {
		if _, err := ReadStats(strings.NewReader(in)); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func FuzzReadStats(f *testing.F) {
	f.Add(locustStats)
	f.Add(failuresHeader)
	limit, err := stats.ParseThreshold("p95 < 1s")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, in string) {
		file, err := ReadStats(strings.NewReader(in))
		if err != nil {
			return
		}
		file.Total()
		_, _ = file.Check(limit)
	})
}
