package runner

import (
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"brink/runner/stats"
	"brink/scenarios"
)

func TestHealthOfThisProcess(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("the figures come from /proc, which only Linux has")
	}
	var h health
	h.start()
	before := h.before.cpu
	began := time.Now()
	// Burn some processor time, whatever else the machine does.
	for deadline := time.Now().Add(10 * time.Second); ; {
		var u usage
		if h.probe.read(&u); u.cpu-before > 50*time.Millisecond || time.Now().After(deadline) {
			break
		}
	}
	f, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var out stats.Health
	h.read(&out, time.Since(began))
	if out.CPU <= 0 || out.CPU > float64(runtime.NumCPU())*1.1 {
		t.Errorf("%v cores used", out.CPU)
	}
	if out.Cores <= 0 || out.Cores > float64(runtime.NumCPU()) {
		t.Errorf("%v cores may be used of %d", out.Cores, runtime.NumCPU())
	}
	if out.Memory < 1<<20 || out.OpenFiles < 3 || out.FileLimit < out.OpenFiles || out.Goroutines < 2 {
		t.Errorf("memory %d, %d of %d files, %d goroutines", out.Memory, out.OpenFiles, out.FileLimit, out.Goroutines)
	}
	if out.PortLimit < 1000 || out.Ports < 0 || out.BusiestCore < 0 || out.BusiestCore > 1 {
		t.Errorf("%d of %d ports, busiest core %v", out.Ports, out.PortLimit, out.BusiestCore)
	}
	if out.GCPause < 0 || out.SchedLatency < 0 {
		t.Errorf("pauses of %s, latency of %s", out.GCPause, out.SchedLatency)
	}
	var again stats.Health
	runtime.GC()
	h.read(&again, time.Second)
	if again.GCPause <= 0 {
		t.Error("a garbage collection took no time")
	}
}

func TestBusiest(t *testing.T) {
	before := []coreTime{{100, 1000}, {500, 1000}}
	now := []coreTime{{190, 1100}, {520, 1100}}
	if got := busiest(before, now); got != 0.9 {
		t.Errorf("the busiest core was busy for %v of its time, want 0.9", got)
	}
	if got := busiest(nil, now); got != 0 {
		t.Errorf("without a figure before: %v", got)
	}
}

func TestUsersThatCannotFitAreToldBeforehand(t *testing.T) {
	limit := fileLimit()
	if limit == 0 || limit > maxUsers/2 {
		t.Skip("this system does not bound the files of a process, or not by much")
	}
	if os.Geteuid() == 0 {
		t.Skip("root may raise the limit, so that everything fits")
	}
	r, err := New(Config{Scenario: parse(t, one), Profile: &scenarios.Profile{Users: maxUsers}})
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(r.Warnings(), "\n"); !strings.Contains(got, "users fit; raise the limit with ulimit -n") {
		t.Errorf("told %q", got)
	}
}

func TestPortsThatDoNotSufficeAreToldBeforehand(t *testing.T) {
	ports := portLimit()
	if ports == 0 {
		t.Skip("this system does not tell how many local ports there are")
	}
	for users, want := range map[int]bool{1: false, ports + 1: true} {
		got := strings.Join(warnings(NewProfile(&scenarios.Profile{Users: users})), "\n")
		if strings.Contains(got, "local ports") != want {
			t.Errorf("%d users, %d ports: told %q", users, ports, got)
		}
	}
}
