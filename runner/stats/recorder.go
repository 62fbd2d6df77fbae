package stats

import (
	"runtime"
	"slices"
	"sync"
)

// Recorder counts samples, from many goroutines, until the collector takes
// the counts away once a second. It is made of shards, so that users seldom
// meet at one; recording a success allocates nothing.
type Recorder struct {
	routes []Route
	shards []shard
}

// shard is one part of a Recorder, on cache lines of its own.
type shard struct {
	mu       sync.Mutex
	routes   []*counters // what came since the last Rotate; nil: nothing
	failures []FailureGroup
	spare    []*counters // emptied, kept for the next second; only Rotate touches it
	_        [64]byte
}

// NewRecorder returns a Recorder for these routes; a Sample's Route is an
// index into them. shards ≤ 0 chooses a number that fits the machine.
func NewRecorder(routes []Route, shards int) *Recorder {
	if shards <= 0 {
		shards = 2 * runtime.GOMAXPROCS(0)
	}
	r := &Recorder{routes: slices.Clone(routes), shards: make([]shard, shards)}
	for i := range r.shards {
		r.shards[i].routes = make([]*counters, len(routes))
		r.shards[i].spare = make([]*counters, len(routes))
	}
	return r
}

// Record counts one finished request. hint chooses the shard: a number that
// stays with the goroutine, such as its user's id. s is not kept.
func (r *Recorder) Record(hint int, s *Sample) {
	sh := r.lock(hint)
	sh.of(s.Route).record(s)
	if s.Failure.Failed() {
		sh.failures = addFailure(sh.failures, FailureGroup{
			Route: r.routes[s.Route], Failure: s.Failure, Count: 1,
			First: s.End, Last: s.End, Exchange: s.Exchange,
		})
	}
	sh.mu.Unlock()
}

// Unfinished counts a request that was still in flight when the run was over,
// its service time so far as its age.
func (r *Recorder) Unfinished(hint int, s *Sample) {
	sh := r.lock(hint)
	c := sh.of(s.Route)
	c.unfinished++
	c.ages.record(s.ServiceTime())
	c.recordWire(s)
	sh.mu.Unlock()
}

// lock returns a locked shard: the hint's own, or a neighbour while that one
// is taken.
func (r *Recorder) lock(hint int) *shard {
	first := uint(hint) % uint(len(r.shards))
	for i := range r.shards {
		sh := &r.shards[(int(first)+i)%len(r.shards)]
		if sh.mu.TryLock() {
			return sh
		}
	}
	sh := &r.shards[first]
	sh.mu.Lock()
	return sh
}

// of returns the shard's counters of a route, which it makes when first used.
func (sh *shard) of(route int) *counters {
	c := sh.routes[route]
	if c == nil {
		c = new(counters)
		sh.routes[route] = c
	}
	return c
}

// Rotate returns what came since the last Rotate, sorted by route, and starts
// anew. Only the collector calls it; recording goes on meanwhile.
func (r *Recorder) Rotate() ([]RouteStats, []FailureGroup) {
	var routes []RouteStats
	var failures []FailureGroup
	for i := range r.shards {
		sh := &r.shards[i]
		sh.mu.Lock()
		full, failed := sh.routes, sh.failures
		sh.routes, sh.failures = sh.spare, nil
		sh.mu.Unlock()

		var part []RouteStats
		for route, c := range full {
			if c != nil && !c.empty() {
				part = append(part, c.drain(r.routes[route]))
			}
		}
		sh.spare = full
		slices.SortFunc(part, func(a, b RouteStats) int { return a.Route.Compare(b.Route) })
		routes = mergeRoutes(routes, part)
		failures = mergeFailures(failures, failed)
	}
	return routes, failures
}
