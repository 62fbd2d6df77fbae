package runner_test

import (
	"encoding/csv"
	"encoding/json"
	"html"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"brink/reports"
	"brink/runner/stats"
)

// cells are the requests and failures that a file tells of, by route and by
// second; nil where it does not say.
type cells struct {
	routes       map[string][2]int64
	seconds      map[int][2]int64
	failuresOnly bool
}

func (c cells) matches(t *testing.T, file string, want cells) {
	t.Helper()
	if c.routes == nil && c.seconds == nil {
		t.Errorf("%s tells of nothing", file)
	}
	for _, route := range slices.Sorted(maps.Keys(want.routes)) {
		have, n := c.routes[route], want.routes[route]
		if c.routes != nil && (have[1] != n[1] || have[0] != n[0] && !c.failuresOnly) {
			t.Errorf("%s: %s has %v (requests, failures), not %v", file, route, have, n)
		}
	}
	for second, n := range want.seconds {
		if c.seconds != nil && c.seconds[second] != n {
			t.Errorf("%s: second %d has %v (requests, failures), not %v", file, second, c.seconds[second], n)
		}
	}
}

// add counts n requests and failures of a route and, where it is not negative,
// a second.
func (c *cells) add(route string, second int, requests, failures int64) {
	if c.routes == nil {
		c.routes = map[string][2]int64{}
	}
	have := c.routes[route]
	c.routes[route] = [2]int64{have[0] + requests, have[1] + failures}
	if second >= 0 {
		if c.seconds == nil {
			c.seconds = map[int][2]int64{}
		}
		have := c.seconds[second]
		c.seconds[second] = [2]int64{have[0] + requests, have[1] + failures}
	}
}

// table reads a CSV file, its rows as maps by column.
func table(t *testing.T, dir, name string) (rows []map[string]string) {
	t.Helper()
	f, err := os.Open(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	all, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, cells := range all[1:] {
		row := map[string]string{}
		for i, c := range cells {
			row[all[0][i]] = c
		}
		rows = append(rows, row)
	}
	return rows
}

func whole(t *testing.T, text string) int64 {
	t.Helper()
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func readStats(t *testing.T, dir string) (c cells) {
	for _, row := range table(t, dir, "run_stats.csv") {
		c.add(strings.TrimSpace(row["Type"]+" "+row["Name"]), -1, whole(t, row["Request Count"]), whole(t, row["Failure Count"]))
	}
	return c
}

func readFailures(t *testing.T, dir string) (c cells) {
	c.failuresOnly = true
	for _, row := range table(t, dir, "run_failures.csv") {
		n := whole(t, row["Occurrences"])
		c.add(row["Method"]+" "+row["Name"], -1, 0, n)
		c.add("Aggregated", -1, 0, n)
	}
	return c
}

// readHistory takes the last row of each route: its totals.
func readHistory(t *testing.T, dir string) (c cells) {
	c.routes = map[string][2]int64{}
	for _, row := range table(t, dir, "run_stats_history.csv") {
		route := strings.TrimSpace(row["Type"] + " " + row["Name"])
		c.routes[route] = [2]int64{whole(t, row["Total Request Count"]), whole(t, row["Total Failure Count"])}
	}
	return c
}

func readSeconds(t *testing.T, dir string) (c cells) {
	for _, row := range table(t, dir, "seconds.csv") {
		requests, failures := whole(t, row["Requests"]), whole(t, row["Failures"])
		if row["Name"] != "" {
			c.add(row["Method"]+" "+row["Name"], int(whole(t, row["Second"])), requests, failures)
			c.add("Aggregated", -1, requests, failures)
		}
		if n := pairs(t, row["Failure Classes"]); n != failures {
			t.Errorf("seconds.csv, second %s, %s: %d failures in classes, %d in all", row["Second"], row["Name"], n, failures)
		}
		if ok, failed := pairs(t, row["OK Buckets"]), pairs(t, row["Failed Buckets"]); ok != requests-failures || failed != failures {
			t.Errorf("seconds.csv, second %s, %s: %d and %d requests in buckets, %d requests, %d failed", row["Second"], row["Name"], ok, failed, requests, failures)
		}
	}
	return c
}

// pairs sums the numbers behind the colons of "200:31; 503:2" or "150:1 160:3".
func pairs(t *testing.T, cell string) (n int64) {
	t.Helper()
	for _, m := range regexp.MustCompile(`:(\d+)(?:;? |$)`).FindAllStringSubmatch(cell, -1) {
		n += whole(t, m[1])
	}
	return n
}

func readJSON(t *testing.T, dir string) (c cells) {
	text, err := os.ReadFile(filepath.Join(dir, "summary.json"))
	if err != nil {
		t.Fatal(err)
	}
	var res reports.Result
	if err := json.Unmarshal(text, &res); err != nil {
		t.Fatal(err)
	}
	if a := res.Arrivals; a != nil && a.Scheduled != a.Sent+a.Dropped+a.NotSent {
		t.Errorf("summary.json: %+v", *a)
	}
	for _, r := range append(res.Routes, res.Total) {
		c.add(strings.TrimSpace(r.Method+" "+r.Name), -1, r.Requests, r.Failures)
		var buckets, classes int64
		for _, b := range r.Buckets {
			buckets += b[1]
		}
		for _, n := range r.Classes {
			classes += n
		}
		if buckets != r.Requests || classes != r.Failures {
			t.Errorf("summary.json: %s %s has %d requests in buckets and %d failures in classes; %d and %d in all", r.Method, r.Name, buckets, classes, r.Requests, r.Failures)
		}
	}
	return c
}

// The cells of the page: a row of the first sortable table, and the data of
// its charts.
var (
	firstTable = regexp.MustCompile(`(?s)<table class="sortable">.*?</table>`)
	routeRow   = regexp.MustCompile(`<td class="name">(?:<div>)?([^<]*)(?:</div>)?</td><td class="n" data-v="(\d+)">([^<]*)</td><td class="n" data-v="(\d+)">([^<]*)</td>`)
	chartData  = regexp.MustCompile(`(?s)<script type="application/json" id="data">(.*?)</script>`)
)

// readHTML reads the page. A bin of its charts may hold several seconds: each
// second is then said to have what the bin has beyond its other seconds.
func readHTML(t *testing.T, dir string, seconds []*stats.Snapshot) (c cells) {
	text, err := os.ReadFile(filepath.Join(dir, "report.html"))
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range routeRow.FindAllStringSubmatch(string(firstTable.Find(text)), -1) {
		// What is seen is what is sorted by.
		requests, failures := shown(t, row[3]), shown(t, row[5])
		if requests != whole(t, row[2]) || failures != whole(t, row[4]) {
			t.Errorf("report.html shows %s and %s for %s and %s", row[3], row[5], row[2], row[4])
		}
		c.add(html.UnescapeString(row[1]), -1, requests, failures)
	}
	var charts struct {
		Start  []float64
		Routes []struct {
			Name               string
			Requests, Failures []int64
			Buckets            [][2]int64
		}
	}
	if err := json.Unmarshal(chartData.FindSubmatch(text)[1], &charts); err != nil {
		t.Fatal(err)
	}
	c.seconds = map[int][2]int64{}
	for i, start := range charts.Start {
		rest := [2]int64{charts.Routes[0].Requests[i], charts.Routes[0].Failures[i]}
		for _, o := range seconds {
			// The times in the page are rounded, and a last second may be short.
			if at := o.Start.Seconds() + 0.001; at < start || i+1 < len(charts.Start) && at >= charts.Start[i+1] {
				continue
			}
			sum := stats.Summarize(o)
			c.seconds[o.Seq] = [2]int64{sum.Total.Requests, sum.Total.Failures}
			rest = [2]int64{rest[0] - sum.Total.Requests, rest[1] - sum.Total.Failures}
		}
		if rest != [2]int64{} {
			t.Errorf("report.html: the bin from %v s has %v (requests, failures) more than its seconds", start, rest)
		}
	}
	for i, r := range charts.Routes {
		var requests, failures, buckets int64
		for j := range r.Requests {
			requests += r.Requests[j]
			failures += r.Failures[j]
		}
		for _, b := range r.Buckets {
			buckets += b[1]
		}
		name := r.Name
		if i == 0 {
			name = "Aggregated"
		}
		if have := c.routes[name]; have != [2]int64{requests, failures} || buckets != requests {
			t.Errorf("report.html: the charts of %s have %d requests, %d failures and %d in buckets; the table has %v", r.Name, requests, failures, buckets, have)
		}
	}
	return c
}

// shown reads a number with spaces between its thousands.
func shown(t *testing.T, text string) int64 {
	t.Helper()
	return whole(t, strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, html.UnescapeString(text)))
}
