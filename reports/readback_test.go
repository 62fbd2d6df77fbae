package reports

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"maps"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"brink/runner/stats"
)

// totals is what a report says of a route: counts, and buckets by their lowest
// value in µs.
type totals struct {
	requests, failures int64
	buckets            map[int64]int64
}

type byRoute map[string]*totals

func (m byRoute) of(name string) *totals {
	if m[name] == nil {
		m[name] = &totals{buckets: map[int64]int64{}}
	}
	return m[name]
}

// TestReportsAgree reads the CSV, JSON and HTML reports of one run back and
// wants them to say the same, bucket by bucket: what the seconds add up to.
func TestReportsAgree(t *testing.T) {
	run := demoRun()
	rec := recorded(t, demoHeader(), run)
	want := byRoute{}
	for _, s := range run {
		for i := range s.Routes {
			r := &s.Routes[i]
			for _, name := range []string{r.Route.String(), "Aggregated"} {
				w := want.of(name)
				w.requests += r.Requests
				w.failures += r.Failures
				r.All().Each(func(v time.Duration, n int64) { w.buckets[v.Microseconds()] += n })
			}
		}
	}
	for name, read := range map[string]func(*testing.T, *Record) byRoute{
		"seconds.csv": readSeconds, "summary.json": readJSON, "report.html's charts": readCharts,
	} {
		t.Run(name, func(t *testing.T) {
			got := read(t, rec)
			if len(got) != len(want) {
				t.Fatalf("routes %v, want %v", slices.Collect(maps.Keys(got)), slices.Collect(maps.Keys(want)))
			}
			for route, w := range want {
				g := got.of(route)
				if g.requests != w.requests || g.failures != w.failures || !maps.Equal(g.buckets, w.buckets) {
					t.Errorf("%s: %d requests, %d failures; want %d, %d; buckets equal: %v",
						route, g.requests, g.failures, w.requests, w.failures, maps.Equal(g.buckets, w.buckets))
				}
			}
		})
	}
	// The tables have no buckets, but the same counts and times.
	res, err := rec.Result()
	if err != nil {
		t.Fatal(err)
	}
	table, last := readStats(t, rec, Stats), readStats(t, rec, History)
	cells := readTable(t, rec)
	for _, r := range append(slices.Clone(res.Routes), res.Total) {
		name := strings.TrimSpace(r.Method + " " + r.Name)
		row := table[name]
		if row["Request Count"] != count(r.Requests) || row["Failure Count"] != count(r.Failures) ||
			row["95%"] != number3(r.Response.P95) || row["99.9%"] != number3(r.Response.P999) || row["Max Response Time"] != python(r.Response.Max) {
			t.Errorf("run_stats.csv has %v for %s, summary.json %+v", row, name, r)
		}
		if h := last[name]; h["Total Request Count"] != count(r.Requests) || h["Total Failure Count"] != count(r.Failures) ||
			h["Total Median Response Time"] != row["Median Response Time"] || h["Total Average Response Time"] != row["Average Response Time"] {
			t.Errorf("the last row of run_stats_history.csv is %v, run_stats.csv has %v", h, row)
		}
		if want := []string{count(r.Requests), count(r.Failures), short(r.Rate), short(r.Response.P50), short(r.Response.P95)}; !slices.Equal(cells[name], want) {
			t.Errorf("the table in report.html has %v for %s, want %v", cells[name], name, want)
		}
	}
}

func number3(ms float64) string { return millis(time.Duration(ms * float64(time.Millisecond))) }

func made(t *testing.T, rec *Record, report Reporter) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := report(&b, rec); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// rows reads a CSV as maps from column to cell.
func rows(t *testing.T, b []byte) (out []map[string]string) {
	t.Helper()
	all, err := csv.NewReader(bytes.NewReader(b)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range all[1:] {
		m := map[string]string{}
		for i, c := range row {
			m[all[0][i]] = c
		}
		out = append(out, m)
	}
	return out
}

func integer(t *testing.T, s string) int64 {
	t.Helper()
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func readSeconds(t *testing.T, rec *Record) byRoute {
	out := byRoute{}
	for _, row := range rows(t, made(t, rec, Seconds)) {
		for _, name := range []string{row["Method"] + " " + row["Name"], "Aggregated"} {
			r := out.of(name)
			r.requests += integer(t, row["Requests"])
			r.failures += integer(t, row["Failures"])
			for _, b := range strings.Fields(row["OK Buckets"] + " " + row["Failed Buckets"]) {
				us, n, _ := strings.Cut(b, ":")
				r.buckets[integer(t, us)] += integer(t, n)
			}
		}
	}
	return out
}

func readJSON(t *testing.T, rec *Record) byRoute {
	var res Result
	if err := json.Unmarshal(made(t, rec, JSON), &res); err != nil {
		t.Fatal(err)
	}
	out := byRoute{}
	for _, r := range append(res.Routes, res.Total) {
		w := out.of(strings.TrimSpace(r.Method + " " + r.Name))
		w.requests, w.failures = r.Requests, r.Failures
		for _, b := range r.Buckets {
			w.buckets[b[0]] += b[1]
		}
	}
	return out
}

var pageData = regexp.MustCompile(`(?s)<script type="application/json" id="data">(.*?)</script>`)

func readCharts(t *testing.T, rec *Record) byRoute {
	found := pageData.FindSubmatch(made(t, rec, HTML))
	if found == nil {
		t.Fatal("the page has no data")
	}
	var c struct {
		Routes []chartRoute
	}
	if err := json.Unmarshal(found[1], &c); err != nil {
		t.Fatal(err)
	}
	out := byRoute{}
	for _, r := range c.Routes {
		name := r.Name
		if name == "all routes" {
			name = stats.Aggregated.Name
		}
		w := out.of(name)
		for i := range r.Requests {
			w.requests += r.Requests[i]
			w.failures += r.Failures[i]
		}
		for _, b := range r.Buckets {
			w.buckets[b[0]] += b[1]
		}
	}
	return out
}

// readStats returns the last row of each route in one of Locust's files.
func readStats(t *testing.T, rec *Record, report Reporter) map[string]map[string]string {
	out := map[string]map[string]string{}
	for _, row := range rows(t, made(t, rec, report)) {
		out[strings.TrimSpace(row["Type"]+" "+row["Name"])] = row
	}
	return out
}

var (
	pageRow  = regexp.MustCompile(`<tr><td class="name"><div>([^<]*)</div></td>(<td class="n" data-v="\d+">.*)</tr>`)
	pageCell = regexp.MustCompile(`<td class="n[^>]*?data-v="([^"]*)">([^<]*)</td>`)
)

// readTable returns of each route in the page's table: requests, failures,
// requests/s, p50, p95.
func readTable(t *testing.T, rec *Record) map[string][]string {
	out := map[string][]string{}
	for _, row := range pageRow.FindAllSubmatch(made(t, rec, HTML), -1) {
		cells := pageCell.FindAllSubmatch(row[2], -1)
		if len(cells) != 14 {
			continue // another table
		}
		shown := func(i int) string { return string(cells[i][2]) }
		out[string(row[1])] = []string{string(cells[0][1]), string(cells[1][1]), shown(3), shown(4), shown(7)}
	}
	return out
}

// TestChartsOfTwoModels goes from users to a rate: each model's wish is drawn
// where it holds, and the curve of levels is that of the model with more of them.
func TestChartsOfTwoModels(t *testing.T) {
	run := levelRun([]int{4, 8, 16}, 8, 2)
	for _, s := range run[16:] {
		s.Load.Model, s.Load.WantedRate, s.Load.WantedUsers = stats.OpenModel, 40, 1000
	}
	rec := recorded(t, demoHeader(), run)
	res, err := rec.Result()
	if err != nil {
		t.Fatal(err)
	}
	c, err := chartsOf(rec, res)
	if err != nil {
		t.Fatal(err)
	}
	is := func(list []compact, i int, want float64) bool {
		return list[i] == compact(want) || math.IsNaN(want) && math.IsNaN(float64(list[i]))
	}
	nan := math.NaN()
	if !is(c.Wanted, 15, 8) || !is(c.Rate, 15, nan) || !is(c.Wanted, 16, nan) || !is(c.Rate, 16, 40) {
		t.Errorf("wanted: users %v, arrivals %v", c.Wanted, c.Rate)
	}
	if c.Levels.Unit != "users" || !slices.Equal(c.Levels.Load, []compact{4, 8}) {
		t.Errorf("the curve is %+v", c.Levels)
	}
}
