package runner

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"brink/runner/client"
	"brink/runner/stats"
	"brink/scenarios"
)

// env is what all users of a run share. Users read it before each task; what
// changes in it is atomic.
type env struct {
	ctx       context.Context // ends when what is in flight is to be cut
	clock     func() time.Duration
	scenario  *scenarios.Scenario
	recorder  *stats.Recorder
	newClient func(*scenarios.Request) client.Client
	origins   origins
	showing   showing
	valve     valve
	pool      *pool
	users     sync.WaitGroup
	judging   chan struct{} // holds who judges a large body, as many as processors

	order atomic.Int32  // what users are to do now
	mutes []atomic.Bool // routes switched off

	// The arrivals so far. A reader must load scheduled last: then what is
	// neither sent nor dropped is never negative.
	sent      atomic.Int64 // given to a user
	dropped   atomic.Int64 // no user could take them
	scheduled atomic.Int64 // came due
	lags      [8]lagShard
}

// The orders that the conductor gives to all users.
const (
	ordersPause    int32 = iota // begin no task
	ordersUsers                 // closed model: task, think, task
	ordersArrivals              // open model: a task at each arrival
	ordersStop                  // begin no request, end
)

func (e *env) orders() int32 { return e.order.Load() }

// taking reports whether arrivals that come due now are for users to take; once
// the run stops they only wait, and are counted as that.
func (e *env) taking() bool {
	o := e.orders()
	return o == ordersArrivals || o == ordersStop
}

// cut reports whether what is in flight has been cut.
func (e *env) cut() bool { return e.ctx.Err() != nil }

func (e *env) muted(route int) bool { return e.mutes[route].Load() }

// lagShard is a part of the histogram of how late arrivals were handed out.
type lagShard struct {
	mu sync.Mutex
	h  stats.Histogram
	_  [64]byte
}

// lag records how late an arrival came to the user of this id.
func (e *env) lag(id int, late time.Duration) {
	s := &e.lags[uint(id)%uint(len(e.lags))]
	s.mu.Lock()
	s.h.Record(max(0, late))
	s.mu.Unlock()
}

// takeLags returns what was recorded since it was last called.
func (e *env) takeLags() stats.Histogram {
	var all stats.Histogram
	for i := range e.lags {
		s := &e.lags[i]
		s.mu.Lock()
		h := s.h
		s.h = stats.Histogram{}
		s.mu.Unlock()
		all.Merge(&h)
	}
	return all
}

// origins are the places that requests went to, one pointer each. The zero
// value is empty.
type origins struct{ known sync.Map }

type place struct{ scheme, host, unix string }

// of returns the origin of a request.
func (o *origins) of(r *scenarios.Request) (*client.Origin, error) {
	key := place{r.Scheme, r.Host, r.Unix}
	if v, ok := o.known.Load(key); ok {
		return v.(*client.Origin), nil
	}
	made, err := client.NewOrigin(r.Scheme, r.Host, r.Unix)
	if err != nil {
		return nil, err
	}
	v, _ := o.known.LoadOrStore(key, made)
	return v.(*client.Origin), nil
}
