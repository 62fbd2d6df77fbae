package runner

import (
	"math"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"brink/runner/stats"
	"brink/scenarios"
)

// paced runs a pacer in fake time through courses that drive chooses, and
// returns when arrivals were due.
func paced(t *testing.T, drive func(follow func(course))) (due []time.Duration) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		clock := func() time.Duration { return time.Since(began) }
		p := newPacer(clock, time.Sleep, 1, func(at time.Duration) {
			if late := clock() - at; late < 0 || late > 2*rest {
				t.Errorf("the arrival of %s came %s late", at, late)
			}
			due = append(due, at)
		})
		done := make(chan struct{})
		go func() { defer close(done); p.run() }()
		drive(p.follow)
		p.follow(course{from: clock(), over: true})
		<-done
	})
	return due
}

func rate(perSecond float64) *Profile {
	return NewProfile(&scenarios.Profile{Rate: perSecond})
}

func TestPacerKeepsAConstantRate(t *testing.T) {
	due := paced(t, func(follow func(course)) {
		follow(course{profile: rate(250)})
		pass(4 * time.Second)
	})
	if len(due) != 1000 {
		t.Fatalf("%d arrivals in 4 s at 250/s", len(due))
	}
	for i, at := range due {
		if want := 2*time.Millisecond + time.Duration(i)*4*time.Millisecond; at != want {
			t.Fatalf("arrival %d was due at %s, want %s", i, at, want)
		}
	}
}

func TestPacerFollowsARamp(t *testing.T) {
	p := NewProfile(&scenarios.Profile{Stages: []scenarios.Stage{
		{Rate: 100, Over: 10 * time.Second}, {Rate: 10, Over: 10 * time.Second}, {Rate: 10, For: 10 * time.Second},
	}})
	due := paced(t, func(follow func(course)) {
		follow(course{profile: p})
		pass(time.Minute)
	})
	if want := 500 + 550 + 100; len(due) != want {
		t.Errorf("%d arrivals, the areas under the ramps are %d", len(due), want)
	}
}

func TestPacerArrivesAsPoisson(t *testing.T) {
	p := NewProfile(&scenarios.Profile{Rate: 1000, Poisson: true})
	due := paced(t, func(follow func(course)) {
		follow(course{profile: p})
		pass(20 * time.Second)
	})
	// 20 000 are expected, with deviation 141; gaps have mean 1 ms and, being
	// exponential, the same deviation. The seed is fixed: this never flickers.
	if n := len(due); n < 19500 || n > 20500 {
		t.Errorf("%d arrivals in 20 s at 1000/s", n)
	}
	var sum, squares float64
	for i := 1; i < len(due); i++ {
		gap := (due[i] - due[i-1]).Seconds() * 1000
		sum, squares = sum+gap, squares+gap*gap
	}
	mean := sum / float64(len(due)-1)
	deviation := math.Sqrt(squares/float64(len(due)-1) - mean*mean)
	if math.Abs(deviation/mean-1) > 0.05 {
		t.Errorf("gaps have mean %.3f ms and deviation %.3f ms", mean, deviation)
	}
}

// A change of rate takes effect at its time, and the step that was under way
// goes on at the new rate: nothing is lost and nothing comes twice.
func TestPacerChangesItsRateInAStep(t *testing.T) {
	due := paced(t, func(follow func(course)) {
		slow := rate(0.1)
		follow(course{profile: slow}) // the first would be due after 5 s
		pass(4 * time.Second)         // 0.4 of half a step has passed
		follow(course{profile: slow.Hold(4*time.Second, stats.OpenModel, 100), from: 4 * time.Second})
		pass(time.Second)
	})
	if len(due) != 100 {
		t.Fatalf("%d arrivals in a second at 100/s", len(due))
	}
	if want := 4*time.Second + time.Millisecond; due[0] != want {
		t.Errorf("the first was due at %s, want %s: a tenth of a step was left", due[0], want)
	}
}

func TestPacerStandsStillWhilePaused(t *testing.T) {
	p := rate(10)
	due := paced(t, func(follow func(course)) {
		follow(course{profile: p})
		pass(time.Second)
		follow(course{from: time.Second})
		pass(10 * time.Second)
		follow(course{profile: p, from: 11 * time.Second, shift: 10 * time.Second})
		pass(time.Second)
	})
	if len(due) != 20 {
		t.Fatalf("%d arrivals, want 20", len(due))
	}
	if due[9] != 950*time.Millisecond || due[10] != 11*time.Second+50*time.Millisecond {
		t.Errorf("the pause lies between %s and %s", due[9], due[10])
	}
}

// TestPacersGiveTheirProcessorsBack has two runs overlap: once both have ended,
// the runtime has as many processors as before.
func TestPacersGiveTheirProcessorsBack(t *testing.T) {
	before := runtime.GOMAXPROCS(0)
	begin := func() (end func()) {
		began := time.Now()
		clock := func() time.Duration { return time.Since(began) }
		paces, done := make(chan struct{}, 1), make(chan struct{})
		p := newPacer(clock, sleepPrecisely, 1, func(time.Duration) { poke(paces) })
		p.follow(course{profile: rate(1000)})
		go func() { defer close(done); p.run() }()
		<-paces
		return func() {
			p.follow(course{from: clock(), over: true})
			<-done
		}
	}
	endFirst := begin()
	endSecond := begin()
	if n := runtime.GOMAXPROCS(0); n != before+2 {
		t.Errorf("%d processors while two pacers run, %d before", n, before)
	}
	endFirst()
	endSecond()
	if n := runtime.GOMAXPROCS(0); n != before {
		t.Errorf("%d processors, %d before", n, before)
	}
}
