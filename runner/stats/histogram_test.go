package stats

import (
	"slices"
	"testing"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
	"pgregory.net/rapid"
)

// Our bucket arithmetic is the library's, over the whole range.
func TestBucketsAreHdrHistograms(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		us := rapid.Int64Range(lowest, highest).Draw(t, "µs")
		ref := hdrhistogram.NewPacked(lowest, highest, digits)
		_ = ref.RecordValue(us)
		ref.ForEachBucket(func(v, n int64) bool {
			if bucketOf(v) != bucketOf(us) {
				t.Fatalf("%d µs: the library's bucket is that of %d, ours are %d and %d", us, v, bucketOf(v), bucketOf(us))
			}
			return true
		})
		low := lowestOf(bucketOf(us))
		if low > us || bucketOf(low) != bucketOf(us) || low > lowest && bucketOf(low-1) == bucketOf(us) {
			t.Fatalf("%d µs: %d is not the lowest value of its bucket", us, low)
		}
	})
}

func TestPercentilesAreThoseOfTheSortedValues(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		values := rapid.SliceOfN(rapid.Int64Range(1, 10_000_000), 1, 300).Draw(t, "µs")
		var h Histogram
		for _, us := range values {
			h.Record(time.Duration(us) * time.Microsecond)
		}
		slices.Sort(values)
		for _, tenths := range []int{0, 500, 900, 990, 999, 1000} {
			rank := max(1, (tenths*len(values)+999)/1000) // rounded up
			want := time.Duration(values[rank-1]) * time.Microsecond
			if got := h.Percentile(float64(tenths) / 10); (got - want).Abs() > want/1000 {
				t.Fatalf("p%g = %s; want %s", float64(tenths)/10, got, want)
			}
		}
	})
}

func TestHistogramKeepsExactValues(t *testing.T) {
	var h Histogram
	for _, d := range []time.Duration{1500, 3 * ms, 2 * time.Hour, -5} {
		h.Record(d)
	}
	if h.Count() != 4 || h.Clamped() != 2 || h.Min() != -5 || h.Max() != 2*time.Hour || h.Sum() != 1500+3*ms+2*time.Hour-5 {
		t.Fatalf("count %d clamped %d min %s max %s sum %s", h.Count(), h.Clamped(), h.Min(), h.Max(), h.Sum())
	}
	if n := h.CountAbove(ms); n != 2 {
		t.Fatalf("%d above 1 ms; want 2", n)
	}
	var empty Histogram
	if empty.Percentile(99) != 0 || empty.Mean() != 0 || empty.Count() != 0 {
		t.Fatal("an empty histogram is not zero")
	}
}

// No percentile lies outside what was seen, to the digit.
func TestPercentilesStayWithinMinAndMax(t *testing.T) {
	var h Histogram
	h.Record(123_456_789)
	for _, p := range []float64{0, 50, 100} {
		if got := h.Percentile(p); got != 123_456_789 {
			t.Fatalf("p%g of one value = %s", p, got)
		}
	}
}

// A histogram is the library's, bucket by bucket and percentile by percentile,
// however its values came together.
func TestHistogramIsHdrHistograms(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ref := hdrhistogram.NewPacked(lowest, highest, digits)
		var merged Histogram
		added := new(Histogram)
		for range rapid.IntRange(1, 6).Draw(t, "parts") {
			var part Histogram
			most := rapid.SampledFrom([]int64{50, 5000, 1_000_000, highest}).Draw(t, "most")
			for _, us := range rapid.SliceOfN(rapid.Int64Range(1, most), 0, 200).Draw(t, "µs") {
				part.Record(time.Duration(us) * time.Microsecond)
				_ = ref.RecordValue(us)
			}
			before := part.Clone()
			merged.Merge(&part)
			added = added.plus(&part)
			if !part.Equal(before) {
				t.Fatal("what was merged has changed")
			}
		}
		if !merged.Equal(added) || merged.Count() != ref.TotalCount() {
			t.Fatalf("%d values one way, %d another, %d by the library", merged.Count(), added.Count(), ref.TotalCount())
		}
		type pair struct{ v, n int64 }
		var want, got []pair
		ref.ForEachBucket(func(v, n int64) bool { want = append(want, pair{v, n}); return true })
		merged.Each(func(v time.Duration, n int64) { got = append(got, pair{v.Microseconds(), n}) })
		if !slices.Equal(got, want) {
			t.Fatalf("buckets %v; the library's are %v", got, want)
		}
		if ref.TotalCount() == 0 {
			return
		}
		rank := rapid.Int64Range(1, ref.TotalCount()).Draw(t, "rank")
		p := 100 * float64(rank) / float64(ref.TotalCount())
		reference := min(max(time.Duration(ref.ValueAtPercentile(p))*time.Microsecond, merged.Min()), merged.Max())
		if got := merged.Percentile(p); got != reference {
			t.Fatalf("p%g = %s; the library says %s", p, got, reference)
		}
	})
}
