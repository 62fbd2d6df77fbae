package stats

import (
	"bytes"
	"errors"
	"reflect"
	"testing"

	"pgregory.net/rapid"
)

// Any split of the samples over workers, merged in any order, gives the same
// bytes: counts, percentiles and all.
func TestMergeOfAnySplitIsTheWhole(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b, c := drawSamples(t, "a", 4), drawSamples(t, "b", 4), drawSamples(t, "c", 4)
		whole := snapshotOf(4, concat(a, b, c))

		left := snapshotOf(4, a)
		mustMerge(t, left, snapshotOf(4, b))
		mustMerge(t, left, snapshotOf(4, c))

		right := snapshotOf(4, c)
		inner := snapshotOf(4, b)
		mustMerge(t, inner, snapshotOf(4, a))
		mustMerge(t, right, inner)

		if !bytes.Equal(bytesOf(left), bytesOf(whole)) {
			t.Fatal("(a + b) + c differs from the whole")
		}
		if !bytes.Equal(bytesOf(right), bytesOf(whole)) {
			t.Fatal("c + (b + a) differs from the whole")
		}
	})
}

func mustMerge(t *rapid.T, s, o *Snapshot) {
	t.Helper()
	before := bytesOf(o)
	if err := s.Merge(o); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(before, bytesOf(o)) {
		t.Fatal("merging changed the argument")
	}
}

// Workers are told of a new mix one after another: the second has both.
func TestMergeOfMixes(t *testing.T) {
	a, b := snapshotOf(1, nil), snapshotOf(1, nil)
	a.Load.Mix = Mix{Weights: []Count[string]{{"batch", 0}, {"single", 2}}}
	b.Load.Mix = Mix{Weights: []Count[string]{{"batch", 4}, {"health", 1}}, Muted: []Route{{"GET", "x"}}}
	ab, ba := *a, *b
	if err := errors.Join(ab.Merge(b), ba.Merge(a)); err != nil {
		t.Fatal(err)
	}
	want := Mix{Weights: []Count[string]{{"batch", 4}, {"health", 1}, {"single", 2}}, Muted: []Route{{"GET", "x"}}}
	if !reflect.DeepEqual(ab.Load.Mix, want) || !reflect.DeepEqual(ba.Load.Mix, want) {
		t.Errorf("merged to %+v and %+v; want %+v", ab.Load.Mix, ba.Load.Mix, want)
	}
	if w, set := want.Weight("health"); w != 1 || !set {
		t.Errorf("weight of health %d, %v", w, set)
	}
	if _, set := want.Weight("nothing"); set {
		t.Error("a weight for a task that has none")
	}
}

func TestMergeRefusesAnotherSecond(t *testing.T) {
	if err := snapshotOf(1, nil).Merge(snapshotOf(2, nil)); err == nil {
		t.Fatal("second 2 was merged into second 1")
	}
}

// The sum over the seconds is the total, bucket by bucket.
func TestSummaryIsTheSumOfItsSeconds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := drawSamples(t, "a", 0), drawSamples(t, "b", 1)
		sum := Summarize(snapshotOf(0, a), snapshotOf(1, b))

		// One recorder that saw everything in one second.
		all := snapshotOf(0, concat(a, b))
		if len(all.Routes) != len(sum.Routes) {
			t.Fatalf("%d routes; want %d", len(sum.Routes), len(all.Routes))
		}
		var requests int64
		for i := range all.Routes {
			want, got := &all.Routes[i], &sum.Routes[i]
			requests += want.Requests
			if !got.OK.Equal(&want.OK) || !got.Failed.Equal(&want.Failed) || !got.ServiceTimes().Equal(want.ServiceTimes()) {
				t.Fatalf("%s: the histograms differ", want.Route)
			}
			if got.Requests != want.Requests || got.Failures != want.Failures || got.BytesIn != want.BytesIn {
				t.Fatalf("%s: the counts differ", want.Route)
			}
		}
		if sum.Total.Requests != requests || sum.Total.All().Count() != requests {
			t.Fatalf("total %d, histogram %d; want %d", sum.Total.Requests, sum.Total.All().Count(), requests)
		}
	})
}

func TestFailureGroupsAreBounded(t *testing.T) {
	var groups []FailureGroup
	for i := range 3 * maxFailureGroups {
		text := string([]byte{byte('a' + i%26), byte('a' + i/26%26), byte('a' + i/676)})
		groups = addFailure(groups, FailureGroup{Route: testRoutes[0], Failure: Failure{Other, text}, Count: 1})
	}
	var sum int64
	for _, g := range groups {
		sum += g.Count
	}
	if len(groups) > maxFailureGroups+1 || sum != 3*maxFailureGroups {
		t.Fatalf("%d groups with %d failures; want at most %d with %d", len(groups), sum, maxFailureGroups+1, 3*maxFailureGroups)
	}
}
