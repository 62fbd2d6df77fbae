package stats

import (
	"math/bits"
	"time"
)

// The range and precision of every histogram: 1 µs to 1 h with 3 significant
// digits, so a percentile is at most 0.1 % off.
const (
	lowest  = int64(1)
	highest = int64(time.Hour / time.Microsecond)
	digits  = 3
)

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

// bucket is one that is not empty: its index in the upper 16 bits, its count
// in the lower 48, which is 9 years of a million a second. So buckets compare
// by their indexes.
type bucket uint64

const countBits = 48

func newBucket(index int, n int64) bucket { return bucket(index)<<countBits | bucket(n) }

func (b bucket) index() int   { return int(b >> countBits) }
func (b bucket) count() int64 { return int64(b & (1<<countBits - 1)) }

// seek returns how many of the ascending buckets come before index. It looks
// at twice as many each time and then halves: what is near is found at once.
func seek(list []bucket, index int) int {
	from := newBucket(index, 0)
	lo, hi := 0, 1
	for hi <= len(list) && list[hi-1] < from {
		lo, hi = hi, 2*hi
	}
	for hi = min(hi, len(list)); lo < hi; {
		if mid := int(uint(lo+hi) / 2); list[mid] < from {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return lo
}
