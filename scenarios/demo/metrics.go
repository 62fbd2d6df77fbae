package demo

import (
	"cmp"
	"fmt"
	"io"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
)

// metrics are what the target counts of itself.
type metrics struct {
	inFlight atomic.Int64

	mu       sync.Mutex
	requests map[outcome]int64
}

// outcome is what a request is counted under.
type outcome struct {
	route  string
	status int
}

func newMetrics() *metrics { return &metrics{requests: make(map[outcome]int64)} }

func (m *metrics) count(route string, status int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.requests[outcome{route, status}]++
}

// write shows the metrics in the Prometheus text format, version 0.0.4.
func (m *metrics) write(w io.Writer, model *model) {
	fmt.Fprintln(w, "# HELP demo_requests_total Requests answered, by route and status.")
	fmt.Fprintln(w, "# TYPE demo_requests_total counter")
	for _, r := range m.rows() {
		fmt.Fprintf(w, "demo_requests_total{route=%q,status=\"%d\"} %d\n", r.route, r.status, r.n)
	}
	gauge(w, "demo_requests_in_flight", "Requests being answered, this one included.", m.inFlight.Load())
	gauge(w, "demo_queue_length", "Requests waiting for a model worker.", int64(model.waiting()))
	gauge(w, "demo_queue_capacity", "Requests that may wait before others are refused.", int64(cap(model.queue)))
	gauge(w, "demo_workers", "Model workers.", int64(model.workers))
	gauge(w, "demo_workers_busy", "Model workers that compute.", model.busy.Load())
}

func gauge(w io.Writer, name, help string, value int64) {
	fmt.Fprintf(w, "# HELP %s %s\n# TYPE %s gauge\n%s %d\n", name, help, name, name, value)
}

type row struct {
	outcome
	n int64
}

// rows returns the counters in a fixed order.
func (m *metrics) rows() []row {
	m.mu.Lock()
	defer m.mu.Unlock()
	rows := make([]row, 0, len(m.requests))
	for o, n := range m.requests {
		rows = append(rows, row{o, n})
	}
	slices.SortFunc(rows, func(a, b row) int {
		return cmp.Or(cmp.Compare(a.route, b.route), cmp.Compare(a.status, b.status))
	})
	return rows
}

// counted counts a request when its status is written: before the client can
// have read the answer, so that a client's counts and these agree at any time.
type counted struct {
	http.ResponseWriter
	request *http.Request
	metrics *metrics
	done    bool
}

func (c *counted) WriteHeader(status int) {
	if !c.done {
		c.done = true
		route := c.request.Pattern
		if route == "" {
			route = "other" // whatever address was asked for, it is one row
		}
		c.metrics.count(route, status)
	}
	c.ResponseWriter.WriteHeader(status)
}

func (c *counted) Write(p []byte) (int, error) {
	if !c.done {
		c.WriteHeader(http.StatusOK)
	}
	return c.ResponseWriter.Write(p)
}
