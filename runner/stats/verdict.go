package stats

import (
	"cmp"
	"fmt"
	"slices"
	"time"
)

// Verdict says whether the numbers can be trusted: whether it was the target
// that was measured, and not the generator.
type Verdict struct {
	Grade   Grade
	Reasons []string // whole sentences, the worst first; empty when Valid
}

// Grade is how far numbers can be trusted.
type Grade uint8

// The grades, from good to bad.
const (
	Valid    Grade = iota // the generator kept up
	Degraded              // it was late or short at times: read with care
	Invalid               // the numbers show the generator, not the target
)

// String returns VALID, DEGRADED or INVALID.
func (g Grade) String() string { return [...]string{"VALID", "DEGRADED", "INVALID"}[min(g, Invalid)] }

// finding is one thing wrong with a second.
type finding struct {
	kind  findingKind
	grade Grade
	size  float64 // as what the limits bound
	text  string
}

type findingKind uint8

const (
	stoodStill findingKind = iota
	lagged
	missedArrivals
	shortOfUsers
	shortOfDescriptors
	shortOfPorts
	busyCPU
	throttled
	garbage
	slowScheduler
	numFindings
)

// Judge judges one second by itself.
func Judge(s *Snapshot) Verdict { return verdictOf(examine(s)) }

func verdictOf(found []finding) Verdict {
	slices.SortStableFunc(found, func(a, b finding) int { return cmp.Compare(b.grade, a.grade) })
	var v Verdict
	for _, f := range found {
		v.Grade = max(v.Grade, f.grade)
		v.Reasons = append(v.Reasons, f.text)
	}
	return v
}

// examine returns what is wrong with a second. The limits are those that
// peers warn at, each named beside its rule.
func examine(s *Snapshot) []finding {
	var found []finding
	add := func(kind findingKind, size, degraded, invalid float64, format string, args ...any) {
		if grade := above(size, degraded, invalid); grade > Valid {
			found = append(found, finding{kind, grade, size, fmt.Sprintf(format, args...)})
		}
	}
	span := s.End - s.Start
	examineLoad(s, add)
	examineHealth(s, span, add)
	for _, r := range s.Routes {
		for _, c := range r.Classes {
			share := float64(c.N) / float64(r.Requests)
			switch c.Key {
			case NoDescriptors:
				add(shortOfDescriptors, share, 0, 0.01, "requests failed because this machine has no file descriptor left")
			case NoPorts:
				add(shortOfPorts, share, 0, 0.01, "requests failed because this machine has no local port left")
			}
		}
	}
	return found
}

// adder adds a finding where a size is above the limits.
type adder func(kind findingKind, size, degraded, invalid float64, format string, args ...any)

// examineLoad holds the load reached against the load wanted: Nighthawk's
// send-rate, k6's dropped iterations.
func examineLoad(s *Snapshot, add adder) {
	l := &s.Load
	if due := l.Sent + l.Dropped; due > 0 && !l.Stopping {
		share := float64(l.Dropped) / float64(due)
		add(missedArrivals, share, 0.005, 0.02, "%.1f %% of the arrivals were dropped: no user was free and max_users was reached", 100*share)
	}
	if missing := l.WantedUsers - l.Users; missing > 0 && l.Model == ClosedModel && !l.Stopping {
		share := float64(missing) / float64(l.WantedUsers)
		add(shortOfUsers, share, 0.02, 0.1, "%d of %d users were not running", missing, l.WantedUsers)
	}
	if lag := s.Health.Lag.Percentile(99); s.Health.Lag.Count() > 0 {
		service := medianService(s)
		// A few milliseconds are what a shared machine does to any program:
		// read with care, but not worthless.
		add(lagged, float64(lag), float64(max(time.Millisecond, service/20)), float64(max(10*time.Millisecond, service/4)),
			"arrivals were handed out late: p99 %s behind the plan", rough(lag))
	}
}

// medianService returns the median service time of a second over all routes.
func medianService(s *Snapshot) time.Duration {
	var all Histogram
	for i := range s.Routes {
		all.Merge(s.Routes[i].ServiceTimes())
	}
	return all.Percentile(50)
}

// examineHealth looks for a generator that is short of processor time:
// Hyperfoil's watchdogs (80 % CPU, gaps of 50 and 100 ms), k6's advice of 20 %
// idle.
func examineHealth(s *Snapshot, span time.Duration, add adder) {
	h := &s.Health
	add(stoodStill, h.Stall.Seconds(), 0.1, 0.25, "the generator stood still for %s: it was stopped or starved", rough(h.Stall))
	// The last second of a run may be a few milliseconds, in which a burst
	// says nothing: a cgroup, too, counts over 100 ms.
	if h.Cores > 0 && span >= telling {
		used := h.CPU / h.Cores
		add(busyCPU, used, 0.8, 2, "the generator used %.0f %% of its processor time", 100*used)
	}
	if span >= telling {
		share := h.Throttled.Seconds() / span.Seconds()
		add(throttled, share, 0.05, 0.2, "the cgroup held the generator back for %.0f %% of the time", 100*share)
	}
	add(garbage, h.GCPause.Seconds(), 0.05, 0.1, "garbage collection stopped the generator for %s", rough(h.GCPause))
	add(slowScheduler, h.SchedLatency.Seconds(), 0.01, 0.1, "the generator's goroutines waited %s (p99) for a processor", rough(h.SchedLatency))
	if h.FileLimit > 0 {
		add(shortOfDescriptors, float64(h.OpenFiles)/float64(h.FileLimit), 0.9, 2, "%d of %d file descriptors are in use", h.OpenFiles, h.FileLimit)
	}
	if h.PortLimit > 0 {
		add(shortOfPorts, float64(h.Ports)/float64(h.PortLimit), 0.8, 2, "%d of %d local ports are in use", h.Ports, h.PortLimit)
	}
}

// telling is how long a Snapshot must be for its shares of time to count.
const telling = 500 * time.Millisecond

// above returns the grade for a value that should stay at or below both
// limits.
func above(v, degraded, invalid float64) Grade {
	switch {
	case v > invalid:
		return Invalid
	case v > degraded:
		return Degraded
	}
	return Valid
}

// verdictSum collects the findings of many seconds: for how long each kind
// held, and its worst words.
type verdictSum struct {
	total time.Duration
	kinds [numFindings]struct {
		degraded, invalid time.Duration // invalid time is degraded time too
		seconds           int
		worst             finding
	}
}

func (v *verdictSum) add(s *Snapshot) {
	span := s.End - s.Start
	v.total += span
	// A second counts once for a kind, however much speaks for it.
	var grades [numFindings]Grade
	for _, f := range examine(s) {
		grades[f.kind] = max(grades[f.kind], f.grade)
		if k := &v.kinds[f.kind]; f.grade > k.worst.grade || f.grade == k.worst.grade && f.size > k.worst.size {
			k.worst = f
		}
	}
	for kind, grade := range grades {
		if grade == Valid {
			continue
		}
		k := &v.kinds[kind]
		k.seconds++
		k.degraded += span
		if grade == Invalid {
			k.invalid += span
		}
	}
}

// tolerated is the share of the time in which a finding may hold without
// counting: the start of a run makes connections and warms caches.
const tolerated = 0.05

// oneSecond is what a Snapshot that covers no second more than its own spans at
// most.
const oneSecond = 3 * time.Second / 2

// judge weighs the findings by how long they held. One second is forgiven, but
// never that the generator stood still for long: in the closed model all that
// users had in flight then looks slow.
func (v *verdictSum) judge(s *Summary) Verdict { return verdictOf(v.findings(s)) }

func (v *verdictSum) findings(s *Summary) []finding {
	var found []finding
	for kind, k := range v.kinds {
		f := k.worst
		switch {
		case k.seconds == 0:
			continue
		case findingKind(kind) == stoodStill && k.invalid > 0:
			f.grade = Degraded
			if k.invalid > oneSecond && k.invalid.Seconds() > tolerated*v.total.Seconds() {
				f.grade = Invalid
			}
		case findingKind(kind) == missedArrivals:
			share := float64(s.Dropped) / float64(max(1, s.Sent+s.Dropped))
			f.grade = above(share, 0.005, 0.02)
			f.text = fmt.Sprintf("%d of %d arrivals were dropped (%.1f %%): no user was free and max_users was reached", s.Dropped, s.Sent+s.Dropped, 100*share)
		case k.seconds < 2 || k.degraded.Seconds() <= tolerated*v.total.Seconds():
			continue
		case k.invalid.Seconds() <= tolerated*v.total.Seconds():
			f.grade = Degraded
		}
		if f.grade == Valid {
			continue
		}
		if v.total > 2*time.Second {
			f.text += fmt.Sprintf(" (%.0f of %.0f s)", k.degraded.Seconds(), v.total.Seconds())
		}
		found = append(found, f)
	}
	return found
}
