package stats

import (
	"reflect"
	"testing"
	"time"
)

// A target that saturates at 40 users: throughput flattens, p95 breaks at 80.
func TestFindCapacity(t *testing.T) {
	limit, err := ParseThreshold("p95 < 100ms")
	if err != nil {
		t.Fatal(err)
	}
	var l Levels
	seq := 0
	hold := func(users, each int, d time.Duration) {
		for _, s := range steady(seq, 8, Load{WantedUsers: users}, repeat(d, each)...) {
			l.Add(s)
		}
		seq += 8
	}
	hold(10, 30, 10*ms)
	hold(20, 60, 10*ms)
	hold(40, 110, 12*ms)
	hold(80, 120, 150*ms)
	hold(160, 121, 300*ms)
	rows := l.Rows()
	c := FindCapacity(rows, []Threshold{limit})
	if c.Holds != 2 || c.Breaks != 3 || c.Knee != 2 {
		t.Fatalf("capacity %+v of %d levels; want holds 2, breaks 3, knee 2", c, len(rows))
	}
	if c := FindCapacity(rows[:2], nil); c.Holds != -1 || c.Breaks != -1 || c.Knee != -1 || c.Unknown != nil {
		t.Fatalf("two levels without thresholds: %+v", c)
	}
	if c := FindCapacity(nil, nil); c.Holds != -1 || c.Breaks != -1 || c.Knee != -1 || c.Unknown != nil {
		t.Fatalf("no level: %+v", c)
	}
}

// A generator that was the limit says nothing about the target: such a level
// neither holds nor breaks nor bends the curve. Only a threshold that broke
// although arrivals were dropped broke under less load than the level's.
func TestALevelThatTheGeneratorLimitedIsUnknown(t *testing.T) {
	limit, err := ParseThreshold("p95 < 100ms")
	if err != nil {
		t.Fatal(err)
	}
	late := func(s *Snapshot) { s.Health.Lag.Record(time.Second) }
	busy := func(s *Snapshot) { s.Health.SchedLatency = 200 * ms }
	dropped := func(s *Snapshot) { s.Load.Scheduled, s.Load.Sent, s.Load.Dropped = 100, 80, 20 }
	both := func(s *Snapshot) { dropped(s); late(s) }
	for name, test := range map[string]struct {
		spoil func(*Snapshot)
		took  time.Duration
		want  Capacity // without its Curve
	}{
		"fine":                {func(*Snapshot) {}, 10 * ms, Capacity{Holds: 1, Breaks: -1, Knee: -1}},
		"late":                {late, 10 * ms, Capacity{Holds: 0, Breaks: -1, Knee: -1, Unknown: []int{1}}},
		"busy":                {busy, 10 * ms, Capacity{Holds: 0, Breaks: -1, Knee: -1, Unknown: []int{1}}},
		"busy, it seems slow": {busy, 200 * ms, Capacity{Holds: 0, Breaks: -1, Knee: -1, Unknown: []int{1}}},
		"dropped":             {dropped, 10 * ms, Capacity{Holds: 0, Breaks: -1, Knee: -1, Unknown: []int{1}}},
		"dropped, slow":       {dropped, 200 * ms, Capacity{Holds: 0, Breaks: 1, Knee: -1}},
		"dropped late, slow":  {both, 200 * ms, Capacity{Holds: 0, Breaks: -1, Knee: -1, Unknown: []int{1}}},
	} {
		t.Run(name, func(t *testing.T) {
			var l Levels
			for _, s := range steady(0, 8, Load{Model: OpenModel, WantedRate: 100}, repeat(10*ms, 30)...) {
				l.Add(s)
			}
			for _, s := range steady(8, 8, Load{Model: OpenModel, WantedRate: 200}, repeat(test.took, 60)...) {
				test.spoil(s)
				l.Add(s)
			}
			test.want.Curve = []int{0, 1}
			if c := FindCapacity(l.Rows(), []Threshold{limit}); !reflect.DeepEqual(c, test.want) {
				t.Errorf("capacity %+v; want %+v", c, test.want)
			}
		})
	}
}

// A load that was measured well keeps its word when it is measured again and
// the generator is the limit; one whose requests are too few has none.
func TestLevelsThatSayNothing(t *testing.T) {
	limit, err := ParseThreshold("p95 < 100ms")
	if err != nil {
		t.Fatal(err)
	}
	var l Levels
	for i, load := range []int{20, 40, 20, 60} {
		for _, s := range steady(8*i, 8, Load{WantedUsers: load}, repeat(10*ms, map[bool]int{true: 1, false: 40}[i == 3])...) {
			if i == 2 {
				s.Health.Throttled = 500 * ms
			}
			l.Add(s)
		}
	}
	for from, want := range map[int]Capacity{
		0: {Holds: 1, Breaks: -1, Knee: -1, Curve: []int{0, 1, 3}},
		2: {Holds: -1, Breaks: -1, Knee: -1, Curve: []int{0, 1}, Unknown: []int{0}},
	} {
		if c := FindCapacity(l.Rows()[from:], []Threshold{limit}); !reflect.DeepEqual(c, want) {
			t.Errorf("capacity of the levels from %d on: %+v; want %+v", from, c, want)
		}
	}
}

func TestNothingKnown(t *testing.T) {
	for want, loads := range map[string][]string{
		"Nothing is known of 20 users: the generator, not the target, was the limit: it stood still.":                                                       {"20 users"},
		"Nothing is known of 1 user, 2 users, 3 users, 4 users, 5 users and 2 more: the generator, not the target, was the limit: it stood still (1 user).": {"1 user", "2 users", "3 users", "4 users", "5 users", "6 users", "7 users"},
	} {
		if got := NothingKnown(loads, "it stood still"); got != want {
			t.Errorf("%s\nwant %s", got, want)
		}
	}
}
