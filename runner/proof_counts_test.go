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
	"time"

	"brink/reports"
	"brink/runner"
	"brink/runner/oracle"
	"brink/runner/stats"
)

// mishaps is a mix of all that can become of a request: successes, refusals,
// timeouts at every point of a request, malformed answers, retries on
// connections that the server closed, through both clients. No two routes have
// the same address, no two requests the same tag.
//
// Only the raw client is hurried: net/http does not say whether it had sent a
// request that timed out.
const mishaps = `
headers: { X-Run-Seq: "{{ uuid() }}" }
tasks:
  - { name: fast, get: /fast, weight: 20 }
  - { name: slower, get: /plan/some, weight: 10 }
  - { name: refused, get: /status/503, weight: 3 }
  - { name: missing, post: /status/404, json: { n: "{{ randint(1, 9) }}" }, weight: 2 }
  - { name: silent, get: /hostile/silent, timeout: 120ms, weight: 1 }
  - { name: hurried, get: /hurried, timeout: 150us, weight: 6 }
  - { name: hurried new, get: /hurried/new, timeout: 300us, connection: new, weight: 3 }
  - { name: reused, get: /hostile/close-reused, weight: 4 }
  - { name: garbled, get: /hostile/garbage, weight: 1 }
  - { name: through std, get: /std, client: std, weight: 3 }
  - { name: reused std, get: /hostile/close-reused/std, client: std, weight: 2 }
  - name: a flow
    weight: 2
    steps:
      - { name: flow begins, get: /flow/begins }
      - { name: flow ends, put: /flow/ends, body: done }
`

// addresses are the routes of mishaps as the oracle counts them.
var addresses = map[stats.Route]string{
	{Method: "GET", Name: "fast"}:        "GET /fast",
	{Method: "GET", Name: "slower"}:      "GET /plan/some",
	{Method: "GET", Name: "refused"}:     "GET /status/503",
	{Method: "POST", Name: "missing"}:    "POST /status/404",
	{Method: "GET", Name: "silent"}:      "GET /hostile/silent",
	{Method: "GET", Name: "hurried"}:     "GET /hurried",
	{Method: "GET", Name: "hurried new"}: "GET /hurried/new",
	{Method: "GET", Name: "reused"}:      "GET /hostile/close-reused",
	{Method: "GET", Name: "garbled"}:     "GET /hostile/garbage",
	{Method: "GET", Name: "through std"}: "GET /std",
	{Method: "GET", Name: "reused std"}:  "GET /hostile/close-reused/std",
	{Method: "GET", Name: "flow begins"}: "GET /flow/begins",
	{Method: "PUT", Name: "flow ends"}:   "PUT /flow/ends",
}

// TestEveryRequestIsInExactlyOneCell makes load in both models, with failures,
// timeouts, retries and live changes, and holds what a server counted against
// the CSV, JSON and HTML files: by route, by second, and in total.
func TestEveryRequestIsInExactlyOneCell(t *testing.T) {
	for _, c := range []struct {
		name    string
		profile string
		wishes  []stats.Wish // one a second
	}{
		{"closed", "profiles:\n  p: { users: 10, run_time: 3s }\n", []stats.Wish{
			{Users: new(30)},
			{Weights: map[string]int{"fast": 0, "silent": 3}},
			{Users: new(3), Mark: "fewer"},
			{Rate: new(150.0)},
			{HandBack: true, Mute: map[stats.Route]bool{{Method: "GET", Name: "slower"}: true}},
		}},
		{"open", "profiles:\n  p: { rate: 200/s, arrivals: poisson, max_users: 12, run_time: 4s }\n", []stats.Wish{
			{Rate: new(600.0)},
			{Pause: new(true)},
			{Pause: new(false)},
			{Users: new(8)},
			{HandBack: true},
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := startOracle(t, oracle.Options{Hostile: true, Log: 1_000_000, Plans: map[string]oracle.Plan{
				"some": oracle.LogNormal(8*time.Millisecond, 0.6),
			}})
			scenario := scenarioOn(t, s.URL(), mishaps+c.profile)
			profile, _ := scenario.Profile("p")
			journal, err := reports.Create(filepath.Join(t.TempDir(), "run"), reports.NewHeader(scenario))
			if err != nil {
				t.Fatal(err)
			}
			r, err := runner.New(runner.Config{Scenario: scenario, Profile: profile, Seed: 7})
			if err != nil {
				t.Fatal(err)
			}
			kept := &keeper{each: func(o *stats.Snapshot) {
				if o.Seq < len(c.wishes) {
					if err := r.Set(c.wishes[o.Seq]); err != nil {
						t.Error(err)
					}
				}
			}}
			sum, err := r.Run(t.Context(), kept, journal)
			if err != nil {
				t.Fatal(err)
			}
			matchesOracle(t, s, sum)
			tagsMatch(t, s, sum)
			matchesOracleEachSecond(t, s, kept.seconds)
			arrivalsAddUp(t, kept.seconds)
			filesMatch(t, journal, sum, kept.seconds)
			classes := map[stats.Class]int64{}
			for _, n := range sum.Total.Classes {
				classes[n.Key] += n.N
			}
			t.Logf("%d requests, %d failed %v, %d retries, %d dropped", sum.Total.Requests, sum.Total.Failures, classes, sum.Total.Retries, sum.Dropped)
			for _, class := range []stats.Class{stats.ConnectTimeout, stats.SendTimeout, stats.TimedOut, stats.BadStatus, stats.Malformed} {
				if classes[class] == 0 {
					t.Errorf("nothing had the class %q", class)
				}
			}
			if sum.Total.Retries == 0 {
				t.Error("nothing was sent again")
			}
		})
	}
}

// matchesOracle holds each route's counts against what the server read.
func matchesOracle(t *testing.T, s *oracle.Server, sum *stats.Summary) {
	t.Helper()
	// A request whose user gave up may still be on its way.
	eventually(t, "the server has read all that was sent", func() bool { return s.Received() >= reached(&sum.Total) })
	counts := s.Counts()
	for _, r := range sum.Routes {
		if got, want := counts[addresses[r.Route]], reached(&r); got != want {
			t.Errorf("%s: the server read %d requests; %d were counted (%d finished, %d unfinished, %d retries, classes %v)",
				r.Route, got, want, r.Requests, r.Unfinished, r.Retries, r.Classes)
		}
		delete(counts, addresses[r.Route])
		oneOutcomeEach(t, r)
	}
	if len(counts) > 0 {
		t.Errorf("the server also read %v", counts)
	}
}

// tagsMatch holds the tags that the server saw against the counts: as many as
// requests were sent, and one twice for each that was sent again.
func tagsMatch(t *testing.T, s *oracle.Server, sum *stats.Summary) {
	t.Helper()
	times := map[string]map[string]int64{} // by address and tag
	for _, e := range s.Log() {
		if times[e.Route] == nil {
			times[e.Route] = map[string]int64{}
		}
		times[e.Route][e.Tag]++
	}
	for i := range sum.Routes {
		r := &sum.Routes[i]
		tags := times[addresses[r.Route]]
		var again int64
		for tag, n := range tags {
			again += n - 1
			if n > 2 || tag == "" {
				t.Errorf("%s: the server read the tag %q %d times", r.Route, tag, n)
			}
		}
		if want := reached(r) - r.Retries; int64(len(tags)) != want || again != r.Retries {
			t.Errorf("%s: the server read %d tags, %d of them again; %d requests were sent, %d of them again", r.Route, len(tags), again, want, r.Retries)
		}
	}
}

// reached returns how many times a route's requests reached the server: each
// once, and once more where it was sent again.
func reached(r *stats.RouteStats) int64 {
	n := r.Requests + r.Unfinished + r.Retries
	for _, c := range r.Classes {
		if !c.Key.Sent() {
			n -= c.N
		}
	}
	return n
}

// oneOutcomeEach checks that a route's requests are each in one histogram, and
// its failures each in one class.
func oneOutcomeEach(t *testing.T, r stats.RouteStats) {
	t.Helper()
	if ok, failed := r.OK.Count(), r.Failed.Count(); ok != r.Requests-r.Failures || failed != r.Failures {
		t.Errorf("%s: %d requests, %d failed, but %d and %d times", r.Route, r.Requests, r.Failures, ok, failed)
	}
	if n := sumCounts(r.Classes); n != r.Failures {
		t.Errorf("%s: %d failures in classes, %d in all", r.Route, n, r.Failures)
	}
}

func sumCounts[K any](list []stats.Count[K]) (n int64) {
	for _, c := range list {
		n += c.N
	}
	return n
}

// matchesOracleEachSecond checks that at the end of each second the server had
// read what was finished, and no more beside it than was in flight. However
// late a busy machine makes either side, the server has read a request before
// it is answered, and a second is counted after it was over.
func matchesOracleEachSecond(t *testing.T, s *oracle.Server, seconds []*stats.Snapshot) {
	t.Helper()
	log := s.Log()
	readBy := func(at time.Time) (n int64) {
		for _, e := range log {
			if !s.Time(e.At).After(at) {
				n++
			}
		}
		return n
	}
	inFlight := 0
	for _, o := range seconds {
		inFlight = max(inFlight, 2*o.Load.Users) // each may be sent twice
	}
	var finished, givenUp int64 // a request that was given up is read sooner or later
	for _, o := range seconds {
		for i := range o.Routes {
			finished += reached(&o.Routes[i])
			givenUp += o.Routes[i].Unfinished
			for _, c := range o.Routes[i].Classes {
				if c.Key == stats.TimedOut {
					givenUp += c.N
				}
			}
		}
		if read := readBy(o.Wall); read < finished-givenUp {
			t.Errorf("second %d: %d requests were answered, but the server had read only %d", o.Seq, finished-givenUp, read)
		}
		over := min(o.Start.Truncate(time.Second)+time.Second, o.End)
		if read := readBy(o.Wall.Add(over - o.End)); read > finished+int64(inFlight) {
			t.Errorf("second %d: the server had read %d requests, but only %d were finished", o.Seq, read, finished)
		}
	}
}

// arrivalsAddUp checks scheduled = sent + dropped + not yet due, each second.
func arrivalsAddUp(t *testing.T, seconds []*stats.Snapshot) {
	t.Helper()
	var scheduled, sent, dropped int64
	for _, o := range seconds {
		scheduled += o.Load.Scheduled
		sent += o.Load.Sent
		dropped += o.Load.Dropped
		if scheduled != sent+dropped+o.Load.NotYetSent {
			t.Errorf("by second %d: %d arrivals scheduled, but %d sent, %d dropped and %d not yet sent", o.Seq, scheduled, sent, dropped, o.Load.NotYetSent)
		}
	}
}

// filesMatch writes all reports and reads the counts back from their cells.
func filesMatch(t *testing.T, journal *reports.Journal, sum *stats.Summary, seconds []*stats.Snapshot) {
	t.Helper()
	journal.End(reports.Ending{Wall: time.Now(), Reason: "the profile was over"})
	if err := journal.Close(); err != nil {
		t.Fatal(err)
	}
	record, err := journal.Record()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := reports.Write(record, reports.Output{}); err != nil {
		t.Fatal(err)
	}
	want := cells{routes: map[string][2]int64{}, seconds: map[int][2]int64{}}
	for _, r := range sum.Routes {
		want.routes[r.Route.String()] = [2]int64{r.Requests, r.Failures}
	}
	want.routes["Aggregated"] = [2]int64{sum.Total.Requests, sum.Total.Failures}
	for _, o := range seconds {
		for _, r := range o.Routes {
			have := want.seconds[o.Seq]
			want.seconds[o.Seq] = [2]int64{have[0] + r.Requests, have[1] + r.Failures}
		}
	}
	dir := journal.Dir()
	for name, got := range map[string]cells{
		"run_stats.csv": readStats(t, dir), "run_failures.csv": readFailures(t, dir), "run_stats_history.csv": readHistory(t, dir),
		"seconds.csv": readSeconds(t, dir), "summary.json": readJSON(t, dir), "report.html": readHTML(t, dir, seconds),
	} {
		got.matches(t, name, want)
	}
}

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
