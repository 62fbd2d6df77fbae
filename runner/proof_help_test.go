package runner_test

import (
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"brink/runner"
	"brink/runner/oracle"
	"brink/runner/stats"
	"brink/scenarios"
)

// long skips a proof that takes minutes unless it was asked for.
func long(t *testing.T) {
	t.Helper()
	if os.Getenv("BRINK_LONG") != "1" {
		t.Skip("takes minutes: runs where BRINK_LONG=1")
	}
}

func startOracle(t *testing.T, o oracle.Options) *oracle.Server {
	t.Helper()
	s, err := oracle.Start("", o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

// scenarioOn returns the scenario of a file's text, on a target.
func scenarioOn(t *testing.T, target, text string) *scenarios.Scenario {
	t.Helper()
	s, err := scenarios.Parse("proof.yaml", []byte("name: Proof\ntarget: "+target+"\n"+text), scenarios.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// keeper is a sink that keeps what it gets, and may do something each second.
type keeper struct {
	mu      sync.Mutex
	seconds []*stats.Snapshot
	each    func(*stats.Snapshot)
}

func (k *keeper) Put(s *stats.Snapshot) error {
	k.mu.Lock()
	k.seconds = append(k.seconds, s)
	k.mu.Unlock()
	if k.each != nil {
		k.each(s)
	}
	return nil
}

func (k *keeper) Close() error { return nil }

// run makes the load of c, and returns what it came to.
func run(t *testing.T, c runner.Config, sinks ...stats.Sink) *stats.Summary {
	t.Helper()
	r, err := runner.New(c)
	if err != nil {
		t.Fatal(err)
	}
	sum, err := r.Run(t.Context(), sinks...)
	if err != nil {
		t.Fatal(err)
	}
	return sum
}

// unfit says why this machine was too busy for a proof that measures
// milliseconds, by what brink itself wrote down each second: it was late or
// waited for a processor. Empty: the machine was fit, and the proof decides.
func unfit(seconds []*stats.Snapshot) string {
	lag, waited := new(stats.Histogram), 0
	for _, s := range seconds {
		lag.Merge(&s.Health.Lag)
		if s.Health.SchedLatency > 10*time.Millisecond {
			waited++
		}
	}
	if late := lag.Percentile(99); lag.Count() > 0 && late > time.Millisecond {
		return fmt.Sprintf("arrivals were late by %v (p99)", late)
	}
	if waited > len(seconds)/20 {
		return fmt.Sprintf("in %d of %d seconds goroutines waited for a processor for more than 10 ms (p99)", waited, len(seconds))
	}
	return ""
}

// decide ends a proof that found something wrong: it fails, or is skipped where
// the machine was unfit.
func decide(t *testing.T, wrong []string, seconds []*stats.Snapshot) {
	t.Helper()
	if why := unfit(seconds); len(wrong) > 0 && why != "" {
		t.Skipf("this machine is too busy for the proof, and brink says so: %s\n%s", why, strings.Join(wrong, "\n"))
	}
	for _, w := range wrong {
		t.Error(w)
	}
}

// eventually waits until holds does, for what other goroutines still have to
// do.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(time.Minute); !holds(); <-tick.C {
		if time.Now().After(deadline) {
			t.Fatalf("still not so: %s", what)
		}
	}
}
