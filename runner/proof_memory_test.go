package runner_test

import (
	"testing"

	"brink/runner"
	"brink/runner/client"
	"brink/runner/oracle"
)

// TestUsersGiveLargeBodiesBack has users ask, one after another, for bodies of
// which two fit into what all may keep: who is done with one leaves the room to
// the next.
func TestUsersGiveLargeBodiesBack(t *testing.T) {
	s := startOracle(t, oracle.Options{Hostile: true})
	c := runner.Config{
		Scenario: scenarioOn(t, s.URL(), `
wait: 1s
tasks: [{ get: /hostile/sse-large, expect: { contains: "data: xxx" } }]
profiles:
  p: { users: 10, run_time: 2s }
`),
		Client: &client.Options{MaxKept: 16 << 20, MaxKeptAll: 32 << 20},
	}
	c.Profile, _ = c.Scenario.Profile("p")
	sum := run(t, c)
	// Some may meet on a busy machine; the last eight would never get a body.
	if ok := sum.Total.Requests - sum.Total.Failures; ok < sum.Total.Requests/2 || sum.Total.Requests < 10 {
		t.Errorf("%d of %d requests succeeded: %v", ok, sum.Total.Requests, sum.Failures)
	}
}
