package runner_test

import (
	"testing"
	"time"

	"brink/runner"
	"brink/runner/client"
	"brink/runner/oracle"
)

// TestUsersGiveLargeBodiesBack has four users ask, one after another, for bodies
// of which three fit into what all may keep: who is done with one leaves the room
// to the next.
func TestUsersGiveLargeBodiesBack(t *testing.T) {
	s := startOracle(t, oracle.Options{Hostile: true})
	scenario := scenarioOn(t, s.URL(), `
wait: 1m
tasks: [{ get: /hostile/sse-large, expect: { contains: "data: xxx" } }]
profiles:
  p: { users: 1, run_time: 10ms }
`)
	profile, _ := scenario.Profile("p")
	room := &client.Options{MaxKept: 16 << 20, MaxKeptAll: 32 << 20}
	for user := 1; user <= 4; user++ {
		sum := run(t, runner.Config{Scenario: scenario, Profile: profile, Grace: time.Minute, Client: room})
		if sum.Total.Requests != 1 || sum.Total.Failures > 0 {
			t.Errorf("user %d: %d requests, %d failed: %v", user, sum.Total.Requests, sum.Total.Failures, sum.Failures)
		}
	}
}
