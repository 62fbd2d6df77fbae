package reports

import (
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"brink/runner/stats"
)

// charts is what the page's script draws, as columns: entry i of each belongs
// to bin i. Counts are those of the whole bin, so that they add up.
type charts struct {
	Start   []compact     `json:"start"` // seconds since the run's start
	End     []compact     `json:"end"`
	Users   []int         `json:"users"`
	Wanted  []compact     `json:"wanted"`         // users; null in the open model, which asks for as many as it takes
	Rate    []compact     `json:"rate,omitempty"` // arrivals a second wanted; null in the closed model
	Dropped []int64       `json:"dropped,omitempty"`
	CPU     []compact     `json:"cpu"`   // percent of the cores
	Grade   []int         `json:"grade"` // 1 degraded, 2 invalid
	Events  [][3]any      `json:"events"`
	Routes  []chartRoute  `json:"routes"` // all routes together come first
	Levels  *chartsLevels `json:"levels,omitempty"`
}

// chartRoute is a route over time, and its whole distribution.
type chartRoute struct {
	Name     string    `json:"name"`
	Requests []int64   `json:"requests"`
	Failures []int64   `json:"failures"`
	P50      []compact `json:"p50"` // ms; null where nothing was answered
	P95      []compact `json:"p95"`
	P99      []compact `json:"p99"`
	Buckets  []Bucket  `json:"buckets"`
}

// chartsLevels is the curve of load → throughput, latency, ascending by load.
type chartsLevels struct {
	Unit   string    `json:"unit"`
	Load   []compact `json:"load"`
	Rate   []compact `json:"rate"` // requests a second, failures included
	Failed []compact `json:"failed"`
	P95    []compact `json:"p95"`
}

// compact is a number written with five digits, or as a whole number beyond
// them; NaN is null.
type compact float64

func (c compact) MarshalJSON() ([]byte, error) {
	v := float64(c)
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return []byte("null"), nil
	}
	if v != 0 {
		unit := max(1, math.Pow(10, 4-math.Floor(math.Log10(math.Abs(v)))))
		v = math.Round(v*unit) / unit
	}
	return strconv.AppendFloat(nil, v, 'f', -1, 64), nil
}

var none = compact(math.NaN())

func chartsOf(rec *Record, res *Result) (*charts, error) {
	c := &charts{Start: []compact{}, End: []compact{}, Events: [][3]any{}, Levels: levelCurve(res.Levels)} // [] and not null where there is nothing
	c.Routes = append(c.Routes, chartRoute{Name: "all routes", Buckets: append([]Bucket{}, res.Total.Buckets...)})
	for i := range res.Routes {
		r := &res.Routes[i]
		c.Routes = append(c.Routes, chartRoute{Name: stats.Clean(strings.TrimSpace(r.Method+" "+r.Name), 80), Buckets: append([]Bucket{}, r.Buckets...)})
	}
	open := false
	for b, err := range rec.bins() {
		if err != nil {
			return nil, err
		}
		open = open || b.load.Model == stats.OpenModel
		c.add(b)
		c.Routes[0].add(&b.total)
		for i := range res.Routes {
			c.Routes[i+1].add(b.routes[stats.Route{Method: res.Routes[i].Method, Name: res.Routes[i].Name}])
		}
	}
	if !open {
		c.Rate, c.Dropped = nil, nil
	}
	for _, e := range res.Events[:min(maxPageEvents, len(res.Events))] {
		if e.Kind != stats.EventWarning.String() && e.Kind != stats.EventStart.String() {
			c.Events = append(c.Events, [3]any{compact(e.At), e.Kind, stats.Clean(e.Text, 120)})
		}
	}
	return c, nil
}

// add takes the next bin.
func (c *charts) add(b *bin) {
	users, rate := compact(b.load.WantedUsers), none
	if b.load.Model == stats.OpenModel {
		users, rate = none, compact(b.load.WantedRate)
	}
	c.Start = append(c.Start, compact(b.start.Seconds()))
	c.End = append(c.End, compact(b.end.Seconds()))
	c.Users = append(c.Users, b.load.Users)
	c.Wanted = append(c.Wanted, users)
	c.Rate = append(c.Rate, rate)
	c.Dropped = append(c.Dropped, b.dropped)
	c.CPU = append(c.CPU, compact(100*b.cpu))
	c.Grade = append(c.Grade, int(b.grade))
}

// add takes what the route did in the next bin, nil for nothing.
func (r *chartRoute) add(t *stats.Tally) {
	if t == nil {
		t = new(stats.Tally)
	}
	r.Requests = append(r.Requests, t.Requests)
	r.Failures = append(r.Failures, t.Failures)
	p := []compact{none, none, none}
	if t.Times.Count() > 0 {
		for i, d := range t.Times.Percentiles([]float64{50, 95, 99}) {
			p[i] = compact(milliseconds(d.Round(time.Microsecond)))
		}
	}
	r.P50, r.P95, r.P99 = append(r.P50, p[0]), append(r.P95, p[1]), append(r.P99, p[2])
}

// levelCurve orders the levels of one model by load: the last one's, unless the
// other has more of them. Of those with the same load the last one counts.
func levelCurve(levels []LevelResult) *chartsLevels {
	if len(levels) == 0 {
		return nil
	}
	byLoad := map[string]map[float64]*LevelResult{"closed": {}, "open": {}}
	for i := range levels {
		byLoad[levels[i].Model][levels[i].load()] = &levels[i]
	}
	curve, latest := &chartsLevels{Unit: "users"}, byLoad["closed"]
	open := len(byLoad["open"]) - len(byLoad["closed"])
	if open > 0 || open == 0 && levels[len(levels)-1].Model == "open" {
		curve.Unit, latest = "arrivals/s", byLoad["open"]
	}
	for _, load := range slices.Sorted(maps.Keys(latest)) {
		m := &latest[load].Measured
		curve.Load = append(curve.Load, compact(load))
		curve.Rate = append(curve.Rate, compact(m.Rate))
		curve.Failed = append(curve.Failed, compact(m.FailureRate))
		curve.P95 = append(curve.P95, compact(m.Response.P95))
	}
	return curve
}
