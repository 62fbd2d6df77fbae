package stats

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// Threshold is a condition that a run must hold, written as
//
//	metric [of route] operator value [over window] [after time] [abort]
//
//	p95 < 500ms                        p99.9, avg, min, max, med of response times
//	p99 of batch < 2s                  of one route; quote names with spaces
//	error_rate of "valid patient" < 1%
//	rps > 20                           requests a second
//	count >= 1000, failures < 10       requests, failed requests
//	p95 < 800ms over 30s               in every window of 30 s
//	error_rate < 5% after 10s abort    warm-up left out; stop when it breaks
//
// Failed requests count in response times. The zero value is not a threshold.
type Threshold struct {
	Text   string // as written
	Metric Metric
	Rank   float64 // of MetricPercentile, in percent
	Route  string  // a route's name, or method and name; empty: all routes
	Op     Op
	Value  float64 // seconds for times, 0 to 1 for error_rate
	Over   time.Duration
	After  time.Duration
	Abort  bool
}

// Metric is what a Threshold compares.
type Metric uint8

// The metrics.
const (
	MetricPercentile Metric = iota
	MetricMean
	MetricMin
	MetricMax
	MetricErrorRate
	MetricRPS
	MetricCount
	MetricFailures
)

var metricWords = map[string]Metric{
	"avg": MetricMean, "mean": MetricMean, "min": MetricMin, "max": MetricMax,
	"error_rate": MetricErrorRate, "rps": MetricRPS, "count": MetricCount, "failures": MetricFailures,
}

// metricNames are for messages.
const metricNames = "p50 … p99.9, avg, min, max, med, error_rate, rps, count or failures"

// isTime reports whether the metric is a duration.
func (m Metric) isTime() bool { return m <= MetricMax }

// Op is a comparison.
type Op string

// The comparisons.
const (
	Less           Op = "<"
	LessOrEqual    Op = "<="
	Greater        Op = ">"
	GreaterOrEqual Op = ">="
)

// Holds compares a measured value with the wanted one.
func (o Op) Holds(measured, wanted float64) bool {
	switch o {
	case Less:
		return measured < wanted
	case LessOrEqual:
		return measured <= wanted
	case Greater:
		return measured > wanted
	default:
		return measured >= wanted
	}
}

// upper reports whether the comparison bounds from above.
func (o Op) upper() bool { return o == Less || o == LessOrEqual }

// String returns the threshold as written.
func (t Threshold) String() string { return t.Text }

// ParseThreshold reads a threshold. The error is a sentence for a user,
// without the threshold itself.
func ParseThreshold(text string) (Threshold, error) {
	t := Threshold{Text: strings.Join(strings.Fields(text), " ")}
	words, err := splitThreshold(text)
	if err != nil {
		return t, err
	}
	p := &thresholdParser{words: words}
	for _, step := range []func(*Threshold) error{p.metric, p.route, p.comparison, p.options} {
		if err := step(&t); err != nil {
			return Threshold{Text: t.Text}, err
		}
	}
	return t, nil
}

// splitThreshold cuts text into words, quoted texts (marked by a leading
// quote) and comparisons.
func splitThreshold(text string) ([]string, error) {
	var words []string
	for text = strings.TrimSpace(text); text != ""; text = strings.TrimSpace(text) {
		n := 0
		switch c := text[0]; {
		case c == '"' || c == '\'':
			end := strings.IndexByte(text[1:], c)
			if end < 0 {
				return nil, fmt.Errorf("the quote %c is not closed", c)
			}
			words = append(words, `"`+text[1:1+end])
			text = text[end+2:]
			continue
		case strings.IndexByte("<>=!", c) >= 0:
			for n < len(text) && strings.IndexByte("<>=!", text[n]) >= 0 {
				n++
			}
		default:
			for n < len(text) && strings.IndexByte("<>=! \t\r\n\"", text[n]) < 0 {
				n++
			}
		}
		words = append(words, text[:n])
		text = text[n:]
	}
	return words, nil
}

type thresholdParser struct{ words []string }

// next takes the next word; "" at the end.
func (p *thresholdParser) next() string {
	if len(p.words) == 0 {
		return ""
	}
	w := p.words[0]
	p.words = p.words[1:]
	return w
}

func (p *thresholdParser) metric(t *Threshold) error {
	w := p.next()
	if m, ok := metricWords[w]; ok {
		t.Metric = m
		return nil
	}
	if w == "med" || w == "median" {
		t.Rank = 50
		return nil
	}
	rank, err := strconv.ParseFloat(strings.TrimPrefix(w, "p"), 64)
	if !strings.HasPrefix(w, "p") || err != nil || !(rank >= 0 && rank <= 100) {
		return fmt.Errorf("it starts with %q, not with %s", w, metricNames)
	}
	t.Rank = rank
	return nil
}

func (p *thresholdParser) route(t *Threshold) error {
	if len(p.words) == 0 || p.words[0] != "of" {
		return nil
	}
	p.next()
	var name []string
	for len(p.words) > 0 && !isComparison(p.words[0]) {
		name = append(name, strings.TrimPrefix(p.next(), `"`))
	}
	t.Route = strings.Join(name, " ")
	if t.Route == "" {
		return fmt.Errorf("after of comes the name of a route")
	}
	return nil
}

func isComparison(w string) bool { return w != "" && strings.IndexByte("<>=!", w[0]) >= 0 }

func (p *thresholdParser) comparison(t *Threshold) error {
	switch t.Op = Op(p.next()); t.Op {
	case Less, LessOrEqual, Greater, GreaterOrEqual:
	default:
		return fmt.Errorf("after the metric comes <, <=, > or >=, not %q", string(t.Op))
	}
	w := p.next()
	v, err := parseLimit(t.Metric, w)
	t.Value = v
	return err
}

// parseLimit reads the value a metric is compared with.
func parseLimit(m Metric, w string) (float64, error) {
	if m.isTime() {
		d, err := time.ParseDuration(w)
		if err != nil || d < 0 {
			return 0, fmt.Errorf("%q is no time such as 500ms or 2s", w)
		}
		return d.Seconds(), nil
	}
	number, percent := strings.CutSuffix(w, "%")
	if m == MetricRPS {
		number = strings.TrimSuffix(number, "/s")
	}
	v, err := strconv.ParseFloat(number, 64)
	if err != nil || math.IsNaN(v) || math.IsInf(v, 0) || v < 0 || percent && m != MetricErrorRate {
		return 0, fmt.Errorf("%q is no number for it", w)
	}
	if percent {
		v /= 100
	}
	if m == MetricErrorRate && v > 1 {
		return 0, fmt.Errorf("%q is more than everything; write 1%% or 0.01", w)
	}
	return v, nil
}

// maxWindow bounds a window, whose seconds are kept in memory.
const maxWindow = time.Hour

func (p *thresholdParser) options(t *Threshold) error {
	for len(p.words) > 0 {
		var into *time.Duration
		most := 24 * time.Hour
		switch w := p.next(); w {
		case "abort":
			t.Abort = true
			continue
		case "over":
			into, most = &t.Over, maxWindow
		case "after":
			into = &t.After
		default:
			return fmt.Errorf("%q is not known here; over 30s, after 10s and abort are", strings.TrimPrefix(w, `"`))
		}
		w := p.next()
		d, err := time.ParseDuration(w)
		if err != nil || d < time.Second || d > most {
			return fmt.Errorf("%q is no time from a second to %s, such as 30s", w, most)
		}
		*into = d
	}
	return nil
}

// stretch is what a threshold looks at: its route's requests, or all, over a
// time.
type stretch struct {
	Tally
	span time.Duration
}

// tally returns what the threshold looks at of some routes.
func (t *Threshold) tally(routes []RouteStats) Tally {
	var sum Tally
	for i := range routes {
		if r := &routes[i]; t.Route == "" || t.matches(r.Route) {
			sum.Requests += r.Requests
			sum.Failures += r.Failures
			sum.Times.Merge(&r.OK)
			sum.Times.Merge(&r.Failed)
		}
	}
	return sum
}

// of returns what the threshold looks at of a Summary.
func (t *Threshold) of(s *Summary) *stretch {
	if t.Route == "" {
		return &stretch{TallyOf(&s.Total), s.Duration()}
	}
	return &stretch{t.tally(s.Routes), s.Duration()}
}

// matches reports whether the threshold names this route.
func (t *Threshold) matches(r Route) bool { return t.Route == r.Name || t.Route == r.String() }

// measure returns the metric's value and whether there were enough samples.
func (t *Threshold) measure(st *stretch) (value float64, enough bool) {
	switch t.Metric {
	case MetricErrorRate:
		return share(st.Failures, st.Requests), st.Requests > 0
	case MetricRPS:
		return rate(st.Requests, st.span), true
	case MetricCount:
		return float64(st.Requests), true
	case MetricFailures:
		return float64(st.Failures), true
	case MetricMean:
		return st.Times.Mean().Seconds(), st.Times.Count() > 0
	case MetricMin:
		return st.Times.Min().Seconds(), st.Times.Count() > 0
	case MetricMax:
		return st.Times.Max().Seconds(), st.Times.Count() > 0
	}
	return st.Times.Percentile(t.Rank).Seconds(), st.Times.Count() >= MinSamples(t.Rank)
}

// MinSamples returns how many samples a percentile needs before its 95 %
// confidence interval has an upper end: the smallest n with (p/100)^n ≤ 5 %.
// p99 needs 299.
func MinSamples(percentile float64) int64 {
	switch {
	case percentile <= 0:
		return 1
	case percentile >= 100:
		return 1 // the maximum is what it is
	}
	return max(1, int64(math.Ceil(math.Log(0.05)/math.Log(percentile/100))))
}

// Format writes a value of the metric for people: times are in seconds, shares 0
// to 1, as in Value.
func (t *Threshold) Format(v float64) string {
	switch {
	case t.Metric.isTime():
		return fine(time.Duration(v * float64(time.Second)))
	case t.Metric == MetricErrorRate && v > 0 && v < 1e-6:
		return "< 0.0001 %"
	case t.Metric == MetricErrorRate:
		return strconv.FormatFloat(v*100, 'g', 3, 64) + " %"
	case t.Metric == MetricRPS:
		return strconv.FormatFloat(v, 'f', 1, 64)
	}
	return strconv.FormatFloat(v, 'f', 0, 64)
}
