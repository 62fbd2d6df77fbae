package stats

import (
	"math"
	"math/bits"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// The range and precision of every histogram: 1 µs to 1 h with 3 significant
// digits, so a percentile is at most 0.1 % off.
const (
	lowest  = int64(1)
	highest = int64(time.Hour / time.Microsecond)
	digits  = 3
)

// Histogram is a distribution of durations from 1 µs to 1 h with three
// significant digits (an HdrHistogram, http://hdrhistogram.org). Durations
// outside are clamped and counted; count, sum, minimum and maximum are exact.
//
// The zero value is an empty histogram. It is not safe for concurrent use;
// inside a Snapshot it is never changed.
type Histogram struct {
	packed   *hdrhistogram.PackedHistogram // in µs; nil while empty
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
	h.recordMicros(us, 1)
	h.exact(d, d, d)
}

// recordMicros adds n values to the bucket of us.
func (h *Histogram) recordMicros(us, n int64) {
	if h.packed == nil {
		h.packed = hdrhistogram.NewPacked(lowest, highest, digits)
	}
	// The value is within range, the only thing that could make this fail.
	_ = h.packed.RecordValues(us, n)
}

// exact folds a sum, a minimum and a maximum in. The first values set the
// minimum, so it must be called before or with the first record.
func (h *Histogram) exact(sum, lo, hi time.Duration) {
	if h.max == 0 && h.sum == 0 && h.min == 0 || lo < h.min {
		h.min = lo
	}
	h.max = max(h.max, hi)
	h.sum += sum
}

// Merge adds what o holds. The result is the same in any order.
func (h *Histogram) Merge(o *Histogram) {
	if o == nil || o.packed == nil {
		return
	}
	if h.packed == nil {
		*h = *o.Clone()
		return
	}
	// Merge passes over all buckets of both, so that a few are better added one
	// by one.
	if o.packed.Populated() < h.packed.Populated()/4 {
		o.packed.ForEachBucket(func(us, n int64) bool { h.recordMicros(us, n); return true })
	} else {
		h.packed.Merge(o.packed)
	}
	h.min = min(h.min, o.min)
	h.max = max(h.max, o.max)
	h.sum += o.sum
	h.clamped += o.clamped
}

// Clone returns an independent copy.
func (h *Histogram) Clone() *Histogram {
	c := *h
	if h.packed != nil {
		c.packed = h.packed.Clone()
	}
	return &c
}

// Count returns how many durations were recorded.
func (h *Histogram) Count() int64 {
	if h == nil || h.packed == nil {
		return 0
	}
	return h.packed.TotalCount()
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
	// The library rounds the rank of a percentile to the nearest; it has to be
	// rounded up, or of 190 values the p99 would be one that 1.05 % exceed.
	exact := make([]float64, len(ps))
	n := float64(h.Count())
	for i, p := range ps {
		const hair = 1e-12 // 99.9/100*1000 is a hair above 999
		exact[i] = 100 * math.Ceil(min(max(p, 0), 100)/100*n*(1-hair)) / n
	}
	for i, us := range h.packed.ValueAtPercentilesSlice(exact) {
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

// Each calls f for every bucket that is not empty, ascending, with a value
// that stands for the bucket and its count.
func (h *Histogram) Each(f func(value time.Duration, count int64)) {
	if h == nil || h.packed == nil {
		return
	}
	h.packed.ForEachBucket(func(us, n int64) bool {
		f(time.Duration(us)*time.Microsecond, n)
		return true
	})
}

// Equal reports whether both hold the same counts and exact values.
func (h *Histogram) Equal(o *Histogram) bool {
	if h.Count() != o.Count() || h.sum != o.sum || h.min != o.min || h.max != o.max || h.clamped != o.clamped {
		return false
	}
	type bucket struct {
		v time.Duration
		n int64
	}
	var a []bucket
	h.Each(func(v time.Duration, n int64) { a = append(a, bucket{v, n}) })
	i, same := 0, true
	o.Each(func(v time.Duration, n int64) {
		same = same && i < len(a) && a[i] == bucket{v, n}
		i++
	})
	return same && i == len(a)
}

// HDR returns the distribution, in µs, as a histogram of the library, for its
// log format.
func (h *Histogram) HDR() *hdrhistogram.PackedHistogram {
	if h.packed == nil {
		return hdrhistogram.NewPacked(lowest, highest, digits)
	}
	return h.packed.Clone()
}

// micros returns d in whole microseconds, rounded down, within the range.
func micros(d time.Duration) (us int64, clamped bool) {
	us = int64(d / time.Microsecond)
	switch {
	case us > highest:
		return highest, true
	case us < lowest:
		// Under a microsecond is the lowest bucket, not beyond the range.
		return lowest, d < 0
	}
	return us, false
}

// The geometry that HdrHistogram gives to our range: 2048 linear sub-buckets
// of 1 µs, then 1024 more for each power of two.
const (
	subBits    = 11
	subHalf    = 1 << (subBits - 1)
	numBuckets = (23)*subHalf + subHalf // up to 2^32 µs, which covers 1 h = 3.6e9 µs
)

// bucketOf returns the flat index of the bucket of us, as HdrHistogram counts
// them.
func bucketOf(us int64) int {
	b := bits.Len64(uint64(us)|(1<<subBits-1)) - subBits
	return b<<(subBits-1) + int(us>>b)
}

// lowestOf is bucketOf's inverse: the lowest value of a bucket.
func lowestOf(bucket int) int64 {
	b := bucket>>(subBits-1) - 1
	if b < 0 {
		return int64(bucket)
	}
	return int64(bucket-b<<(subBits-1)) << b
}
