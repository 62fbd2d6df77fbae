package reports

import (
	"io"
	"slices"
	"strconv"
	"time"

	"brink/runner/stats"
)

// historyWindow is how much time the current figures of a history row cover.
const historyWindow = 10 * time.Second

// History writes Locust's _stats_history.csv: each second a row for every route
// seen so far and one for Aggregated. Rates and percentiles are those of the
// last 10 s (0 where nothing was answered in them), the Total columns those of
// the run so far.
func History(w io.Writer, rec *Record) error {
	header := append([]string{"Timestamp", "User Count", "Type", "Name", "Requests/s", "Failures/s"}, percents(percentileColumns)...)
	t := newTable(w, append(header, "Total Request Count", "Total Failure Count", "Total Median Response Time",
		"Total Average Response Time", "Total Min Response Time", "Total Max Response Time", "Total Average Content Size")...)
	h := &history{total: pastRoute{route: stats.Aggregated}}
	for s, err := range rec.All() {
		if err != nil {
			return err
		}
		h.add(s)
		timestamp, users := strconv.FormatInt(s.Wall.Unix(), 10), strconv.Itoa(s.Load.Users)
		for i := range h.routes {
			t.write(append([]string{timestamp, users}, h.row(rec, h.routes[i])...)...)
		}
		t.write(append([]string{timestamp, users}, h.row(rec, &h.total)...)...)
	}
	return t.close()
}

// history follows the routes of a run through time.
type history struct {
	routes  []*pastRoute // seen so far, sorted
	total   pastRoute
	seconds []span // of the window
}

// span is when a second was.
type span struct{ start, end time.Duration }

// pastRoute is a route's past: all of it added up, and the window.
type pastRoute struct {
	route  stats.Route
	size   int64 // bytes received
	all    stats.Tally
	window stats.Window
}

func (h *history) add(s *stats.Snapshot) {
	begin := s.End - historyWindow
	h.seconds = append(h.seconds, span{s.Start, s.End})
	h.seconds = slices.DeleteFunc(h.seconds, func(o span) bool { return o.end <= begin })
	var sum stats.Tally
	for i := range s.Routes {
		r := &s.Routes[i]
		second := stats.TallyOf(r)
		sum.Merge(&second)
		h.of(r.Route).add(s.End, second, r.BytesIn)
		h.total.size += r.BytesIn
	}
	h.total.add(s.End, sum, 0)
	h.total.window.Forget(begin)
	for _, p := range h.routes {
		p.window.Forget(begin)
	}
}

// of returns the past of a route, which it makes when first seen.
func (h *history) of(r stats.Route) *pastRoute {
	i, found := slices.BinarySearchFunc(h.routes, r, func(p *pastRoute, r stats.Route) int { return p.route.Compare(r) })
	if !found {
		h.routes = slices.Insert(h.routes, i, &pastRoute{route: r})
	}
	return h.routes[i]
}

func (p *pastRoute) add(end time.Duration, t stats.Tally, size int64) {
	p.size += size
	p.all.Merge(&t)
	p.window.Push(end, t)
}

// row returns the cells from Type on.
func (h *history) row(rec *Record, p *pastRoute) []string {
	now := p.window.Sum()
	seconds := (h.seconds[len(h.seconds)-1].end - h.seconds[0].start).Seconds()
	cells := []string{text(p.route.Method), text(p.route.Name),
		sixDecimals(float64(now.Requests) / seconds), sixDecimals(float64(now.Failures) / seconds)}
	if p.all.Requests > 0 && now.Requests == 0 {
		for range percentileColumns {
			cells = append(cells, "0")
		}
	} else {
		cells = append(cells, percentileCells(rec, &now.Times)...)
	}
	cells = append(cells, count(p.all.Requests), count(p.all.Failures))
	cells = append(cells, times(rec, &p.all.Times)...)
	return append(cells, meanSize(p.size, p.all.Requests))
}
