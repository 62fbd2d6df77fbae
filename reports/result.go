package reports

import (
	"cmp"
	"slices"
	"strconv"
	"time"

	"brink/runner/stats"
)

// Result is what a record comes to, in the form in which the reports for people
// and the JSON summary show it; schema.json describes that. Times are in
// milliseconds, sizes in bytes, shares 0 to 1, moments of the run in seconds
// since its start. Texts are as they came: who draws them escapes them.
type Result struct {
	Format     string            `json:"format"` // ResultFormat
	Run        RunInfo           `json:"run"`
	Verdict    VerdictResult     `json:"verdict"`
	Thresholds []ThresholdResult `json:"thresholds"`
	Held       bool              `json:"held"` // every threshold held; true where there is none
	Total      RouteResult       `json:"total"`
	Routes     []RouteResult     `json:"routes"`
	Arrivals   *Arrivals         `json:"arrivals,omitempty"` // of the open model
	Failures   []FailureResult   `json:"failures"`
	Levels     []LevelResult     `json:"levels"`
	Capacity   *CapacityResult   `json:"capacity,omitempty"`
	Events     []EventResult     `json:"events"`
}

// ResultFormat is the version of Result's JSON form. Fields may be added to it;
// a change of what is there gets a new number.
const ResultFormat = "brink-summary-1"

// RunInfo says which run it was.
type RunInfo struct {
	Scenario  string    `json:"scenario"`
	File      string    `json:"file,omitempty"`
	Target    string    `json:"target"`
	Profile   string    `json:"profile,omitempty"`
	Started   time.Time `json:"started"`
	Ended     time.Time `json:"ended"`
	Duration  float64   `json:"duration_seconds"`
	PeakUsers int       `json:"peak_users"`
	Partial   bool      `json:"partial"`
	Ending    string    `json:"ending,omitempty"`
	Missing   []string  `json:"missing,omitempty"`
	Version   string    `json:"brink_version"`
	Command   string    `json:"command,omitempty"`
	RunID     string    `json:"run_id,omitempty"`
	Seed      uint64    `json:"seed,string"` // more digits than a JSON number keeps
	Host      string    `json:"host,omitempty"`
	Platform  string    `json:"platform,omitempty"`
	CPUs      int       `json:"cpus,omitempty"`
}

// VerdictResult says whether the numbers can be trusted.
type VerdictResult struct {
	Grade   string   `json:"grade"` // VALID, DEGRADED, INVALID
	Reasons []string `json:"reasons,omitempty"`
}

// ThresholdResult is what became of a threshold.
type ThresholdResult struct {
	Text     string `json:"text"`
	Held     bool   `json:"held"`
	Measured string `json:"measured"`
	Note     string `json:"note,omitempty"`
}

// RouteResult is what a route, or a level, came to.
type RouteResult struct {
	Method      string  `json:"method"`
	Name        string  `json:"name"`
	Requests    int64   `json:"requests"` // failures included
	Failures    int64   `json:"failures"`
	FailShare   float64 `json:"fail_share"`
	Unfinished  int64   `json:"unfinished,omitempty"`
	Censored    int64   `json:"censored,omitempty"` // timed out or unfinished: they would have taken longer
	Rate        float64 `json:"requests_per_second"`
	FailureRate float64 `json:"failures_per_second"`
	MeanSize    float64 `json:"mean_size"`
	BytesIn     int64   `json:"bytes_in"`
	BytesOut    int64   `json:"bytes_out"`
	NewConns    int64   `json:"new_connections"`
	Retries     int64   `json:"retries,omitempty"`

	Statuses map[string]int64 `json:"statuses,omitempty"`
	Classes  map[string]int64 `json:"failure_classes,omitempty"`

	Response Times    `json:"response_ms"`          // from the intended start, failures included
	OK       *Times   `json:"ok_ms,omitempty"`      // successes alone, where there were failures
	Service  *Times   `json:"service_ms,omitempty"` // from the actual start, where that differs
	Phases   []Phase  `json:"phases,omitempty"`
	Buckets  []Bucket `json:"buckets,omitempty"` // of Response
}

// Times sums up a distribution.
type Times struct {
	Min   float64 `json:"min"`
	Mean  float64 `json:"mean"`
	P50   float64 `json:"p50"`
	P75   float64 `json:"p75"`
	P90   float64 `json:"p90"`
	P95   float64 `json:"p95"`
	P99   float64 `json:"p99"`
	P999  float64 `json:"p99.9"`
	P9999 float64 `json:"p99.99"`
	Max   float64 `json:"max"`
}

// Phase is one part of the requests' time.
type Phase struct {
	Name  string  `json:"name"`
	Count int64   `json:"count"` // requests that had this part
	Mean  float64 `json:"mean_ms"`
	Max   float64 `json:"max_ms"`
}

// Bucket is the lowest value of a histogram's bucket, in µs, and its count.
type Bucket [2]int64

// Arrivals counts the arrivals of the open model: Scheduled = Sent + Dropped +
// NotSent.
type Arrivals struct {
	Scheduled int64 `json:"scheduled"`
	Sent      int64 `json:"sent"`
	Dropped   int64 `json:"dropped"`
	NotSent   int64 `json:"not_sent"` // still waited for a user when the run was over
}

// FailureResult is failures of one route that say the same.
type FailureResult struct {
	Method   string  `json:"method"`
	Name     string  `json:"name"`
	Class    string  `json:"class"`
	Text     string  `json:"text"`
	Count    int64   `json:"count"`
	First    float64 `json:"first_seconds"`
	Last     float64 `json:"last_seconds"`
	Request  string  `json:"request,omitempty"` // one of them, secrets masked
	Response string  `json:"response,omitempty"`
	Curl     string  `json:"curl,omitempty"`
}

// LevelResult is a stretch of the run in which the load was held.
type LevelResult struct {
	Model    string        `json:"model"`           // closed, open
	Users    int           `json:"users,omitempty"` // closed model
	Rate     float64       `json:"rate,omitempty"`  // open model, arrivals a second
	Manual   bool          `json:"manual"`
	From     float64       `json:"from_seconds"` // after settling
	Seconds  float64       `json:"seconds"`
	Verdict  VerdictResult `json:"verdict"`
	Measured RouteResult   `json:"measured"`
}

// CapacityResult is what the levels say about the target, as indexes of Levels.
type CapacityResult struct {
	Holds  *int `json:"holds,omitempty"`  // the highest that met every threshold
	Breaks *int `json:"breaks,omitempty"` // the lowest above it that did not
	Knee   *int `json:"knee,omitempty"`   // where more load no longer brings more throughput
	// Unknown are those at which the generator, not the target, was the limit,
	// by load: their numbers are INVALID, and they are none of the above.
	Unknown []int `json:"unknown,omitempty"`
}

// EventResult is something that changed the run.
type EventResult struct {
	At   float64 `json:"at_seconds"`
	Kind string  `json:"kind"`
	Text string  `json:"text"`
}

// Result returns what the record comes to. It is made once and shared: nobody
// changes it.
func (r *Record) Result() (*Result, error) { return r.result() }

func resultOf(r *Record) (*Result, error) {
	d, err := r.digest()
	if err != nil {
		return nil, err
	}
	sum := &d.summary
	out := &Result{
		Format: ResultFormat, Run: r.runInfo(d), Verdict: verdictResult(sum.Verdict()), Held: true,
		Total:      routeResult(&sum.Total, sum, true),
		Thresholds: []ThresholdResult{}, Routes: []RouteResult{}, Failures: []FailureResult{},
		Levels: []LevelResult{}, Events: []EventResult{},
	}
	for _, t := range append(d.gate.Results(), d.unknown...) {
		out.Thresholds = append(out.Thresholds, ThresholdResult{t.Text, t.Held, t.Measured, t.Note})
		out.Held = out.Held && t.Held
	}
	for i := range sum.Routes {
		out.Routes = append(out.Routes, routeResult(&sum.Routes[i], sum, true))
	}
	if sum.Scheduled > 0 {
		out.Arrivals = &Arrivals{sum.Scheduled, sum.Sent, sum.Dropped, sum.Load.NotYetSent}
	}
	for _, f := range sum.Failures {
		out.Failures = append(out.Failures, failureResult(f))
	}
	slices.SortStableFunc(out.Failures, func(a, b FailureResult) int { return cmp.Compare(b.Count, a.Count) })
	out.addLevels(d)
	for _, e := range d.events {
		out.Events = append(out.Events, EventResult{e.At.Seconds(), e.Kind.String(), e.Text})
	}
	return out, nil
}

func (r *Record) runInfo(d *digest) RunInfo {
	h := &r.Header
	info := RunInfo{
		Scenario: h.Scenario, File: h.File, Target: h.Target, Profile: h.Profile,
		Started: h.Started, Ended: h.Started.Add(d.summary.To),
		Duration: d.summary.Duration().Seconds(), PeakUsers: d.summary.PeakUsers,
		Partial: r.Partial(), Missing: r.missing(d),
		Version: h.Version, Command: h.Command, RunID: h.RunID, Seed: h.Seed,
		Host: h.Host, Platform: h.Platform, CPUs: h.CPUs,
	}
	if r.Ending != nil {
		info.Ending = r.Ending.Reason
	}
	return info
}

func verdictResult(v stats.Verdict) VerdictResult {
	return VerdictResult{Grade: v.Grade.String(), Reasons: v.Reasons}
}

func routeResult(r *stats.RouteStats, over *stats.Summary, buckets bool) RouteResult {
	all := r.All()
	out := RouteResult{
		Method: r.Route.Method, Name: r.Route.Name,
		Requests: r.Requests, Failures: r.Failures, FailShare: r.FailShare(), Unfinished: r.Unfinished,
		Rate: over.Rate(r.Requests), FailureRate: over.Rate(r.Failures),
		MeanSize: r.MeanSize(), BytesIn: r.BytesIn, BytesOut: r.BytesOut,
		Censored: r.Unfinished, NewConns: r.NewConns, Retries: r.Retries, Response: timesOf(all),
	}
	if r.Failures > 0 && r.OK.Count() > 0 {
		ok := timesOf(&r.OK)
		out.OK = &ok
	}
	if r.Service.Count() > 0 {
		service := timesOf(&r.Service)
		out.Service = &service
	}
	if len(r.Statuses) > 0 {
		out.Statuses = make(map[string]int64)
		for _, c := range r.Statuses {
			out.Statuses[strconv.Itoa(c.Key)] = c.N
		}
	}
	if len(r.Classes) > 0 {
		out.Classes = make(map[string]int64)
		for _, c := range r.Classes {
			out.Classes[c.Key.String()] = c.N
			if c.Key.Timeout() {
				out.Censored += c.N
			}
		}
	}
	for i, p := range r.Phases {
		if p.N > 0 {
			out.Phases = append(out.Phases, Phase{stats.PhaseNames[i], p.N, milliseconds(p.Mean()), milliseconds(p.Max)})
		}
	}
	if buckets {
		all.Each(func(v time.Duration, n int64) { out.Buckets = append(out.Buckets, Bucket{v.Microseconds(), n}) })
	}
	return out
}

// shownPercentiles are those of Times, in percent.
var shownPercentiles = []float64{50, 75, 90, 95, 99, 99.9, 99.99}

func timesOf(h *stats.Histogram) Times {
	p := h.Percentiles(shownPercentiles)
	return Times{
		Min: milliseconds(h.Min()), Mean: milliseconds(h.Mean()), Max: milliseconds(h.Max()),
		P50: milliseconds(p[0]), P75: milliseconds(p[1]), P90: milliseconds(p[2]), P95: milliseconds(p[3]),
		P99: milliseconds(p[4]), P999: milliseconds(p[5]), P9999: milliseconds(p[6]),
	}
}

func failureResult(f stats.FailureGroup) FailureResult {
	out := FailureResult{
		Method: f.Route.Method, Name: f.Route.Name, Class: f.Class.String(), Text: failureText(f.Failure),
		Count: f.Count, First: f.First.Seconds(), Last: f.Last.Seconds(),
	}
	if f.Exchange != nil {
		out.Request, out.Response, out.Curl = f.Exchange.Request, f.Exchange.Response, f.Exchange.Curl
	}
	return out
}

func (out *Result) addLevels(d *digest) {
	rows := d.levels.Rows()
	for i := range rows {
		out.Levels = append(out.Levels, levelResult(&rows[i]))
	}
	if len(rows) == 0 {
		return
	}
	c := stats.FindCapacity(rows, d.thresholds)
	found := CapacityResult{Holds: index(c.Holds), Breaks: index(c.Breaks), Knee: index(c.Knee), Unknown: c.Unknown}
	if found.Holds != nil || found.Breaks != nil || found.Knee != nil || found.Unknown != nil {
		out.Capacity = &found
	}
}

// unknown says at which levels nothing is known of the target, and why; "" where
// something is known of all.
func (out *Result) unknown() string {
	if out.Capacity == nil || len(out.Capacity.Unknown) == 0 {
		return ""
	}
	var loads []string
	for _, i := range out.Capacity.Unknown {
		loads = append(loads, out.Levels[i].name())
	}
	return stats.NothingKnown(loads, out.Levels[out.Capacity.Unknown[0]].Verdict.Reasons[0])
}

// index returns nil for the -1 of none.
func index(i int) *int {
	if i < 0 {
		return nil
	}
	return &i
}

func levelResult(l *stats.Level) LevelResult {
	out := LevelResult{
		Model: modelName(l.Model), Users: l.Users, Rate: l.Rate, Manual: l.Manual,
		From: l.Summary.From.Seconds(), Seconds: l.Summary.Duration().Seconds(),
		Verdict: verdictResult(l.Summary.Verdict()), Measured: routeResult(&l.Summary.Total, l.Summary, false),
	}
	return out
}

func modelName(m stats.Model) string {
	if m == stats.OpenModel {
		return "open"
	}
	return "closed"
}
