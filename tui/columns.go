package tui

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"brink/runner/stats"
)

// row is what the tables show of a route, over the whole run or over the last
// seconds.
type row struct {
	route  stats.Route
	stats  *stats.RouteStats
	over   time.Duration
	all    *stats.Histogram
	ranks  [5]time.Duration // of tableRanks
	recent *row             // the last seconds, beside the total
	trend  []float64
	total  bool // the last row: all routes together
}

// tableRanks are the percentiles that the tables know.
var tableRanks = []float64{50, 90, 95, 99, 99.9}

func newRow(r *stats.RouteStats, over time.Duration) row {
	out := row{route: r.Route, stats: r, over: over, all: r.All()}
	copy(out.ranks[:], out.all.Percentiles(tableRanks))
	return out
}

func (r *row) perSecond(n int64) float64 {
	if r.over <= 0 {
		return 0
	}
	return float64(n) / r.over.Seconds()
}

// scope is the time that the tables count.
type scope uint8

// The scopes, in the order in which a key goes through them.
const (
	sinceStart scope = iota
	lastSeconds
	sideBySide
	numScopes
)

// String names the scope for a user.
func (s scope) String() string {
	return [...]string{"since the start", "last 10 s", "since the start | last 10 s"}[s]
}

// routes returns the routes that the scenario has and all that ever had a
// request.
func (t *tally) routes(known []stats.Route) []stats.Route {
	routes := slices.Clone(known)
	for i := range t.total.Routes {
		if r := t.total.Routes[i].Route; !slices.Contains(routes, r) {
			routes = append(routes, r)
		}
	}
	return routes
}

// rows returns a row for every route, then the total.
func (t *tally) rows(known []stats.Route, sc scope) []row {
	routes := t.routes(known)
	sum := t.total
	if sc == lastSeconds {
		sum = t.window.summary()
	}
	out := make([]row, 0, len(routes)+1)
	for _, route := range append(routes, stats.Aggregated) {
		r := rowOf(sum, route)
		recent := row{route: route, stats: t.window.counts(route), over: t.window.duration()}
		if sc == sideBySide {
			recent = rowOf(t.window.summary(), route)
		}
		r.total = route == stats.Aggregated
		r.recent, r.trend = &recent, t.trends[route]
		out = append(out, r)
	}
	return out
}

// rowOf returns a route's row of a Summary, an empty one where it had no
// request.
func rowOf(sum *stats.Summary, route stats.Route) row {
	r := sum.Find(route)
	if r == nil {
		r = &stats.RouteStats{Route: route}
	}
	return newRow(r, sum.Duration())
}

// column is a column of a table of routes.
type column struct {
	name  string // as in the head
	title string // in words, for the editor of columns
	width int    // cells, with the gap before it
	less  int    // where room is short the highest go first; 0: never
	lower bool   // the smaller is the more interesting, so it sorts ascending first
	cell  func(*styles, *row) string
	value func(*row) float64 // for sorting; nil: by name
	alarm bool               // drawn as bad where its value is above 0
	pair  bool               // has its twin over the last seconds when side by side
}

// routeColumns are all the columns, in their order. The first is the name.
var routeColumns = []column{
	{name: "ROUTE", title: "route", width: 12, lower: true, cell: func(_ *styles, r *row) string { return r.name() }},
	counted("REQS", "requests", 9, 0, func(r *stats.RouteStats) int64 { return r.Requests }),
	alarming(counted("FAILS", "failures", 7, 0, func(r *stats.RouteStats) int64 { return r.Failures })),
	rated("REQ/S", "requests a second, last 10 s", 7, 0, func(r *stats.RouteStats) int64 { return r.Requests }),
	alarming(rated("FAIL/S", "failures a second, last 10 s", 7, 6, func(r *stats.RouteStats) int64 { return r.Failures })),
	timed("P50", "median response time, ms", 1, func(r *row) time.Duration { return r.ranks[0] }),
	timed("P90", "90th percentile, ms", 12, func(r *row) time.Duration { return r.ranks[1] }),
	timed("P95", "95th percentile, ms", 0, func(r *row) time.Duration { return r.ranks[2] }),
	timed("P99", "99th percentile, ms", 2, func(r *row) time.Duration { return r.ranks[3] }),
	timed("P99.9", "99.9th percentile, ms", 13, func(r *row) time.Duration { return r.ranks[4] }),
	timed("AVG", "average response time, ms", 5, func(r *row) time.Duration { return r.all.Mean() }),
	timed("MIN", "shortest response time, ms", 8, func(r *row) time.Duration { return r.all.Min() }),
	timed("MAX", "longest response time, ms", 4, func(r *row) time.Duration { return r.all.Max() }),
	timed("SVC95", "95th percentile of the service time (from the actual send), ms", 14, func(r *row) time.Duration { return r.stats.ServiceTimes().Percentile(95) }),
	{name: "SIZE", title: "average size of a response", width: 8, less: 7,
		cell:  func(_ *styles, r *row) string { return sizeCell(r) },
		value: func(r *row) float64 { return meanSize(r) }},
}

// liveColumns are the columns of the live view, as far as there is room.
var liveColumns = func() []column {
	var out []column
	for _, c := range routeColumns {
		if c.name != "P90" && c.name != "P99.9" && c.name != "SVC95" {
			out = append(out, c)
		}
	}
	return out
}()

func counted(name, title string, width, less int, n func(*stats.RouteStats) int64) column {
	return column{name: name, title: title, width: width, less: less, pair: true,
		cell:  func(_ *styles, r *row) string { return short(n(r.stats), width-1) },
		value: func(r *row) float64 { return float64(n(r.stats)) }}
}

func rated(name, title string, width, less int, n func(*stats.RouteStats) int64) column {
	rate := func(r *row) float64 {
		if r.recent != nil {
			r = r.recent
		}
		return r.perSecond(n(r.stats))
	}
	return column{name: name, title: title, width: width, less: less,
		cell:  func(_ *styles, r *row) string { return perSecond(rate(r)) },
		value: rate}
}

func timed(name, title string, less int, d func(*row) time.Duration) column {
	return column{name: name, title: title, width: 7, less: less, pair: true,
		cell: func(s *styles, r *row) string {
			if r.all.Count() == 0 {
				return s.glyph.dash
			}
			return millis(d(r))
		},
		value: func(r *row) float64 { return float64(d(r)) }}
}

func alarming(c column) column {
	c.alarm = true
	return c
}

func (r *row) name() string {
	if r.total {
		return "all"
	}
	return clean(r.route.String())
}

func meanSize(r *row) float64 {
	if n := r.stats.Requests; n > 0 {
		return float64(r.stats.BytesIn) / float64(n)
	}
	return 0
}

func sizeCell(r *row) string {
	if r.stats.Requests == 0 {
		return ""
	}
	return size(meanSize(r))
}

// short writes a count in at most w cells.
func short(n int64, w int) string {
	s := count(n)
	switch {
	case len(s) <= w:
		return s
	case n < 10_000_000:
		return count(n/1000) + "k"
	}
	return count(n/1_000_000) + "M"
}

// twin returns the same column over the last seconds.
func (c column) twin() column {
	t := c
	t.name, t.pair, t.less = "10 s", false, c.less+1 // it goes before its twin
	t.cell = func(s *styles, r *row) string { return c.cell(s, r.recent) }
	t.value = func(r *row) float64 { return c.value(r.recent) }
	return t
}

// choose returns the columns that fit into w cells beside a name of at least
// least cells.
func choose(columns []column, least, w int) []column {
	out := slices.Clone(columns)
	for {
		sum, at := least, -1
		for i, c := range out[1:] {
			sum += c.width
			if c.less > 0 && (at < 0 || c.less > out[at].less) {
				at = i + 1
			}
		}
		if sum <= w || at < 0 {
			return out
		}
		out = slices.Delete(out, at, at+1)
	}
}

// sortRows orders the rows by a column; the total stays last.
func sortRows(rows []row, c *column, down bool) {
	if n := len(rows); n > 0 && rows[n-1].total {
		rows = rows[:n-1]
	}
	slices.SortStableFunc(rows, func(a, b row) int {
		order := 0
		if c.value == nil {
			order = strings.Compare(strings.ToLower(a.name()), strings.ToLower(b.name()))
		} else {
			order = cmp.Compare(c.value(&a), c.value(&b))
		}
		if down {
			order = -order
		}
		return order
	})
}
