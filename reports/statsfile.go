package reports

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"brink/runner/stats"
)

// StatsFile is a _stats.csv, of brink or of Locust, to hold thresholds against.
type StatsFile struct {
	rows        []statsRow
	percentiles []float64 // that there are columns for, in percent
}

// statsRow is what a route came to; times are in milliseconds.
type statsRow struct {
	route              stats.Route
	requests, failures int64
	mean, min, max     float64
	rate               float64
	percentiles        []float64
}

// ReadStats reads a _stats.csv. Columns are found by their names, since the
// percentiles of Locust's can be chosen.
func ReadStats(r io.Reader) (*StatsFile, error) {
	in := bufio.NewReader(r)
	if mark, _ := in.Peek(3); bytes.Equal(mark, []byte("\xef\xbb\xbf")) {
		_, _ = in.Discard(3)
	}
	rows, err := csv.NewReader(in).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("it is no CSV file: %w", err)
	}
	if len(rows) == 0 {
		return nil, errors.New("it is empty")
	}
	f := new(StatsFile)
	columns := map[string]int{}
	for i, name := range rows[0] {
		columns[name] = i
	}
	for _, name := range []string{"Type", "Name", "Request Count", "Failure Count", "Average Response Time", "Min Response Time", "Max Response Time", "Requests/s"} {
		if _, ok := columns[name]; !ok {
			return nil, fmt.Errorf("it has no column %q: it should be a _stats.csv of brink or of Locust", name)
		}
	}
	var at []int
	for i, name := range rows[0] {
		if p, err := strconv.ParseFloat(strings.TrimSuffix(name, "%"), 64); err == nil && strings.HasSuffix(name, "%") {
			f.percentiles, at = append(f.percentiles, p), append(at, i)
		}
	}
	for n, row := range rows[1:] {
		cells := cellReader{row: row, columns: columns}
		s := statsRow{
			route:    stats.Route{Method: cells.text("Type"), Name: cells.text("Name")},
			requests: int64(cells.number("Request Count")), failures: int64(cells.number("Failure Count")),
			mean: cells.number("Average Response Time"), min: cells.number("Min Response Time"),
			max: cells.number("Max Response Time"), rate: cells.number("Requests/s"),
		}
		for _, i := range at {
			s.percentiles = append(s.percentiles, cells.float(row[i]))
		}
		if cells.err != nil {
			return nil, fmt.Errorf("line %d: %w", n+2, cells.err)
		}
		f.rows = append(f.rows, s)
	}
	if f.find(stats.Aggregated.Name) == nil {
		return nil, errors.New("it has no row Aggregated: it was cut, or is no _stats.csv")
	}
	return f, nil
}

// cellReader reads cells by the names of their columns, and keeps the first
// error.
type cellReader struct {
	row     []string
	columns map[string]int
	err     error
}

func (c *cellReader) text(column string) string { return c.row[c.columns[column]] }

func (c *cellReader) number(column string) float64 { return c.float(c.text(column)) }

// float reads a number; N/A, which stands where there was no request, is 0.
func (c *cellReader) float(s string) float64 {
	if s == "N/A" || s == "" {
		return 0
	}
	v, err := strconv.ParseFloat(s, 64)
	if err != nil && c.err == nil {
		c.err = fmt.Errorf("%q is no number", s)
	}
	return v
}

// find returns the rows of a route, by its name or by method and name.
func (f *StatsFile) find(name string) (rows []*statsRow) {
	for i := range f.rows {
		if r := f.rows[i].route; r.Name == name || r.String() == name {
			rows = append(rows, &f.rows[i])
		}
	}
	return rows
}

// Total returns how many requests there were, and how many of them failed.
func (f *StatsFile) Total() (requests, failures int64) {
	total := f.find(stats.Aggregated.Name)[0]
	return total.requests, total.failures
}

// Check holds a threshold against the file. It fails where the file cannot
// tell: a percentile without a column, a window, a name that two methods share.
func (f *StatsFile) Check(t stats.Threshold) (stats.ThresholdResult, error) {
	res := stats.ThresholdResult{Threshold: t}
	if t.Over > 0 || t.After > 0 {
		return res, fmt.Errorf("%q looks at a part of the run; a _stats.csv only has the whole (brink report reads the record)", t.Text)
	}
	name := t.Route
	if name == "" {
		name = stats.Aggregated.Name
	}
	rows := f.find(name)
	switch {
	case len(rows) == 0:
		res.Note = fmt.Sprintf("no request of %q is in the file", t.Route)
		res.Measured = "nothing"
		return res, nil
	case len(rows) > 1:
		return res, fmt.Errorf("%q: %d methods have a route of this name; write it as %q", t.Text, len(rows), rows[0].route)
	}
	v, need, err := f.measure(rows[0], &t)
	if err != nil {
		return res, err
	}
	res.Measured = t.Format(v)
	res.Held = rows[0].requests >= need && t.Op.Holds(v, t.Value)
	if have := rows[0].requests; have < need {
		res.Note = stats.TooFew(need, have)
		if have == 0 {
			res.Measured = "nothing"
		}
	}
	return res, nil
}

// measure returns the metric of a row in the units of Threshold.Value, and how
// many requests it needs.
func (f *StatsFile) measure(r *statsRow, t *stats.Threshold) (v float64, need int64, err error) {
	switch t.Metric {
	case stats.MetricPercentile:
		i := slices.Index(f.percentiles, t.Rank)
		if i < 0 {
			return 0, 0, fmt.Errorf("%q: the file has no column %s%%; it has %s", t.Text, decimal(t.Rank), strings.Join(percents(f.percentiles), ", "))
		}
		return r.percentiles[i] / 1e3, stats.MinSamples(t.Rank), nil
	case stats.MetricMean:
		return r.mean / 1e3, 1, nil
	case stats.MetricMin:
		return r.min / 1e3, 1, nil
	case stats.MetricMax:
		return r.max / 1e3, 1, nil
	case stats.MetricErrorRate:
		return float64(r.failures) / float64(max(1, r.requests)), 1, nil
	case stats.MetricRPS:
		return r.rate, 0, nil
	case stats.MetricCount:
		return float64(r.requests), 0, nil
	case stats.MetricFailures:
		return float64(r.failures), 0, nil
	}
	return 0, 0, fmt.Errorf("%q: the file does not tell", t.Text)
}
