package stats

import (
	"strings"
	"testing"
	"time"
)

func TestParseThreshold(t *testing.T) {
	for text, want := range map[string]Threshold{
		"p95 < 500ms":                           {Rank: 95, Op: Less, Value: 0.5},
		"p99.9<=2s":                             {Rank: 99.9, Op: LessOrEqual, Value: 2},
		"med < 1ms":                             {Rank: 50, Op: Less, Value: 0.001},
		"avg of single < 80ms":                  {Metric: MetricMean, Route: "single", Op: Less, Value: 0.08},
		`p95 of "valid patient" < 200ms`:        {Rank: 95, Route: "valid patient", Op: Less, Value: 0.2},
		"p95 of POST single < 1s":               {Rank: 95, Route: "POST single", Op: Less, Value: 1},
		"error_rate < 1%":                       {Metric: MetricErrorRate, Op: Less, Value: 0.01},
		"error_rate < 0.1%":                     {Metric: MetricErrorRate, Op: Less, Value: 0.001},
		"error_rate < 0.05":                     {Metric: MetricErrorRate, Op: Less, Value: 0.05},
		"rps > 20":                              {Metric: MetricRPS, Op: Greater, Value: 20},
		"rps >= 20/s":                           {Metric: MetricRPS, Op: GreaterOrEqual, Value: 20},
		"count >= 1000":                         {Metric: MetricCount, Op: GreaterOrEqual, Value: 1000},
		"max < 3s over 30s after 10s abort":     {Metric: MetricMax, Op: Less, Value: 3, Over: 30 * time.Second, After: 10 * time.Second, Abort: true},
		"failures < 10 abort":                   {Metric: MetricFailures, Op: Less, Value: 10, Abort: true},
		"  p50   of   'GET /a < b'   <   10ms ": {Rank: 50, Route: "GET /a < b", Op: Less, Value: 0.01},
	} {
		want.Text = strings.Join(strings.Fields(text), " ")
		if got, err := ParseThreshold(text); err != nil || got != want {
			t.Errorf("%q: %+v, %v; want %+v", text, got, err, want)
		}
	}
}

func TestParseThresholdSaysWhatIsWrong(t *testing.T) {
	for text, want := range map[string]string{
		"":                      "starts with",
		"p95":                   "after the metric comes",
		"p101 < 1s":             "starts with",
		"p < 1s":                "starts with",
		"pNaN < 1s":             "starts with",
		"q95 < 1s":              "starts with",
		"p95 < 500":             "no time such as 500ms",
		"p95 == 5ms":            "<, <=, > or >=",
		"p95 of < 5ms":          "name of a route",
		`p95 of "a < 5ms`:       "not closed",
		"error_rate < 5":        "write 1% or 0.01",
		"rps > many":            "no number",
		"rps > 5%":              "no number",
		"count < NaN":           "no number",
		"p95 < -5ms":            "no time",
		"p95 < 5ms over":        "no time from a second to",
		"p95 < 5ms over 1ms":    "no time from a second to",
		"p95 < 5ms over 99999h": "no time from a second to",
		"p95 < 5ms soon":        "not known here",
	} {
		if _, err := ParseThreshold(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: error %v; want one with %q", text, err, want)
		}
	}
}

func FuzzParseThreshold(f *testing.F) {
	f.Add(`p95 of "valid patient" < 200ms over 30s after 10s abort`)
	f.Add("error_rate<1%")
	f.Fuzz(func(t *testing.T, text string) {
		th, err := ParseThreshold(text)
		if err != nil {
			return
		}
		if !(th.Value >= 0) || !(th.Rank >= 0 && th.Rank <= 100) {
			t.Fatalf("%q: accepted with value %g, rank %g", text, th.Value, th.Rank)
		}
	})
}

func TestMinSamples(t *testing.T) {
	for p, want := range map[float64]int64{50: 5, 95: 59, 99: 299, 99.9: 2995, 99.99: 29956, 0: 1, 100: 1} {
		if got := MinSamples(p); got != want {
			t.Errorf("p%g needs %d; want %d", p, got, want)
		}
	}
}
