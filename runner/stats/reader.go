package stats

import (
	"encoding/binary"
	"fmt"
	"math"
	"time"
)

// reader takes values from b. After the first error every value is zero and
// nothing is taken any more.
type reader struct {
	b   []byte
	err error
}

func (r *reader) fail(format string, args ...any) {
	if r.err == nil {
		r.err = fmt.Errorf("stats: broken snapshot: "+format, args...)
	}
	r.b = nil
}

func (r *reader) take(n int) []byte {
	if n < 0 || n > len(r.b) {
		r.fail("it ends too early")
		return nil
	}
	taken := r.b[:n]
	r.b = r.b[n:]
	return taken
}

func (r *reader) byte() byte {
	if b := r.take(1); b != nil {
		return b[0]
	}
	return 0
}

func (r *reader) int() int64 {
	v, n := binary.Varint(r.b)
	if n <= 0 {
		r.fail("a number is cut or too long")
		return 0
	}
	r.b = r.b[n:]
	return v
}

func (r *reader) uint() uint64 {
	v, n := binary.Uvarint(r.b)
	if n <= 0 {
		r.fail("a number is cut or too long")
		return 0
	}
	r.b = r.b[n:]
	return v
}

// count reads how many things follow; each takes a byte at least.
func (r *reader) count() int {
	n := r.uint()
	if n > uint64(len(r.b)) {
		r.fail("it ends too early")
		return 0
	}
	return int(n)
}

func (r *reader) duration() time.Duration { return time.Duration(r.int()) }
func (r *reader) text() string            { return string(r.take(r.count())) }

func (r *reader) float() float64 {
	if b := r.take(8); b != nil {
		return math.Float64frombits(binary.LittleEndian.Uint64(b))
	}
	return 0
}

// list reads a count and as many elements; nil if there are none.
func list[T any](r *reader, element func(*reader) T) []T {
	n := r.count()
	if n == 0 {
		return nil
	}
	out := make([]T, 0, min(n, 64)) // n may be a lie
	for ; n > 0 && r.err == nil; n-- {
		out = append(out, element(r))
	}
	return out
}

func (r *reader) load() Load {
	var l Load
	l.Model = Model(r.byte())
	flags := r.byte()
	l.Paused, l.Manual, l.Stopping = flags&1 != 0, flags&2 != 0, flags&4 != 0
	l.Users, l.WantedUsers, l.Busy = int(r.int()), int(r.int()), int(r.int())
	l.OldestBusy = r.duration()
	l.Scheduled, l.Sent, l.Dropped, l.NotYetSent = r.int(), r.int(), r.int(), r.int()
	l.PlanEnd = r.duration()
	l.WantedRate = r.float()
	l.Stage = r.text()
	if flags&8 != 0 {
		l.Mix = r.mix()
	}
	return l
}

func (r *reader) route() RouteStats {
	s := RouteStats{Route: Route{Method: r.text(), Name: r.text()}}
	for _, v := range []*int64{&s.Requests, &s.Failures, &s.Unfinished, &s.NewConns, &s.Retries, &s.BytesOut, &s.BytesIn} {
		*v = r.int()
	}
	s.Statuses = list(r, func(r *reader) Count[int] { return Count[int]{int(r.int()), r.int()} })
	s.Classes = list(r, func(r *reader) Count[Class] { return Count[Class]{Class(r.int()), r.int()} })
	for _, h := range []*Histogram{&s.OK, &s.Failed, &s.Service, &s.Ages} {
		r.histogram(h)
	}
	for i := range s.Phases {
		if s.Phases[i].N = r.int(); s.Phases[i].N > 0 {
			s.Phases[i].Sum, s.Phases[i].Max = r.duration(), r.duration()
		}
	}
	return s
}

func (r *reader) histogram(h *Histogram) {
	n := r.count()
	if n == 0 {
		return
	}
	h.sum, h.min, h.max, h.clamped = r.duration(), r.duration(), r.duration(), r.int()
	h.buckets = make([]bucket, 0, min(n, len(r.b)/2)) // each takes two bytes at least
	index := uint64(0)
	for ; n > 0 && r.err == nil; n-- {
		step, count := r.uint(), r.uint()
		index += step
		if step-1 >= numBuckets || index >= numBuckets || lowestOf(int(index)) > highest || count-1 >= math.MaxInt32 {
			r.fail("a histogram's bucket is out of range")
			return
		}
		h.buckets = append(h.buckets, newBucket(int(index), int64(count)))
		h.count += int64(count)
	}
}

func (r *reader) failure() FailureGroup {
	g := FailureGroup{Route: Route{Method: r.text(), Name: r.text()}}
	g.Class, g.Text = Class(r.byte()), r.text()
	g.Count, g.First, g.Last = r.int(), r.duration(), r.duration()
	if r.byte() != 0 {
		g.Exchange = &Exchange{At: r.duration(), Request: r.text(), Response: r.text(), Curl: r.text()}
	}
	return g
}

func (r *reader) health(version byte) Health {
	h := Health{CPU: r.float(), Cores: r.float(), BusiestCore: r.float()}
	h.Throttled, h.GCPause, h.SchedLatency = r.duration(), r.duration(), r.duration()
	if version > 1 {
		h.Stall = r.duration()
	}
	h.Memory = r.int()
	for _, v := range []*int{&h.OpenFiles, &h.FileLimit, &h.Ports, &h.PortLimit, &h.Goroutines} {
		*v = int(r.int())
	}
	r.histogram(&h.Lag)
	return h
}
