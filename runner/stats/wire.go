package stats

import (
	"encoding/binary"
	"fmt"
	"math"
	"time"
)

// wireVersion is the first byte of a Snapshot's binary form. A reader knows
// those up to it: 1 had no stall.
const wireVersion = 2

// AppendBinary appends the Snapshot's binary form, version 2, to b:
//
//	version            1 byte
//	seq start end wall varints; times in ns, wall in ns of the Unix epoch
//	load               model 1 byte; flags 1 byte (1 paused, 2 manual, 4 stopping,
//	                   8 a mix follows);
//	                   users, wanted users, busy, oldest busy (ns), scheduled, sent,
//	                   dropped, not yet sent, plan end (ns): varints; wanted rate:
//	                   8 bytes, IEEE 754, little endian; stage: text; the mix:
//	                   uvarint n, then n times: task: text, weight: varint; uvarint n,
//	                   then n times: method and name of a muted route: text
//	routes             uvarint n, then n times: method and name: text; requests,
//	                   failures, unfinished, new connections, retries, bytes out and in:
//	                   varints; statuses and classes: uvarint n, then n pairs of
//	                   varints; the histograms OK, Failed, Service, Ages; phases: for
//	                   each n, and where n > 0 sum and max (ns)
//	failures           uvarint n, then n times: method, name: text; class 1 byte; text;
//	                   count, first, last: varints; 1 byte whether an exchange
//	                   follows: at (ns), request, response, curl: text
//	events             uvarint n, then n times: at (ns); kind 1 byte; text
//	health             cpu, cores, busiest core: 8 bytes each; throttled, GC pause,
//	                   scheduler latency, stall (ns), memory, open files, file limit, ports,
//	                   port limit, goroutines: varints; the histogram Lag
//
// A text is a uvarint length in bytes and the bytes. A varint is zigzag
// encoded, a uvarint is not (encoding/binary, as in Protocol Buffers). A
// histogram is a uvarint number of buckets, and where that is not 0: sum, min,
// max (ns), clamped: varints; then for each bucket, ascending, how far its
// HdrHistogram index (1 µs to 1 h, 3 digits) lies beyond the last one, and its
// count: uvarints.
//
// A second of a route with 250 requests takes about 600 bytes. The error is
// always nil; it is there for encoding.BinaryAppender.
func (s *Snapshot) AppendBinary(b []byte) ([]byte, error) {
	w := writer{append(b, wireVersion)}
	w.ints(int64(s.Seq), int64(s.Start), int64(s.End), s.Wall.UnixNano())
	w.load(&s.Load)
	w.count(len(s.Routes))
	for i := range s.Routes {
		w.route(&s.Routes[i])
	}
	w.count(len(s.Failures))
	for i := range s.Failures {
		w.failure(&s.Failures[i])
	}
	w.count(len(s.Events))
	for _, e := range s.Events {
		w.ints(int64(e.At))
		w.byte(byte(e.Kind))
		w.text(e.Text)
	}
	w.health(&s.Health)
	return w.b, nil
}

// writer appends values.
type writer struct{ b []byte }

func (w *writer) byte(v byte) { w.b = append(w.b, v) }
func (w *writer) count(n int) { w.b = binary.AppendUvarint(w.b, uint64(n)) }
func (w *writer) text(s string) {
	w.count(len(s))
	w.b = append(w.b, s...)
}

func (w *writer) ints(vs ...int64) {
	for _, v := range vs {
		w.b = binary.AppendVarint(w.b, v)
	}
}

func (w *writer) floats(vs ...float64) {
	for _, v := range vs {
		w.b = binary.LittleEndian.AppendUint64(w.b, math.Float64bits(v))
	}
}

func (w *writer) load(l *Load) {
	w.byte(byte(l.Model))
	var flags byte
	for i, set := range []bool{l.Paused, l.Manual, l.Stopping, !l.Mix.empty()} {
		if set {
			flags |= 1 << i
		}
	}
	w.byte(flags)
	w.ints(int64(l.Users), int64(l.WantedUsers), int64(l.Busy), int64(l.OldestBusy),
		l.Scheduled, l.Sent, l.Dropped, l.NotYetSent, int64(l.PlanEnd))
	w.floats(l.WantedRate)
	w.text(l.Stage)
	if !l.Mix.empty() {
		w.mix(&l.Mix)
	}
}

func (w *writer) route(r *RouteStats) {
	w.text(r.Route.Method)
	w.text(r.Route.Name)
	w.ints(r.Requests, r.Failures, r.Unfinished, r.NewConns, r.Retries, r.BytesOut, r.BytesIn)
	w.count(len(r.Statuses))
	for _, c := range r.Statuses {
		w.ints(int64(c.Key), c.N)
	}
	w.count(len(r.Classes))
	for _, c := range r.Classes {
		w.ints(int64(c.Key), c.N)
	}
	for _, h := range []*Histogram{&r.OK, &r.Failed, &r.Service, &r.Ages} {
		w.histogram(h)
	}
	for _, p := range r.Phases {
		w.ints(p.N)
		if p.N > 0 {
			w.ints(int64(p.Sum), int64(p.Max))
		}
	}
}

func (w *writer) histogram(h *Histogram) {
	w.count(len(h.buckets))
	if len(h.buckets) == 0 {
		return
	}
	w.ints(int64(h.sum), int64(h.min), int64(h.max), h.clamped)
	last := 0
	for _, b := range h.buckets {
		w.count(b.index() - last)
		w.count(int(b.count()))
		last = b.index()
	}
}

func (w *writer) failure(g *FailureGroup) {
	w.text(g.Route.Method)
	w.text(g.Route.Name)
	w.byte(byte(g.Class))
	w.text(g.Text)
	w.ints(g.Count, int64(g.First), int64(g.Last))
	if g.Exchange == nil {
		w.byte(0)
		return
	}
	w.byte(1)
	w.ints(int64(g.Exchange.At))
	w.text(g.Exchange.Request)
	w.text(g.Exchange.Response)
	w.text(g.Exchange.Curl)
}

func (w *writer) health(h *Health) {
	w.floats(h.CPU, h.Cores, h.BusiestCore)
	w.ints(int64(h.Throttled), int64(h.GCPause), int64(h.SchedLatency), int64(h.Stall), h.Memory,
		int64(h.OpenFiles), int64(h.FileLimit), int64(h.Ports), int64(h.PortLimit), int64(h.Goroutines))
	w.histogram(&h.Lag)
}

// UnmarshalBinary reads what AppendBinary wrote. It fails on anything else,
// never panics, and allocates no more than a small multiple of len(b).
func (s *Snapshot) UnmarshalBinary(b []byte) error {
	r := reader{b: b}
	version := r.byte()
	if r.err == nil && (version == 0 || version > wireVersion) {
		return fmt.Errorf("stats: a snapshot of version %d; this program reads versions up to %d", version, wireVersion)
	}
	*s = Snapshot{
		Seq: int(r.int()), Start: r.duration(), End: r.duration(), Wall: time.Unix(0, r.int()),
		Load: r.load(),
	}
	s.Routes = list(&r, (*reader).route)
	s.Failures = list(&r, (*reader).failure)
	s.Events = list(&r, func(r *reader) Event {
		return Event{At: r.duration(), Kind: EventKind(r.byte()), Text: r.text()}
	})
	s.Health = r.health(version)
	if span := s.End - s.Start; version == 1 && span > 3*time.Second/2 {
		s.Health.Stall = span - time.Second // as far as one could tell
	}
	if r.err == nil && len(r.b) > 0 {
		r.fail("%d bytes too many", len(r.b))
	}
	return r.err
}
