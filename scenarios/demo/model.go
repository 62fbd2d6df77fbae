package demo

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"
)

// The mean time a worker needs for a request. A batch costs less than its
// texts one by one, as on a real model.
const (
	predictCost  = 12 * time.Millisecond
	embedBase    = 15 * time.Millisecond
	embedPerText = 3 * time.Millisecond
)

func embedCost(texts int) time.Duration {
	return embedBase + time.Duration(texts)*embedPerText
}

// Why the model did not do a job.
var (
	errQueueFull = errors.New("the queue is full")
	errClosed    = errors.New("the model is closed")
)

// job is a request for the model: what to compute and the mean time it takes.
type job struct {
	cost    time.Duration
	compute func() []byte
}

// queued is a job that waits for a worker. The worker's answer goes into a
// buffer of one, so that it never waits for a client that has gone.
type queued struct {
	job
	ctx    context.Context
	answer chan []byte
}

// model is a fixed number of workers behind a bounded queue.
type model struct {
	queue   chan *queued
	workers int
	busy    atomic.Int64
	closed  chan struct{}
	work    sync.WaitGroup
}

func newModel(workers, queue int, seed uint64) *model {
	m := &model{queue: make(chan *queued, queue), workers: workers, closed: make(chan struct{})}
	for i := range workers {
		random := rand.New(rand.NewPCG(seed, uint64(i)))
		m.work.Go(func() { m.run(random) })
	}
	return m
}

// do waits for a worker and its answer. It fails at once where the queue is
// full, and when ctx ends or the model is closed.
func (m *model) do(ctx context.Context, j job) ([]byte, error) {
	q := &queued{job: j, ctx: ctx, answer: make(chan []byte, 1)}
	select {
	case m.queue <- q:
	default:
		return nil, errQueueFull
	}
	select {
	case out := <-q.answer:
		return out, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-m.closed:
		return nil, errClosed
	}
}

// run is one worker, until the model is closed.
func (m *model) run(random *rand.Rand) {
	for {
		select {
		case q := <-m.queue:
			m.serve(q, vary(random, q.cost))
		case <-m.closed:
			return
		}
	}
}

// serve does one job and takes the given time over it.
func (m *model) serve(q *queued, takes time.Duration) {
	if q.ctx.Err() != nil {
		return // nobody waits for it any more
	}
	m.busy.Add(1)
	done := time.After(takes)
	out := q.compute()
	select {
	case <-done:
		m.busy.Add(-1) // before the answer: who has it sees the worker free
		q.answer <- out
	case <-m.closed:
		m.busy.Add(-1)
	}
}

// waiting returns how many jobs wait for a worker.
func (m *model) waiting() int { return len(m.queue) }

// close ends the workers at once and waits for them.
func (m *model) close() {
	close(m.closed)
	m.work.Wait()
}

// vary draws a service time with the given mean from a log-normal
// distribution, which has the long right tail that real services have. A
// value is at most five times the mean.
func vary(random *rand.Rand, mean time.Duration) time.Duration {
	const sigma = 0.35
	factor := math.Exp(sigma*random.NormFloat64() - sigma*sigma/2)
	return time.Duration(float64(mean) * min(factor, 5))
}
