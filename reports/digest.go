package reports

import (
	"fmt"
	"strings"
	"time"

	"brink/runner/stats"
)

// digest is what a whole record comes to, gathered in one pass over its
// seconds. Its size does not grow with the length of the run beyond fixed
// bounds.
type digest struct {
	summary    stats.Summary
	thresholds []stats.Threshold
	gate       *stats.Gate
	unknown    []stats.ThresholdResult // that cannot be read here, so do not hold
	levels     stats.Levels
	health     healthSum
	events     []stats.Event
	gaps       []gap         // seconds missing between others
	next       int           // number of the second expected next
	last       time.Duration // when the one before it ended
}

// gap is a stretch of the run that is not in the record.
type gap struct{ from, to time.Duration }

// maxEvents bounds the events of a digest, and with them those of the reports.
const maxEvents = 100_000

func digestOf(rec *Record) (*digest, error) {
	d := new(digest)
	d.summary.Total.Route = stats.Aggregated
	for _, line := range rec.Header.Thresholds {
		t, err := stats.ParseThreshold(line)
		if err != nil { // of another version of brink
			t.Text = line
			d.unknown = append(d.unknown, stats.ThresholdResult{Threshold: t, Measured: "nothing", Note: err.Error()})
			continue
		}
		d.thresholds = append(d.thresholds, t)
	}
	d.gate = stats.NewGate(d.thresholds)
	d.levels.Thresholds = d.thresholds
	for s, err := range rec.All() {
		if err != nil {
			return nil, err
		}
		d.add(s)
	}
	return d, nil
}

func (d *digest) add(s *stats.Snapshot) {
	if s.Seq > d.next {
		d.gaps = append(d.gaps, gap{d.last, s.Start})
	}
	d.next, d.last = s.Seq+1, s.End
	d.summary.Add(s)
	d.gate.Add(s)
	d.levels.Add(s)
	d.health.add(&s.Health)
	if room := maxEvents - len(d.events); room > 0 {
		d.events = append(d.events, s.Events[:min(room, len(s.Events))]...)
	}
}

// rows returns the routes in the order of the reports, the total last.
func (d *digest) rows() []*stats.RouteStats {
	rows := make([]*stats.RouteStats, 0, len(d.summary.Routes)+1)
	for i := range d.summary.Routes {
		rows = append(rows, &d.summary.Routes[i])
	}
	return append(rows, &d.summary.Total)
}

// missing is Missing with what only a pass over the seconds shows.
func (r *Record) missing(d *digest) []string {
	out := r.Missing()
	if r.Ending == nil {
		out = append(out, "The record ends at "+clock(d.last.Seconds())+".")
	}
	if len(d.gaps) > 0 {
		var where []string
		for _, g := range d.gaps[:min(maxGaps, len(d.gaps))] {
			where = append(where, clock(g.from.Seconds())+" to "+clock(g.to.Seconds()))
		}
		if more := len(d.gaps) - maxGaps; more > 0 {
			where = append(where, fmt.Sprintf("and %d more times", more))
		}
		out = append(out, "Not in the record, in the middle of the run: "+strings.Join(where, ", ")+".")
	}
	return out
}

// maxGaps bounds the gaps that are named.
const maxGaps = 20
