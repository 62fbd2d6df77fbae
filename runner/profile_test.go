package runner

import (
	"math"
	"testing"
	"time"

	"pgregory.net/rapid"

	"brink/runner/stats"
	"brink/scenarios"
)

func TestProfileUsers(t *testing.T) {
	profile := NewProfile(&scenarios.Profile{Users: 50, SpawnRate: 5, RunTime: time.Minute})
	stages := NewProfile(&scenarios.Profile{Stages: []scenarios.Stage{
		{Users: 20, For: 30 * time.Second},
		{Users: 100, Over: 10 * time.Second, For: 30 * time.Second},
		{Users: 400, For: 10 * time.Second},
		{Users: 20, For: 30 * time.Second},
	}})
	tests := []struct {
		name string
		p    *Profile
		at   time.Duration
		want int
	}{
		{"nobody before the first moment", profile, 0, 0},
		{"the first user at once", profile, time.Millisecond, 1},
		{"5 after a second", profile, time.Second, 5},
		{"all after ten", profile, 10 * time.Second, 50},
		{"held", profile, 59 * time.Second, 50},
		{"over", profile, time.Minute, 0},
		{"first stage", stages, 0, 20},
		{"held to the end of its time", stages, 30*time.Second - 1, 20},
		{"ramp begins", stages, 30 * time.Second, 20},
		{"half way up", stages, 35 * time.Second, 60},
		{"ramp ends", stages, 40 * time.Second, 100},
		{"jump", stages, 70 * time.Second, 400},
		{"down again", stages, 80 * time.Second, 20},
		{"stages over", stages, 110 * time.Second, 0},
		{"all at once without a spawn rate", NewProfile(&scenarios.Profile{Users: 7}), 0, 7},
		{"for ever without a run time", NewProfile(&scenarios.Profile{Users: 7}), 10000 * time.Hour, 7},
		{"cut off in the ramp", NewProfile(&scenarios.Profile{Users: 100, SpawnRate: 1, RunTime: 10 * time.Second}), 9 * time.Second, 9},
	}
	for _, tt := range tests {
		if got := tt.p.Users(tt.at); got != tt.want {
			t.Errorf("%s: %d users at %s, want %d", tt.name, got, tt.at, tt.want)
		}
	}
	if got := stages.End(); got != 110*time.Second {
		t.Errorf("the stages end at %s, want 1m50s", got)
	}
}

func TestProfileWords(t *testing.T) {
	p := NewProfile(&scenarios.Profile{Stages: []scenarios.Stage{
		{Name: "warm up", Users: 20, For: 30 * time.Second},
		{Users: 100, Over: 10 * time.Second, For: 90 * time.Second},
	}})
	i, of, text := p.Stage(35 * time.Second)
	if i != 2 || of != 2 || text != "ramp 20 → 100 users over 10 s, then hold for 90 s" {
		t.Errorf("stage %d of %d: %q", i, of, text)
	}
	if _, _, text := p.Stage(0); text != "warm up: hold 20 users for 30 s" {
		t.Errorf("first stage: %q", text)
	}
	if got := p.Doing(35 * time.Second); got != "ramp 20 → 100 users" {
		t.Errorf("doing %q", got)
	}
	if got := p.Doing(45 * time.Second); got != "hold 100 users" {
		t.Errorf("doing %q", got)
	}
	rate := NewProfile(&scenarios.Profile{Rate: 0.5, RunTime: time.Hour})
	if got := rate.describe(); got != "hold 0.5 arrivals/s, over after 60 min" {
		t.Errorf("described as %q", got)
	}
}

func TestConstantRateGivesWholeSeconds(t *testing.T) {
	p := NewProfile(&scenarios.Profile{Rate: 3, RunTime: 10 * time.Second})
	perSecond := map[time.Duration]int{}
	for n := 0.5; ; n++ {
		at, ok := p.When(n)
		if !ok {
			break
		}
		perSecond[at.Truncate(time.Second)]++
	}
	if len(perSecond) != 10 {
		t.Fatalf("arrivals in %d seconds, want 10", len(perSecond))
	}
	for second, n := range perSecond {
		if n != 3 {
			t.Errorf("%d arrivals in second %s, want 3", n, second)
		}
	}
}

// openStages draws a profile of the open model.
func openStages(t *rapid.T) *scenarios.Profile {
	p := &scenarios.Profile{Rate: 1} // open even where every stage rests
	for range rapid.IntRange(1, 6).Draw(t, "stages") {
		p.Stages = append(p.Stages, scenarios.Stage{
			Rate: rapid.OneOf(rapid.Just(0.0), rapid.Float64Range(0.01, 50000)).Draw(t, "rate"),
			Over: time.Duration(rapid.Int64Range(0, int64(time.Minute)).Draw(t, "over")),
			For:  time.Duration(rapid.Int64Range(0, int64(time.Minute)).Draw(t, "for")),
		})
	}
	return p
}

func TestProfileArithmetic(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := NewProfile(openStages(t))
		at := time.Duration(rapid.Int64Range(0, int64(p.End())).Draw(t, "at"))
		step := time.Duration(rapid.Int64Range(0, int64(time.Second)).Draw(t, "step"))
		rate, arrivals := p.At(at), p.Arrivals(at)
		if rate < 0 || rate > p.Peak()*(1+1e-9) {
			t.Fatalf("rate %v at %s, the peak is %v", rate, at, p.Peak())
		}
		later := p.Arrivals(at + step)
		if later < arrivals-1e-6 {
			t.Fatalf("arrivals fall from %v to %v", arrivals, later)
		}
		if most := p.Peak() * step.Seconds(); later-arrivals > most+1e-6*(1+later) {
			t.Fatalf("%v arrivals within %s, at the peak there are %v", later-arrivals, step, most)
		}
		if end := p.Arrivals(p.End()); p.Arrivals(2*p.End()) != end || later > end+1e-6*(1+end) {
			t.Fatalf("arrivals after the end")
		}
	})
}

func TestWhenIsTheInverseOfArrivals(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := NewProfile(openStages(t))
		total := p.Arrivals(p.End())
		n := rapid.Float64Range(0, 1).Draw(t, "share") * total
		at, ok := p.When(n)
		if !ok {
			// Only what is due at the very end may fall beyond it.
			if total-n > 1e-6*(1+total)+2e-9*p.Peak() {
				t.Fatalf("arrival %v of %v is never due", n, total)
			}
			return
		}
		// A nanosecond of rounding is that much at the highest rate; where the
		// rate is next to nothing, arrivals are flat and floats end first.
		if got := p.Arrivals(at); math.Abs(got-n) > 2e-9*p.Peak()+1e-6*(1+n) {
			t.Fatalf("arrival %v is due at %s, where %v are", n, at, got)
		}
		if more, ok := p.When(n + 0.001); ok && more < at {
			t.Fatalf("a later arrival is due earlier: %s before %s", more, at)
		}
	})
}

func TestHold(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := NewProfile(openStages(t))
		at := time.Duration(rapid.Int64Range(0, int64(p.End())).Draw(t, "at"))
		level := rapid.Float64Range(0, 1e5).Draw(t, "level")
		h := p.Hold(at, stats.OpenModel, level)
		if before := p.Arrivals(at); h.Arrivals(at) != before {
			t.Fatalf("holding changes the arrivals so far from %v to %v", before, h.Arrivals(at))
		}
		after := at + time.Duration(rapid.Int64Range(0, int64(time.Hour)).Draw(t, "after"))
		if h.At(after) != level || h.End() != 0 {
			t.Fatalf("level %v at %s, want %v; ends at %s", h.At(after), after, level, h.End())
		}
		want := p.Arrivals(at) + level*(after-at).Seconds()
		if got := h.Arrivals(after); math.Abs(got-want) > 1e-6*(1+want) {
			t.Fatalf("%v arrivals at %s, want %v", got, after, want)
		}
		users := h.Hold(after, stats.ClosedModel, 12)
		if users.Model() != stats.ClosedModel || users.Users(after+time.Hour) != 12 {
			t.Fatal("users are not held")
		}
		if _, ok := users.When(1); ok {
			t.Fatal("the closed model has arrivals")
		}
	})
}

func TestNextChangeMissesNoChange(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := NewProfile(openStages(t))
		for at, rounds := time.Duration(0), 0; ; rounds++ {
			next := p.NextChange(at, time.Second)
			if next == 0 {
				if p.At(at) != p.At(at+time.Hour) && !p.over(at) {
					t.Fatalf("the level still changes after %s", at)
				}
				return
			}
			if next <= at || rounds > 2000 {
				t.Fatalf("no progress from %s to %s", at, next)
			}
			if p.legAt(at).from == p.legAt(at).to && p.At((at+next)/2) != p.At(at) {
				t.Fatalf("the level changes between %s and %s", at, next)
			}
			at = next
		}
	})
}
