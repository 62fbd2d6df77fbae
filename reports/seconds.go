package reports

import (
	"io"
	"strconv"
	"strings"
	"time"

	"brink/runner/stats"
)

// Seconds writes seconds.csv: everything, a row for each second and route.
// Where nothing finished in a second there is one row without a route, so that
// every second is there. Counts add up to those of the whole run, and so do
// the histograms, bucket by bucket.
//
// The last columns are histograms of response times as text: the lowest value
// of a bucket in µs, a colon, a count, separated by spaces.
func Seconds(w io.Writer, rec *Record) error {
	t := newTable(w, append([]string{"Second", "Timestamp", "Start", "End",
		"Model", "Wanted Users", "Users", "Busy Users", "Wanted Rate", "Scheduled", "Sent", "Dropped", "Not Yet Sent",
		"Paused", "Manual", "Stage", "Verdict",
		"Method", "Name", "Requests", "Failures", "Unfinished", "New Connections", "Retries", "Bytes Out", "Bytes In",
		"Statuses", "Failure Classes", "Min", "Mean", "Max"},
		append(percents(shownPercentiles), append(prefixed("Service ", percents(shownPercentiles)), "OK Buckets", "Failed Buckets")...)...)...)
	for s, err := range rec.All() {
		if err != nil {
			return err
		}
		second := secondCells(s)
		if len(s.Routes) == 0 {
			t.write(append(second, routeCells(new(stats.RouteStats))...)...)
		}
		for i := range s.Routes {
			t.write(append(second[:len(second):len(second)], routeCells(&s.Routes[i])...)...)
		}
	}
	return t.close()
}

func prefixed(prefix string, names []string) []string {
	for i := range names {
		names[i] = prefix + names[i]
	}
	return names
}

// secondCells returns the cells that all routes of a second share. The
// arrivals are those of the whole second, not of a route.
func secondCells(s *stats.Snapshot) []string {
	l := &s.Load
	return []string{strconv.Itoa(s.Seq), strconv.FormatInt(s.Wall.Unix(), 10), seconds(s.Start), seconds(s.End),
		modelName(l.Model), strconv.Itoa(l.WantedUsers), strconv.Itoa(l.Users), strconv.Itoa(l.Busy), decimal(l.WantedRate),
		count(l.Scheduled), count(l.Sent), count(l.Dropped), count(l.NotYetSent),
		strconv.FormatBool(l.Paused), strconv.FormatBool(l.Manual), text(l.Stage), stats.Judge(s).Grade.String()}
}

func routeCells(r *stats.RouteStats) []string {
	all := r.All()
	cells := []string{text(r.Route.Method), text(r.Route.Name), count(r.Requests), count(r.Failures), count(r.Unfinished),
		count(r.NewConns), count(r.Retries), count(r.BytesOut), count(r.BytesIn),
		counts(r.Statuses, strconv.Itoa), counts(r.Classes, stats.Class.String),
		millis(all.Min()), millis(all.Mean()), millis(all.Max())}
	for _, h := range []*stats.Histogram{all, r.ServiceTimes()} {
		for _, d := range h.Percentiles(shownPercentiles) {
			cells = append(cells, millis(d))
		}
	}
	return append(cells, bucketCell(&r.OK), bucketCell(&r.Failed))
}

// counts writes "200:31 503:2".
func counts[K any](list []stats.Count[K], name func(K) string) string {
	var b strings.Builder
	for i, c := range list {
		if i > 0 {
			b.WriteString("; ")
		}
		b.WriteString(name(c.Key))
		b.WriteByte(':')
		b.WriteString(count(c.N))
	}
	return b.String()
}

func bucketCell(h *stats.Histogram) string {
	var b []byte
	h.Each(func(v time.Duration, n int64) {
		if len(b) > 0 {
			b = append(b, ' ')
		}
		b = strconv.AppendInt(b, v.Microseconds(), 10)
		b = append(b, ':')
		b = strconv.AppendInt(b, n, 10)
	})
	return string(b)
}

// seconds writes a time of the run in seconds with milliseconds.
func seconds(d time.Duration) string { return strconv.FormatFloat(d.Seconds(), 'f', 3, 64) }
