package runner_test

import (
	"testing"
	"time"

	"brink/runner"
	"brink/runner/client"
	"brink/runner/oracle"
	"brink/runner/stats"
)

// TestUsersGiveLargeBodiesBack has four users ask, one after another, for bodies
// of which three fit into what all may keep: who is done with one leaves the room
// to the next.
func TestUsersGiveLargeBodiesBack(t *testing.T) {
	s := startOracle(t, oracle.Options{Hostile: true})
	scenario := scenarioOn(t, s.URL(), `
wait: 1m
tasks: [{ get: /hostile/sse-large, expect: { contains: "data: xxx" } }]
`)
	room := &client.Options{MaxKept: 16 << 20, MaxKeptAll: 32 << 20}
	for user := 1; user <= 4; user++ {
		r, err := runner.New(runner.Config{Scenario: scenario, Users: 1, Grace: time.Minute, Client: room})
		if err != nil {
			t.Fatal(err)
		}
		ended := make(chan *stats.Summary)
		go func() {
			sum, err := r.Run(t.Context())
			if err != nil {
				t.Error(err)
			}
			ended <- sum
		}()
		eventually(t, "the user asks", func() bool { return s.Received() == int64(user) })
		if err := r.Set(stats.Wish{Stop: true}); err != nil {
			t.Error(err)
		}
		sum := <-ended
		if sum.Total.Requests != 1 || sum.Total.Failures > 0 {
			t.Errorf("user %d: %d requests, %d failed: %v", user, sum.Total.Requests, sum.Total.Failures, sum.Failures)
		}
	}
}
