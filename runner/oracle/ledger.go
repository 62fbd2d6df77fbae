package oracle

import (
	"maps"
	"sync"
	"time"
)

// Entry is one request that the server read to its end, and what became of it.
type Entry struct {
	Seq   int64         // the server's count over all routes, from 1
	Conn  int64         // which connection it came on, from 1
	Route string        // "GET /plan/slow": method and path without the query
	Tag   string        // its X-Run-Seq header; empty: none
	At    time.Duration // read, since the server's start
	// Credentials reports whether it carried an Authorization or Cookie header.
	Credentials bool
	// Wanted is the time that the plan asked for, Took what really passed
	// until the answer was about to be written: a busy machine is late. Both
	// are 0 where no plan was followed.
	Wanted, Took time.Duration
}

// ledger counts and logs requests.
type ledger struct {
	mu     sync.Mutex
	counts map[string]int64
	total  int64
	log    []Entry // the first ones
	limit  int
}

// enter counts a request and returns its number.
func (l *ledger) enter(route string) int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.counts == nil {
		l.counts = map[string]int64{}
	}
	// Addresses that a client makes up must not fill the memory.
	if _, known := l.counts[route]; !known && len(l.counts) >= maxRoutes {
		route = "other"
	}
	l.counts[route]++
	l.total++
	return l.total
}

const maxRoutes = 10_000

// write logs a request, if there is room.
func (l *ledger) write(e Entry) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.log) < l.limit {
		l.log = append(l.log, e)
	}
}

// Counts returns how many requests of each route were read to their end. A
// request that the client gave up or that was not answered counts.
func (s *Server) Counts() map[string]int64 {
	s.ledger.mu.Lock()
	defer s.ledger.mu.Unlock()
	return maps.Clone(s.ledger.counts)
}

// Received returns the sum of Counts.
func (s *Server) Received() int64 {
	s.ledger.mu.Lock()
	defer s.ledger.mu.Unlock()
	return s.ledger.total
}

// Time returns the wall clock at a time since the server's start.
func (s *Server) Time(at time.Duration) time.Time { return s.start.Add(at) }

// Log returns the first requests, at most Options.Log. Each is in it before its
// answer is written.
func (s *Server) Log() []Entry {
	s.ledger.mu.Lock()
	defer s.ledger.mu.Unlock()
	return append([]Entry(nil), s.ledger.log...)
}
