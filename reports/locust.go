package reports

import (
	"fmt"
	"io"
	"math"
	"math/bits"
	"slices"
	"strconv"
	"time"

	"brink/runner/stats"
)

// The four files of Locust 2.46, with its headers, order, line ends and
// meaning, so that what reads Locust's files reads these: failed requests count
// in every column, rows are sorted by name and method, the last one is
// Aggregated, times are in milliseconds, sizes in bytes.
//
// What is better here, and shows to nobody who reads the cells as numbers:
// percentiles are those of the histogram (0.1 %) in place of two digits, with
// decimals where an answer took no whole milliseconds, because the 0 that
// Locust gives for 0.3 ms is of no use. The history has a row for every route
// each second, its percentiles and rates are those of the 10 s that end there,
// and its last row is always written. Header.LocustRounding (--csv-compat
// locust) makes the percentiles those that Locust would have written.

// percentileColumns are Locust's, in percent.
var percentileColumns = []float64{50, 66, 75, 80, 90, 95, 98, 99, 99.9, 99.99, 100}

// Stats writes Locust's _stats.csv: what each route came to.
func Stats(w io.Writer, rec *Record) error {
	d, err := rec.digest()
	if err != nil {
		return err
	}
	t := newTable(w, append([]string{"Type", "Name", "Request Count", "Failure Count", "Median Response Time",
		"Average Response Time", "Min Response Time", "Max Response Time", "Average Content Size",
		"Requests/s", "Failures/s"}, percents(percentileColumns)...)...)
	for _, r := range d.rows() {
		all := r.All()
		row := []string{text(r.Route.Method), text(r.Route.Name), count(r.Requests), count(r.Failures)}
		row = append(row, times(rec, all)...)
		row = append(row, meanSize(r.BytesIn, r.Requests), python(d.summary.Rate(r.Requests)), python(d.summary.Rate(r.Failures)))
		t.write(append(row, percentileCells(rec, all)...)...)
	}
	return t.close()
}

// times returns the cells of median, average, minimum and maximum.
func times(rec *Record, all *stats.Histogram) []string {
	mean := 0.0
	if n := all.Count(); n > 0 {
		mean = milliseconds(all.Sum()) / float64(n)
	}
	return []string{median(rec, all), python(mean), orZero(milliseconds(all.Min())), orZero(milliseconds(all.Max()))}
}

// meanSize returns the cell of the average content size.
func meanSize(bytes, requests int64) string {
	if requests == 0 {
		return "0"
	}
	return python(float64(bytes) / float64(requests))
}

func median(rec *Record, all *stats.Histogram) string {
	if rec.Header.LocustRounding {
		return strconv.FormatFloat(roundedOf(all).median(all), 'f', -1, 64)
	}
	return millis(all.Percentile(50))
}

// percentileCells returns the cells of the percentiles, N/A where there was no
// request at all.
func percentileCells(rec *Record, all *stats.Histogram) []string {
	cells := make([]string, 0, len(percentileColumns))
	switch {
	case all.Count() == 0:
		for range percentileColumns {
			cells = append(cells, "N/A")
		}
	case rec.Header.LocustRounding:
		h := roundedOf(all)
		for _, p := range percentileColumns {
			cells = append(cells, strconv.Itoa(h.percentile(p)))
		}
	default:
		for _, d := range all.Percentiles(percentileColumns) {
			cells = append(cells, millis(d))
		}
	}
	return cells
}

// Failures writes Locust's _failures.csv: failures that say the same, with when
// they were first and last seen, in UTC.
func Failures(w io.Writer, rec *Record) error {
	d, err := rec.digest()
	if err != nil {
		return err
	}
	t := newTable(w, "Method", "Name", "Error", "Occurrences", "First Seen", "Last Seen")
	for _, f := range d.summary.Failures {
		t.write(text(f.Route.Method), text(f.Route.Name), text(failureText(f.Failure)), count(f.Count),
			rec.utc(f.First), rec.utc(f.Last))
	}
	return t.close()
}

// failureText returns a failure in words.
func failureText(f stats.Failure) string {
	if f.Text == "" {
		return f.Class.String()
	}
	return f.Text
}

// utc returns the wall clock at a time of the run, to the second. It follows
// the monotonic clock: a wall clock that was set meanwhile does not show.
func (r *Record) utc(at time.Duration) string {
	return r.Header.Started.Add(at).UTC().Format("2006-01-02T15:04:05Z")
}

// Exceptions writes Locust's _exceptions.csv. Its rows are exceptions in the
// Python code of tasks; there is none here, so it is a header alone. A request
// that could not be made is a failure.
func Exceptions(w io.Writer, _ *Record) error {
	return newTable(w, "Count", "Message", "Traceback", "Nodes").close()
}

// rounded is a distribution as Locust keeps it: whole milliseconds with two
// significant digits.
type rounded struct {
	values []int // ascending
	counts []int64
	total  int64
}

// roundedOf rounds a distribution as Locust does (bucket_response_time): below
// 100 ms to 1, below 1 s to 10, below 10 s to 100, else to 1000; halves go to
// the even neighbour.
func roundedOf(h *stats.Histogram) *rounded {
	r := new(rounded)
	h.Each(func(v time.Duration, n int64) {
		ms, unit := milliseconds(v+halfWidth(v)), 1.0
		switch {
		case ms >= 10_000:
			unit = 1000
		case ms >= 1000:
			unit = 100
		case ms >= 100:
			unit = 10
		}
		value := int(math.RoundToEven(ms/unit) * unit)
		if last := len(r.values) - 1; last >= 0 && r.values[last] == value {
			r.counts[last] += n
		} else {
			r.values, r.counts = append(r.values, value), append(r.counts, n)
		}
		r.total += n
	})
	return r
}

// halfWidth returns half the width of the histogram's bucket that begins at v,
// so that values near a border between two roundings fall to either side.
func halfWidth(v time.Duration) time.Duration {
	const exact = 11 // values below 2^11 µs have buckets of 1 µs
	wide := max(0, bits.Len64(uint64(v.Microseconds()))-exact)
	return time.Duration(1<<wide/2) * time.Microsecond
}

// percentile is Locust's: from the largest value down, the first that at most
// int(n·p) values exceed or equal.
func (r *rounded) percentile(p float64) int {
	rank := int64(float64(r.total) * (p / 100))
	var seen int64
	for i, v := range slices.Backward(r.values) {
		seen += r.counts[i]
		if r.total-seen <= rank {
			return v
		}
	}
	return 0
}

// median is Locust's Median Response Time: the lower median, within the exact
// minimum and maximum.
func (r *rounded) median(exact *stats.Histogram) float64 {
	pos := (r.total - 1) / 2
	for i, v := range r.values {
		if pos < r.counts[i] {
			return min(max(float64(v), milliseconds(exact.Min())), milliseconds(exact.Max()))
		}
		pos -= r.counts[i]
	}
	return 0
}

// sixDecimals is how Locust writes the rates of its history.
func sixDecimals(v float64) string { return fmt.Sprintf("%.6f", v) }
