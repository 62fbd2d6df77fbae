package runner_test

import (
	"path/filepath"
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
