package stats

import (
	"slices"
	"time"
)

// Summary is what a stretch of a run comes to: a whole run, a level, the last
// ten seconds. The zero value is an empty one. Not safe for concurrent use.
type Summary struct {
	From, To time.Duration // since the run's start
	Seconds  int           // Snapshots added

	Routes   []RouteStats // sorted by Route
	Total    RouteStats   // all routes together, under Aggregated
	Failures []FailureGroup

	Load      Load  // of the last Snapshot
	Scheduled int64 // arrivals of the open model that came due
	Sent      int64
	Dropped   int64
	PeakUsers int

	span    time.Duration // of all Snapshots added; From to To may have gaps
	verdict verdictSum
}

// Add adds the next Snapshot. Snapshots are added in the order of their time.
func (s *Summary) Add(o *Snapshot) {
	if s.Seconds == 0 {
		s.From = o.Start
		s.Total.Route = Aggregated
	}
	s.To = o.End
	s.span += o.End - o.Start
	s.Seconds++
	for i := range o.Routes {
		s.addRoute(&o.Routes[i])
	}
	for _, g := range o.Failures {
		s.Failures = addFailure(s.Failures, g)
	}
	s.Load = o.Load
	s.Scheduled += o.Load.Scheduled
	s.Sent += o.Load.Sent
	s.Dropped += o.Load.Dropped
	s.PeakUsers = max(s.PeakUsers, o.Load.Users)
	s.verdict.add(o)
}

func (s *Summary) addRoute(r *RouteStats) {
	i, found := slices.BinarySearchFunc(s.Routes, r.Route, func(a RouteStats, b Route) int { return a.Route.Compare(b) })
	if !found {
		s.Routes = slices.Insert(s.Routes, i, RouteStats{Route: r.Route})
	}
	s.Routes[i].Merge(r)
	s.Total.Merge(r)
}

// Find returns the stats of a route, nil if it has none. Aggregated gives the
// total.
func (s *Summary) Find(r Route) *RouteStats {
	if r == Aggregated {
		return &s.Total
	}
	for i := range s.Routes {
		if s.Routes[i].Route == r {
			return &s.Routes[i]
		}
	}
	return nil
}

// Duration returns how much time was added up; less than From to To where
// seconds were left out.
func (s *Summary) Duration() time.Duration { return s.span }

// Rate returns n a second over Duration.
func (s *Summary) Rate(n int64) float64 { return rate(n, s.Duration()) }

// Verdict says whether the numbers can be trusted.
func (s *Summary) Verdict() Verdict { return s.verdict.judge(s) }

// Summarize adds up Snapshots.
func Summarize(snapshots ...*Snapshot) *Summary {
	s := new(Summary)
	for _, o := range snapshots {
		s.Add(o)
	}
	return s
}
