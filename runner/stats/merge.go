package stats

import (
	"cmp"
	"slices"
	"time"
)

// maxFailureGroups bounds the failure groups of a Snapshot or Summary; what
// comes beyond them is counted under one text.
const maxFailureGroups = 500

// moreFailures is the text under which failures beyond maxFailureGroups are
// counted.
const moreFailures = "further failures with other texts"

func (l *Load) merge(o *Load) {
	l.Model = max(l.Model, o.Model)
	l.WantedUsers += o.WantedUsers
	l.Users += o.Users
	l.Busy += o.Busy
	l.OldestBusy = max(l.OldestBusy, o.OldestBusy)
	l.WantedRate += o.WantedRate
	l.Scheduled += o.Scheduled
	l.Sent += o.Sent
	l.Dropped += o.Dropped
	l.NotYetSent += o.NotYetSent
	l.Paused = l.Paused || o.Paused
	l.Manual = l.Manual || o.Manual
	l.Stopping = l.Stopping || o.Stopping
	l.Stage = max(l.Stage, o.Stage)
	l.PlanEnd = max(l.PlanEnd, o.PlanEnd)
	l.Mix.merge(&o.Mix)
}

func (h *Health) merge(o *Health) {
	h.CPU += o.CPU
	h.Cores += o.Cores
	h.BusiestCore = max(h.BusiestCore, o.BusiestCore)
	h.Throttled = max(h.Throttled, o.Throttled)
	h.GCPause = max(h.GCPause, o.GCPause)
	h.SchedLatency = max(h.SchedLatency, o.SchedLatency)
	h.Stall = max(h.Stall, o.Stall)
	lag := h.Lag.Clone()
	lag.Merge(&o.Lag)
	h.Lag = *lag
	h.Memory += o.Memory
	h.OpenFiles = max(h.OpenFiles, o.OpenFiles)
	h.FileLimit = max(h.FileLimit, o.FileLimit)
	h.Ports = max(h.Ports, o.Ports)
	h.PortLimit = max(h.PortLimit, o.PortLimit)
	h.Goroutines += o.Goroutines
}

// Merge adds what o holds, from another second, worker or route. The result is
// the same in any order. o is not changed and shares no memory with r.
func (r *RouteStats) Merge(o *RouteStats) {
	// Where one of them has service times of its own, the other's are its
	// response times, and have to be written out before they are mixed.
	if r.Service.Count() > 0 || o.Service.Count() > 0 {
		service := r.ServiceTimes()
		service.Merge(o.ServiceTimes())
		r.Service = *service
	}
	r.Requests += o.Requests
	r.Failures += o.Failures
	r.Unfinished += o.Unfinished
	r.NewConns += o.NewConns
	r.Retries += o.Retries
	r.BytesOut += o.BytesOut
	r.BytesIn += o.BytesIn
	r.Statuses = mergeCounts(r.Statuses, o.Statuses)
	r.Classes = mergeCounts(r.Classes, o.Classes)
	r.OK.Merge(&o.OK)
	r.Failed.Merge(&o.Failed)
	r.Ages.Merge(&o.Ages)
	for i := range r.Phases {
		r.Phases[i].N += o.Phases[i].N
		r.Phases[i].Sum += o.Phases[i].Sum
		r.Phases[i].Max = max(r.Phases[i].Max, o.Phases[i].Max)
	}
}

// Clone returns an independent copy.
func (r *RouteStats) Clone() RouteStats {
	c := RouteStats{Route: r.Route}
	c.Merge(r)
	return c
}

// All returns the response times of successes and failures together: what the
// columns of Locust's files mean. The result is the caller's.
func (r *RouteStats) All() *Histogram { return r.OK.plus(&r.Failed) }

// ServiceTimes returns the service times of all requests. The result is the
// caller's.
func (r *RouteStats) ServiceTimes() *Histogram {
	if r.Service.Count() == 0 {
		return r.All()
	}
	return r.Service.Clone()
}

// FailShare returns the share of requests that failed, 0 to 1.
func (r *RouteStats) FailShare() float64 { return share(r.Failures, r.Requests) }

// share returns the share that some are of all, 0 where there is nothing.
func share(some, all int64) float64 {
	if all == 0 {
		return 0
	}
	return float64(some) / float64(all)
}

// MeanSize returns the mean body size in bytes.
func (r *RouteStats) MeanSize() float64 {
	if r.Requests == 0 {
		return 0
	}
	return float64(r.BytesIn) / float64(r.Requests)
}

// mergeCounts merges two ascending lists into a new one.
func mergeCounts[K cmp.Ordered](a, b []Count[K]) []Count[K] {
	if len(b) == 0 {
		return a
	}
	out := make([]Count[K], 0, len(a)+len(b))
	for len(a) > 0 && len(b) > 0 {
		switch c := cmp.Compare(a[0].Key, b[0].Key); {
		case c < 0:
			out, a = append(out, a[0]), a[1:]
		case c > 0:
			out, b = append(out, b[0]), b[1:]
		default:
			out = append(out, Count[K]{a[0].Key, a[0].N + b[0].N})
			a, b = a[1:], b[1:]
		}
	}
	return append(append(out, a...), b...)
}

// mergeRoutes merges two lists sorted by route into a new one; neither is
// changed.
func mergeRoutes(a, b []RouteStats) []RouteStats {
	out := make([]RouteStats, 0, max(len(a), len(b)))
	for len(a) > 0 || len(b) > 0 {
		switch {
		case len(b) == 0 || len(a) > 0 && a[0].Route.Compare(b[0].Route) < 0:
			out, a = append(out, a[0].Clone()), a[1:]
		case len(a) == 0 || b[0].Route.Compare(a[0].Route) < 0:
			out, b = append(out, b[0].Clone()), b[1:]
		default:
			both := a[0].Clone()
			both.Merge(&b[0])
			out, a, b = append(out, both), a[1:], b[1:]
		}
	}
	return out
}

// mergeFailures merges two lists into a new one, sorted by route, class and
// text.
func mergeFailures(a, b []FailureGroup) []FailureGroup {
	out := slices.Clone(a)
	for _, g := range b {
		out = addFailure(out, g)
	}
	return out
}

// addFailure adds g to a sorted list, in place.
func addFailure(list []FailureGroup, g FailureGroup) []FailureGroup {
	i, found := slices.BinarySearchFunc(list, g, compareFailures)
	if !found && len(list) >= maxFailureGroups && g.Text != moreFailures {
		g.Route, g.Failure = Aggregated, Failure{Other, moreFailures}
		return addFailure(list, g)
	}
	if !found {
		return slices.Insert(list, i, g)
	}
	have := &list[i]
	if g.Exchange != nil && (have.Exchange == nil || g.Exchange.At >= have.Exchange.At) {
		have.Exchange = g.Exchange
	}
	have.Count += g.Count
	have.First = min(have.First, g.First)
	have.Last = max(have.Last, g.Last)
	return list
}

func compareFailures(a, b FailureGroup) int {
	return cmp.Or(a.Route.Compare(b.Route), cmp.Compare(a.Class, b.Class), cmp.Compare(a.Text, b.Text))
}

func compareEvents(a, b Event) int {
	return cmp.Or(cmp.Compare(a.At, b.At), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Text, b.Text))
}

// rate returns n a second over d, 0 where d is 0.
func rate(n int64, d time.Duration) float64 {
	if d <= 0 {
		return 0
	}
	return float64(n) / d.Seconds()
}
