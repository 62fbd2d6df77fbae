package stats

import (
	"fmt"
	"slices"
	"time"
)

// Snapshot is one second of one worker: what finished in it, the load wanted
// and reached, what happened, and how well the generator itself did. Once made
// it is never changed, so it may be read from any goroutine.
//
// The last Snapshot of a run may be shorter than a second.
type Snapshot struct {
	Seq   int           // the run's seconds, from 0
	Start time.Duration // since the run's start, monotonic
	End   time.Duration
	Wall  time.Time // wall clock at End, for labels only

	Load     Load
	Routes   []RouteStats // sorted by Route; a route without news is absent
	Failures []FailureGroup
	Events   []Event
	Health   Health
}

// Load is what the plan wanted in a second and what there was.
type Load struct {
	Model       Model
	WantedUsers int           // users the plan wants now; in the open model max_users
	Users       int           // users running at the end of the second
	Busy        int           // users with a request in flight at the end of the second
	OldestBusy  time.Duration // age of the oldest request in flight
	WantedRate  float64       // arrivals a second the plan wants now; 0 in the closed model

	// Arrivals of the open model in this second:
	// Scheduled = Sent + Dropped + the change of NotYetSent.
	Scheduled  int64 // came due
	Sent       int64 // given to a user
	Dropped    int64 // no user was free and max_users was reached
	NotYetSent int64 // due, waiting for a user, at the end of the second

	Paused   bool
	Manual   bool          // the load was set by hand; the profile waits
	Stopping bool          // no new requests; waiting for those in flight
	Stage    string        // what the profile does now: "ramp 20 → 100 users"; may be empty
	PlanEnd  time.Duration // when the profile ends, since the run's start; 0: never by itself
	Mix      Mix           // what was changed by hand of what users do
}

// Model is how load is made: by users who wait for their answers, or by
// arrivals that wait for nobody.
type Model uint8

// The two models.
const (
	ClosedModel Model = iota // users: a slow target is asked less often
	OpenModel                // arrivals: a slow target is asked as often
)

// RouteStats is what a route did in a second, or in any longer time it was
// merged over.
type RouteStats struct {
	Route      Route
	Requests   int64 // finished, failures included
	Failures   int64
	Unfinished int64 // still in flight when the run was over; not in Requests
	NewConns   int64
	Retries    int64 // sent again because the server had closed a reused connection
	BytesOut   int64
	BytesIn    int64

	Statuses []Count[int]   // HTTP statuses, ascending
	Classes  []Count[Class] // failures by class, ascending

	OK     Histogram // response times of successes
	Failed Histogram // response times of failures, timeouts with their time
	// Service holds the service times of all where they differ from the
	// response times; where it is empty they are the same.
	Service Histogram
	Ages    Histogram // how long the unfinished had been in flight
	Phases  [NumPhases]Phase
}

// Count is how often a key came.
type Count[K any] struct {
	Key K
	N   int64
}

// Phase sums one part of the requests' time.
type Phase struct {
	N   int64 // requests that had this part
	Sum time.Duration
	Max time.Duration
}

// Mean returns the mean over those that had the part, 0 if none had.
func (p Phase) Mean() time.Duration {
	if p.N == 0 {
		return 0
	}
	return p.Sum / time.Duration(p.N)
}

// The phases of a request, as indexes of RouteStats.Phases.
const (
	PhaseConnWait = iota
	PhaseDNS
	PhaseConnect
	PhaseTLS
	PhaseFirstByte
	PhaseBody
	NumPhases
)

// PhaseNames names the phases for a user, in order.
var PhaseNames = [NumPhases]string{"waiting for a connection", "DNS", "connect", "TLS", "first byte", "body"}

// FailureGroup is failures of one route that say the same.
type FailureGroup struct {
	Route Route
	Failure
	Count int64
	First time.Duration // since the run's start
	Last  time.Duration
	// Exchange is a recent one in full; nil where none was kept.
	Exchange *Exchange
}

// Event is something that changed the run, or a mark that a user set.
type Event struct {
	At   time.Duration // since the run's start
	Kind EventKind
	Text string // a whole sentence for a user
}

// EventKind says what an Event is. The numbers are part of the journal.
type EventKind uint8

// The kinds of events.
const (
	EventStart    EventKind = iota // the load began
	EventUsers                     // users set by hand
	EventRate                      // rate set by hand
	EventPause                     // paused
	EventResume                    // went on
	EventWeights                   // weights of tasks or routes switched by hand
	EventHandBack                  // the profile took over again
	EventStage                     // the profile began its next stage
	EventMark                      // a user's mark
	EventWarning                   // something to look at: the generator, a limit
	EventStop                      // stopping, with the reason
)

var eventWords = []string{"start", "users", "rate", "pause", "resume", "weights", "hand-back", "stage", "mark", "warning", "stop"}

// String returns the kind as written in events.csv.
func (k EventKind) String() string {
	if int(k) < len(eventWords) {
		return eventWords[k]
	}
	return fmt.Sprintf("event-%d", k)
}

// Health is how the generator itself did in a second.
type Health struct {
	CPU          float64       // cores this process used
	Cores        float64       // cores it may use (affinity and cgroup)
	BusiestCore  float64       // share of the machine's busiest core, 0 to 1
	Throttled    time.Duration // time the cgroup held the process back
	GCPause      time.Duration // stop-the-world time, summed
	SchedLatency time.Duration // p99 of goroutines waiting for a processor
	Stall        time.Duration // longest time in which the process did not run
	Lag          Histogram     // how late arrivals were handed out; empty in the closed model
	Memory       int64         // resident bytes
	OpenFiles    int
	FileLimit    int
	Ports        int // ephemeral ports in use
	PortLimit    int
	Goroutines   int
}

// Find returns the route's stats in the Snapshot, nil if it had no news.
func (s *Snapshot) Find(r Route) *RouteStats {
	i, ok := slices.BinarySearchFunc(s.Routes, r, func(a RouteStats, r Route) int { return a.Route.Compare(r) })
	if !ok {
		return nil
	}
	return &s.Routes[i]
}

// Merge adds the same second of another worker. It is associative and
// commutative: any split of the samples over workers gives the same counts and
// percentiles. It fails where the two are not the same second.
func (s *Snapshot) Merge(o *Snapshot) error {
	if s.Seq != o.Seq {
		return fmt.Errorf("stats: second %d cannot be merged into second %d", o.Seq, s.Seq)
	}
	s.Start, s.End = min(s.Start, o.Start), max(s.End, o.End)
	if o.Wall.After(s.Wall) {
		s.Wall = o.Wall
	}
	s.Load.merge(&o.Load)
	s.Routes = mergeRoutes(s.Routes, o.Routes)
	s.Failures = mergeFailures(s.Failures, o.Failures)
	s.Events = append(slices.Clone(s.Events), o.Events...)
	slices.SortFunc(s.Events, compareEvents)
	s.Health.merge(&o.Health)
	return nil
}
