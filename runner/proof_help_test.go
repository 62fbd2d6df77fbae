package runner_test

import (
	"os"
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

// eventually waits until holds does, for what other goroutines still have to
// do.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(5 * time.Second); !holds(); <-tick.C {
		if time.Now().After(deadline) {
			t.Fatalf("still not so: %s", what)
		}
	}
}
