package runner

import (
	"fmt"
	"time"

	"brink/runner/stats"
)

// FailingError is Run's error where a run ended itself since nearly all of its
// requests had failed for so long.
type FailingError struct{ For time.Duration }

func (e *FailingError) Error() string {
	return fmt.Sprintf("stopped: more than 90 %% of the requests failed for %s", span(e.For))
}

// failing is the dead man's rule: how long nearly everything has failed.
type failing struct {
	limit time.Duration // 0: no rule
	since time.Duration
}

// add takes the next second, and reports, once, that it has been long enough.
// A second in which nothing finished is like the one before it.
func (f *failing) add(s *stats.Snapshot) bool {
	if f.limit == 0 {
		return false
	}
	var requests, failures int64
	for i := range s.Routes {
		requests += s.Routes[i].Requests
		failures += s.Routes[i].Failures
	}
	switch {
	case requests > 0 && failures*10 <= requests*9:
		f.since = 0
	case requests > 0 || f.since > 0:
		f.since += s.End - s.Start
	}
	if f.since < f.limit {
		return false
	}
	f.limit = 0
	return true
}
