package stats

import (
	"math"
	"slices"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// Histogram is a distribution of durations from 1 µs to 1 h with three
// significant digits: an HdrHistogram (http://hdrhistogram.org) that keeps the
// buckets that are not empty alone. Durations outside are clamped and counted;
// count, sum, minimum and maximum are exact.
//
// The zero value is an empty histogram. It is not safe for concurrent use;
// inside a Snapshot it is never changed.
type Histogram struct {
	buckets  []bucket // ascending
	count    int64
	sum      time.Duration
	min, max time.Duration
	clamped  int64
}

// Record adds one duration.
func (h *Histogram) Record(d time.Duration) {
	us, clamped := micros(d)
	if clamped {
		h.clamped++
	}
	if h.count == 0 || d < h.min {
		h.min = d
	}
	h.max = max(h.max, d)
	h.sum += d
	h.add(bucketOf(us), 1)
}

// add adds n values to a bucket, quickest to one beyond all others.
func (h *Histogram) add(index int, n int64) {
	h.count += n
	i := len(h.buckets)
	if i > 0 && h.buckets[i-1].index() >= index {
		i = seek(h.buckets, index)
	}
	if i < len(h.buckets) && h.buckets[i].index() == index {
		h.buckets[i] += bucket(n)
	} else {
		h.buckets = slices.Insert(h.buckets, i, newBucket(index, n))
	}
}

// Merge adds what o holds. The result is the same in any order.
func (h *Histogram) Merge(o *Histogram) {
	if o.Count() == 0 {
		return
	}
	if h.count == 0 {
		*h = *o.Clone()
		return
	}
	h.mergeBuckets(o.buckets)
	h.fold(o)
}

// fold adds what is exact. Neither is empty.
func (h *Histogram) fold(o *Histogram) {
	h.count += o.count
	h.min = min(h.min, o.min)
	h.max = max(h.max, o.max)
	h.sum += o.sum
	h.clamped += o.clamped
}

// mergeBuckets adds to the buckets that are there, and then makes room for the
// others at once.
func (h *Histogram) mergeBuckets(more []bucket) {
	var few [128]bucket // of many merges all that is new
	fresh := few[:0]
	rest := h.buckets
	for _, b := range more {
		if rest = rest[seek(rest, b.index()):]; len(rest) > 0 && rest[0].index() == b.index() {
			rest[0] += bucket(b.count())
		} else {
			fresh = append(fresh, b)
		}
	}
	last := len(h.buckets) - 1
	h.buckets = append(h.buckets, fresh...)
	for to := len(h.buckets) - 1; len(fresh) > 0; to-- {
		if next := fresh[len(fresh)-1]; last < 0 || h.buckets[last] < next {
			h.buckets[to], fresh = next, fresh[:len(fresh)-1]
		} else {
			h.buckets[to] = h.buckets[last]
			last--
		}
	}
}

// plus returns what both hold; the result is the caller's. It passes once over
// the buckets of both, which are about as many.
func (h *Histogram) plus(o *Histogram) *Histogram {
	if h.count == 0 {
		return o.Clone()
	}
	if o.count == 0 {
		return h.Clone()
	}
	sum := *h
	sum.fold(o)
	sum.buckets = make([]bucket, 0, len(h.buckets)+len(o.buckets))
	a, b := h.buckets, o.buckets
	for len(a) > 0 && len(b) > 0 {
		next := min(a[0], b[0])
		switch {
		case a[0].index() == b[0].index():
			next, a, b = a[0]+bucket(b[0].count()), a[1:], b[1:]
		case next == a[0]:
			a = a[1:]
		default:
			b = b[1:]
		}
		sum.buckets = append(sum.buckets, next)
	}
	sum.buckets = append(append(sum.buckets, a...), b...)
	return &sum
}

// Clone returns an independent copy.
func (h *Histogram) Clone() *Histogram {
	c := *h
	c.buckets = slices.Clone(h.buckets)
	return &c
}

// Count returns how many durations were recorded.
func (h *Histogram) Count() int64 {
	if h == nil {
		return 0
	}
	return h.count
}

// Clamped returns how many of them were beyond the range.
func (h *Histogram) Clamped() int64 { return h.clamped }

// Sum returns the exact sum.
func (h *Histogram) Sum() time.Duration { return h.sum }

// Min returns the exact minimum, 0 if empty.
func (h *Histogram) Min() time.Duration { return h.min }

// Max returns the exact maximum, 0 if empty.
func (h *Histogram) Max() time.Duration { return h.max }

// Mean returns the exact mean, 0 if empty.
func (h *Histogram) Mean() time.Duration {
	n := h.Count()
	if n == 0 {
		return 0
	}
	return h.sum / time.Duration(n)
}

// Percentile returns the smallest recorded value, to the histogram's
// precision, that at least p percent of the values do not exceed. p is clamped
// to 0 to 100. It never lies outside Min to Max; an empty histogram gives 0.
func (h *Histogram) Percentile(p float64) time.Duration {
	return h.Percentiles([]float64{p})[0]
}

// Percentiles returns Percentile for each of ps, which must ascend, in one
// pass.
func (h *Histogram) Percentiles(ps []float64) []time.Duration {
	out := make([]time.Duration, len(ps))
	if h.Count() == 0 {
		return out
	}
	at, seen := 0, h.buckets[0].count()
	for i, p := range ps {
		const hair = 1e-12 // 99.9/100*1000 is a hair above 999
		rank := int64(math.Ceil(min(max(p, 0), 100) / 100 * float64(h.count) * (1 - hair)))
		for seen < rank && at < len(h.buckets)-1 {
			at++
			seen += h.buckets[at].count()
		}
		us := lowestOf(h.buckets[at].index())
		if rank > 0 {
			us = lowestOf(h.buckets[at].index()+1) - 1 // the highest of the bucket
		}
		out[i] = min(max(time.Duration(us)*time.Microsecond, h.min), h.max)
	}
	return out
}

// CountAbove returns how many values lie in buckets wholly above d.
func (h *Histogram) CountAbove(d time.Duration) int64 {
	var n int64
	h.Each(func(v time.Duration, count int64) {
		if v > d {
			n += count
		}
	})
	return n
}

// Each calls f for every bucket that is not empty, ascending, with its lowest
// value and its count.
func (h *Histogram) Each(f func(value time.Duration, count int64)) {
	if h == nil {
		return
	}
	for _, b := range h.buckets {
		f(time.Duration(lowestOf(b.index()))*time.Microsecond, b.count())
	}
}

// Equal reports whether both hold the same counts and exact values.
func (h *Histogram) Equal(o *Histogram) bool {
	return h.sum == o.sum && h.min == o.min && h.max == o.max && h.clamped == o.clamped && slices.Equal(h.buckets, o.buckets)
}

// HDR returns the distribution, in µs, as a histogram of the library, for its
// log format.
func (h *Histogram) HDR() *hdrhistogram.PackedHistogram {
	p := hdrhistogram.NewPacked(lowest, highest, digits)
	for _, b := range h.buckets {
		// The value is within range, the only thing that could make this fail.
		_ = p.RecordValues(lowestOf(b.index()), b.count())
	}
	return p
}
