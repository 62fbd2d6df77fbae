//go:build unix

package runner_test

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"brink/runner"
	"brink/runner/oracle"
	"brink/runner/stats"
)

// TestOracleProcess is not a test: it is the oracle in a process of its own,
// for tests that stop it or must not share a scheduler with it. It ends with its
// standard input.
func TestOracleProcess(t *testing.T) {
	if os.Getenv("BRINK_ORACLE") != "1" {
		t.Skip("not a test by itself: the target of others")
	}
	s, err := oracle.Start("", oracle.Options{Plans: shapes, Log: 1_000_000})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	fmt.Println("oracle:", s.URL())
	_, _ = io.Copy(io.Discard, os.Stdin)
}

// oracleProcess starts the oracle in a process of its own.
func oracleProcess(t *testing.T) (url string, process *os.Process) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self, "-test.run=^TestOracleProcess$", "-test.timeout=10m")
	// Each pause of the oracle holds a thread; they must not wait for each other,
	// nor for a collector of garbage that so many processors would run at once.
	cmd.Env = append(os.Environ(), "BRINK_ORACLE=1", "GOMAXPROCS=32", "GOGC=off", "GOMEMLIMIT=2GiB")
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGCONT)
		_ = in.Close()
		_, _ = io.Copy(io.Discard, out)
		_ = cmd.Wait()
	})
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if url, ok := strings.CutPrefix(lines.Text(), "oracle: "); ok {
			return url, cmd.Process
		}
	}
	t.Fatal("the oracle did not start")
	return "", nil
}

// TestStalledServerShowsInResponseTimes: 100 requests a second for a minute, at
// a server that is stopped for ten seconds of it. The requests that come due
// in the stall wait for its end, so of all times a share of (10 s - x) / 60 s
// is above x: p90 is 4 s, p99 9.4 s. A user who asks one after the other, as
// most load tests do, meets the stall with a single request.
func TestStalledServerShowsInResponseTimes(t *testing.T) {
	long(t)
	const (
		length = 60 * time.Second
		rate   = 100.0
	)
	url, server := oracleProcess(t)
	openModel := scenarioOn(t, url, "tasks: [{ name: planned, get: /planned, timeout: 30s }]\nprofiles:\n  p: { rate: 100/s, max_users: 1500, run_time: 60s }\n")
	profile, _ := openModel.Profile("p")
	oneUser := scenarioOn(t, url, "wait: { pace: 10ms }\ntasks: [{ name: serial, get: /serial, timeout: 30s }]\n")

	var stall time.Duration
	var planned, serial *stats.Summary
	kept := new(keeper)
	var wait sync.WaitGroup
	wait.Go(func() {
		planned = run(t, runner.Config{Scenario: openModel, Profile: profile, Grace: 30 * time.Second}, kept)
	})
	wait.Go(func() {
		serial = run(t, runner.Config{Scenario: oneUser, Users: 1, RunTime: length, Grace: 30 * time.Second})
	})
	wait.Go(func() {
		<-time.After(20 * time.Second)
		began := time.Now()
		_ = server.Signal(syscall.SIGSTOP)
		<-time.After(10 * time.Second)
		_ = server.Signal(syscall.SIGCONT)
		stall = time.Since(began)
	})
	wait.Wait()

	arrivalsAddUp(t, kept.seconds)
	var wrong []string
	say := func(format string, args ...any) { wrong = append(wrong, fmt.Sprintf(format, args...)) }
	response := planned.Total.All()
	if n := response.Count(); n != int64(rate*length.Seconds()) {
		say("%d requests, planned were %g", n, rate*length.Seconds())
	}
	for _, p := range []float64{88, 90, 95, 99, 99.9} {
		want := stall - time.Duration((1-p/100)*float64(length))
		got := response.Percentile(p)
		off := (got - want).Seconds() / want.Seconds()
		t.Logf("p%-4g %v, analytically %v (%+.2f %%)", p, got.Round(time.Millisecond), want.Round(time.Millisecond), 100*off)
		if off < -0.03 || off > 0.03 {
			say("p%g is %v; analytically %v", p, got, want)
		}
	}
	if p50 := response.Percentile(50); p50 > 50*time.Millisecond {
		say("p50 is %v: the requests outside the stall are quick", p50)
	}
	service := serial.Total.ServiceTimes()
	t.Logf("one user, one request after the other: service p50 %v, p99 %v, max %v; response p99 %v",
		service.Percentile(50), service.Percentile(99), service.Max(), serial.Total.All().Percentile(99))
	if service.Percentile(99) > 50*time.Millisecond || service.Max() < 9*time.Second {
		say("the serial user's service times are p99 %v, max %v", service.Percentile(99), service.Max())
	}
	lag := new(stats.Histogram)
	for _, o := range kept.seconds {
		lag.Merge(&o.Health.Lag)
	}
	t.Logf("lag p99 %v; the verdict is %s %v", lag.Percentile(99), planned.Verdict().Grade, planned.Verdict().Reasons)
	// What a busy machine does to the generator may be said; a stalled server
	// is no fault of the generator.
	for _, reason := range planned.Verdict().Reasons {
		if strings.Contains(reason, "stood still") || strings.Contains(reason, "dropped") {
			say("the generator is blamed for the server: %s", reason)
		}
	}
	decide(t, wrong, kept.seconds)
}
