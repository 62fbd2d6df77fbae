package stats

import (
	"strings"
	"testing"
	"time"
)

func TestJudgeASecond(t *testing.T) {
	for name, test := range map[string]struct {
		spoil  func(*Snapshot)
		want   Grade
		reason string
	}{
		"fine":            {func(*Snapshot) {}, Valid, ""},
		"stood still":     {func(s *Snapshot) { s.Health.Stall = 2 * time.Second }, Invalid, "stood still for 2 s"},
		"some dropped":    {func(s *Snapshot) { s.Load = Load{Model: OpenModel, Scheduled: 100, Sent: 99, Dropped: 1} }, Degraded, "1.0 % of the arrivals"},
		"many dropped":    {func(s *Snapshot) { s.Load = Load{Model: OpenModel, Scheduled: 100, Sent: 90, Dropped: 10} }, Invalid, "max_users"},
		"users missing":   {func(s *Snapshot) { s.Load = Load{WantedUsers: 100, Users: 95} }, Degraded, "5 of 100 users"},
		"stopping":        {func(s *Snapshot) { s.Load = Load{WantedUsers: 100, Users: 5, Stopping: true} }, Valid, ""},
		"processor":       {func(s *Snapshot) { s.Health.CPU, s.Health.Cores = 1.8, 2 }, Degraded, "90 % of its processor time"},
		"throttled":       {func(s *Snapshot) { s.Health.Throttled = 300 * ms }, Invalid, "cgroup"},
		"collector":       {func(s *Snapshot) { s.Health.GCPause = 60 * ms }, Degraded, "garbage collection"},
		"scheduler":       {func(s *Snapshot) { s.Health.SchedLatency = 200 * ms }, Invalid, "waited 200 ms"},
		"descriptors":     {func(s *Snapshot) { s.Health.OpenFiles, s.Health.FileLimit = 95, 100 }, Degraded, "95 of 100 file descriptors"},
		"ports":           {func(s *Snapshot) { s.Health.Ports, s.Health.PortLimit = 85, 100 }, Degraded, "85 of 100 local ports"},
		"no ports left":   {func(s *Snapshot) { s.Routes[0].Classes = []Count[Class]{{NoPorts, 1}} }, Invalid, "no local port left"},
		"lag, fast":       {func(s *Snapshot) { s.Health.Lag.Record(900 * time.Microsecond) }, Valid, ""},
		"lag":             {func(s *Snapshot) { s.Health.Lag.Record(2 * ms) }, Degraded, "p99 2 ms behind"},
		"lag beyond hope": {func(s *Snapshot) { s.Health.Lag.Record(11 * ms) }, Invalid, "behind the plan"},
	} {
		t.Run(name, func(t *testing.T) {
			s := steady(0, 1, Load{}, repeat(20*ms, 20)...)[0]
			test.spoil(s)
			v := Judge(s)
			if v.Grade != test.want || !strings.Contains(strings.Join(v.Reasons, "; "), test.reason) {
				t.Errorf("%s %q; want %s with %q", v.Grade, v.Reasons, test.want, test.reason)
			}
		})
	}
}

// The last Snapshot of a run may be a few milliseconds long, in which a burst
// says nothing; and what two figures tell of a second is one bad second.
func TestAMomentAndASecondAreNotMoreThanTheyAre(t *testing.T) {
	moment := &Snapshot{End: 5 * ms, Health: Health{CPU: 2, Cores: 0.1, Throttled: 5 * ms}}
	if v := Judge(moment); v.Grade != Valid {
		t.Errorf("5 ms are %s: %q", v.Grade, v.Reasons)
	}
	short := steady(0, 10, Load{}, repeat(20*ms, 20)...)
	for _, s := range short {
		s.Routes[0].Classes = []Count[Class]{{NoDescriptors, 10}}
		s.Health.OpenFiles, s.Health.FileLimit = 100, 100
	}
	if v := Summarize(short...).Verdict(); len(v.Reasons) != 1 || !strings.Contains(v.Reasons[0], "(10 of 10 s)") {
		t.Errorf("ten seconds without descriptors: %q", v.Reasons)
	}
}

// TestVerdictSaysTheWorst: of all seconds with one thing wrong, the words are
// those of the worst, wherever it is.
func TestVerdictSaysTheWorst(t *testing.T) {
	run := steady(0, 60, Load{WantedUsers: 5}, 10*time.Millisecond)
	for i, stall := range []time.Duration{300, 3600, 270} {
		run[10*(i+1)].Health.Stall = stall * time.Millisecond
	}
	v := Summarize(run...).Verdict()
	if want := "the generator stood still for 3.6 s: it was stopped or starved (3 of 60 s)"; len(v.Reasons) != 1 || v.Reasons[0] != want {
		t.Errorf("%q, want %q", v.Reasons, want)
	}
}

func TestVerdictOfARun(t *testing.T) {
	busy := func(seconds []*Snapshot, from, to int) []*Snapshot {
		for _, s := range seconds[from:to] {
			s.Health.CPU, s.Health.Cores = 2, 2
		}
		return seconds
	}
	late := func(seconds []*Snapshot, from, to int) []*Snapshot {
		for _, s := range seconds[from:to] {
			s.Health.Lag.Record(500 * ms)
		}
		return seconds
	}
	seconds := func() []*Snapshot { return steady(0, 60, Load{WantedUsers: 5}, 10*ms) }
	// One second in which the generator stood still, and is as much longer as
	// the Snapshot says.
	still := func(all []*Snapshot, stall, longer time.Duration) []*Snapshot {
		s := all[len(all)/2]
		s.Health.Stall, s.End = stall, s.End+longer
		return all
	}
	drops := seconds()
	for _, s := range drops {
		s.Load = Load{Model: OpenModel, Scheduled: 1000, Sent: 999, Dropped: 1}
	}
	for name, test := range map[string]struct {
		seconds []*Snapshot
		want    Grade
	}{
		"quiet":                {seconds(), Valid},
		"busy at the start":    {busy(seconds(), 0, 2), Valid},
		"busy for long":        {busy(seconds(), 0, 20), Degraded},
		"late now and then":    {late(seconds(), 0, 3), Valid},
		"late for long":        {late(seconds(), 0, 10), Invalid},
		"stood still once":     {still(seconds(), 300*ms, 0), Degraded},
		"and for a moment":     {still(seconds(), 200*ms, 0), Valid},
		"and for some seconds": {still(seconds(), 4*time.Second, 4*time.Second), Invalid},
		"in a short run":       {still(seconds()[:4], 300*ms, 0), Degraded},
		"a late collector":     {still(seconds(), 0, 2*time.Second), Valid},
		"one drop in thousand": {drops, Valid},
		"nothing":              {nil, Valid},
	} {
		if v := Summarize(test.seconds...).Verdict(); v.Grade != test.want {
			t.Errorf("%s: %s %q; want %s", name, v.Grade, v.Reasons, test.want)
		}
	}
}
