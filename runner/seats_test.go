package runner

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func TestSeatsOfTheShop(t *testing.T) {
	s := newSeats([]int{3, 1}, []int{0, 0})
	for n, want := range map[int][]int{0: {0, 0}, 1: {1, 0}, 4: {3, 1}, 40: {30, 10}, 1000: {750, 250}} {
		if got := s.counts(n); !slices.Equal(got, want) {
			t.Errorf("%d users: %v, want %v", n, got, want)
		}
	}
}

func TestFixedClassesComeFirst(t *testing.T) {
	s := newSeats([]int{1, 2, 1}, []int{0, 0, 2})
	for n, want := range map[int][]int{1: {0, 0, 1}, 2: {0, 0, 2}, 5: {1, 2, 2}, 302: {100, 200, 2}} {
		if got := s.counts(n); !slices.Equal(got, want) {
			t.Errorf("%d users: %v, want %v", n, got, want)
		}
	}
	only := newSeats([]int{1, 1}, []int{2, 3})
	if got := only.counts(100); !slices.Equal(got, []int{2, 3}) {
		t.Errorf("only fixed classes: %v", got)
	}
	if n, limited := only.limit(); n != 5 || !limited {
		t.Errorf("limit %d, %v", n, limited)
	}
}

// Each class has its quota, rounded up or down, at every size, and loses no
// user as the total grows.
func TestSeatsKeepQuota(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		weights := rapid.SliceOfN(rapid.IntRange(0, 50), 1, 7).Draw(t, "weights")
		weights[rapid.IntRange(0, len(weights)-1).Draw(t, "some")]++
		sum := 0
		for _, w := range weights {
			sum += w
		}
		s := newSeats(weights, make([]int, len(weights)))
		before := make([]int, len(weights))
		for n := range 300 {
			counts, total := s.counts(n), 0
			for i, got := range counts {
				total += got
				if low, high := weights[i]*n/sum, (weights[i]*n+sum-1)/sum; got < low || got > high {
					t.Fatalf("%d users, weights %v: %v; class %d should have %d to %d", n, weights, counts, i, low, high)
				}
				if got < before[i] {
					t.Fatalf("class %d loses a user as the total grows to %d", i, n)
				}
			}
			if total != n {
				t.Fatalf("%d users dealt, want %d", total, n)
			}
			before = counts
		}
	})
}
