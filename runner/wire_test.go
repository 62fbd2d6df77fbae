package runner

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"brink/runner/stats"
)

// real runs scenario text against an address with the real clients; drive does
// what a user would do meanwhile.
func real(t *testing.T, target, rest string, change func(*Config), drive func(*Runner)) (*stats.Summary, *memory) {
	t.Helper()
	c := Config{Scenario: parse(t, "name: real\ntarget: "+target+"\n"+rest), Seed: 1}
	change(&c)
	r, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	var driving sync.WaitGroup
	if drive != nil {
		driving.Go(func() { drive(r) })
	}
	sink := new(memory)
	sum, err := r.Run(context.Background(), sink)
	if err != nil {
		t.Error(err)
	}
	driving.Wait()
	return sum, sink
}

// within fails the test where there is no Snapshot of what is wanted in time.
func within(t *testing.T, d time.Duration, r *Runner, what string, wanted func(*stats.Snapshot) bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), d)
	defer cancel()
	for s := range r.Snapshots(ctx) {
		if wanted(s) {
			return
		}
	}
	t.Errorf("no Snapshot with %s within %s", what, d)
}

func TestUsersByHandOnTheWire(t *testing.T) {
	var seen atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		seen.Add(1)
		fmt.Fprint(w, "{}")
	}))
	defer server.Close()
	filesBefore := openFilesNow()
	sum, _ := real(t, server.URL, "wait: 100ms..300ms\ntasks: [ { name: root, get: / } ]", users(1), func(r *Runner) {
		for _, n := range []int{500, 5, 200} {
			if err := r.Set(stats.Wish{Users: &n}); err != nil {
				t.Error(err)
			}
			// A second to reach it and one to see it, on a machine that others
			// use, too.
			within(t, time.Minute, r, fmt.Sprint(n, " users"), func(s *stats.Snapshot) bool {
				return s.Load.Users == n && s.Load.WantedUsers == n
			})
		}
		if err := r.Set(stats.Wish{Stop: true}); err != nil {
			t.Error(err)
		}
	})
	if sum.Total.Requests != seen.Load() || sum.Total.Failures != 0 || sum.Total.Unfinished != 0 {
		t.Errorf("%d requests, %d failures, %d unfinished; the server saw %d", sum.Total.Requests, sum.Total.Failures, sum.Total.Unfinished, seen.Load())
	}
	server.Close()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(time.Minute); openFilesNow() > filesBefore; <-tick.C {
		if time.Now().After(deadline) {
			t.Fatalf("%d files are open, %d were before the run", openFilesNow(), filesBefore)
		}
	}
}

// openFilesNow counts this process's open files, 0 where that is not known.
func openFilesNow() int {
	if runtime.GOOS != "linux" {
		return 0
	}
	var u usage
	newProbe().read(&u)
	return u.files
}

// A target that takes connections and says nothing must not hold up the end: a
// request has ten minutes, the run ends after the grace period.
func TestABlackHoleIsCutAfterTheGracePeriod(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	var stopped time.Time
	sum, sink := real(t, "http://"+l.Addr().String(), "timeout: 10m\ntasks: [ { name: root, get: / } ]", func(c *Config) {
		c.Users, c.Grace = 20, 200*time.Millisecond
	}, func(r *Runner) {
		within(t, time.Minute, r, "20 requests in flight", func(s *stats.Snapshot) bool { return s.Load.Busy == 20 })
		stopped = time.Now()
		if err := r.Set(stats.Wish{Stop: true}); err != nil {
			t.Error(err)
		}
	})
	if took := time.Since(stopped); took < 200*time.Millisecond || took > 20*time.Second {
		t.Errorf("it ended %s after the stop, the grace period was 200 ms", took)
	}
	if got := sink.events(stats.EventWarning); !slices.Equal(got, []string{"20 requests were cut off after the grace period of 200 ms"}) {
		t.Errorf("told %q", got)
	}
	if sum.Total.Unfinished != 20 || sum.Total.Requests != 0 {
		t.Errorf("%d unfinished and %d requests, want 20 and none", sum.Total.Unfinished, sum.Total.Requests)
	}
}

func TestArrivalsOnTheWire(t *testing.T) {
	var seen atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { seen.Add(1) }))
	defer server.Close()
	sum, sink := real(t, server.URL, "tasks: [ { name: root, get: / } ]", openModel(200, 200, 2*time.Second), nil)
	// The last may still be on its way to a user as the profile ends.
	if sum.Scheduled != 400 || sum.Sent+sum.Dropped+sum.Load.NotYetSent != 400 || sum.Sent != seen.Load() || sum.Total.Requests != seen.Load() {
		t.Errorf("scheduled %d, sent %d, dropped %d, finished %d; the server saw %d, want 400",
			sum.Scheduled, sum.Sent, sum.Dropped, sum.Total.Requests, seen.Load())
	}
	var lag stats.Histogram
	for _, s := range sink.snapshots {
		lag.Merge(&s.Health.Lag)
	}
	if lag.Count() != sum.Sent {
		t.Errorf("the lag of %d arrivals is known, %d were sent", lag.Count(), sum.Sent)
	}
}
