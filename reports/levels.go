package reports

import (
	"io"
	"strconv"
	"strings"
)

// Levels writes levels.csv: a row for each stretch of the run in which the load
// was held, by hand or by plan. The time in which the load settled is left out.
func Levels(w io.Writer, rec *Record) error {
	res, err := rec.Result()
	if err != nil {
		return err
	}
	t := newTable(w, append(append([]string{"Model", "Users", "Rate", "By Hand", "From", "Seconds", "Request Count", "Requests/s",
		"Failure Count", "Failures/s", "Error Rate", "Average Response Time", "Min Response Time", "Max Response Time"},
		percents(shownPercentiles)...), "Verdict", "Reasons", "Capacity")...)
	for i := range res.Levels {
		l := &res.Levels[i]
		m := &l.Measured
		row := []string{l.Model, strconv.Itoa(l.Users), decimal(l.Rate), strconv.FormatBool(l.Manual), fixed(l.From), fixed(l.Seconds),
			count(m.Requests), sixDecimals(m.Rate), count(m.Failures), sixDecimals(m.FailureRate), sixDecimals(m.FailShare),
			fixed(m.Response.Mean), fixed(m.Response.Min), fixed(m.Response.Max)}
		for _, v := range m.Response.percentiles() {
			row = append(row, fixed(v))
		}
		t.write(append(row, l.Verdict.Grade, text(strings.Join(l.Verdict.Reasons, "; ")), res.Capacity.note(i))...)
	}
	return t.close()
}

// percentiles returns those of shownPercentiles.
func (t *Times) percentiles() []float64 {
	return []float64{t.P50, t.P75, t.P90, t.P95, t.P99, t.P999, t.P9999}
}

func fixed(v float64) string { return strconv.FormatFloat(v, 'f', 3, 64) }

// Events writes events.csv: every live change, mark, stage and warning.
func Events(w io.Writer, rec *Record) error {
	d, err := rec.digest()
	if err != nil {
		return err
	}
	t := newTable(w, "Second", "Timestamp", "Kind", "Text")
	for _, e := range d.events {
		t.write(seconds(e.At), rec.utc(e.At), e.Kind.String(), text(e.Text))
	}
	return t.close()
}
