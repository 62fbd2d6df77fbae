package stats

import (
	"bytes"
	"math/rand/v2"
	"reflect"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// full returns a Snapshot with something in every field.
func full() *Snapshot {
	r := rand.New(rand.NewPCG(7, 7))
	samples := make([]Sample, 200)
	for i := range samples {
		samples[i] = randomSample(r, 3*time.Second)
	}
	samples[5].Status = 999
	samples[7].Failure = Failure{TimedOut, "timed out after 10 s"}
	samples[7].Exchange = &Exchange{At: 3 * time.Second, Request: "GET / HTTP/1.1", Response: "HTTP/1.1 503", Curl: "curl x"}
	s := snapshotOf(3, samples)
	s.Load = Load{Model: OpenModel, WantedUsers: 5, Users: 4, Busy: 3, OldestBusy: 2 * time.Second, WantedRate: 12.5,
		Scheduled: 9, Sent: 8, Dropped: 1, NotYetSent: 2, Paused: true, Stopping: true, Stage: "ramp", PlanEnd: time.Minute,
		Mix: Mix{Weights: []Count[string]{{"batch", 0}, {"single", 9}}, Muted: []Route{{"GET", "health"}}}}
	s.Events = []Event{{At: 3 * time.Second, Kind: EventMark, Text: "deployed"}}
	s.Health = Health{CPU: 1.5, Cores: 2, BusiestCore: 0.9, Throttled: ms, GCPause: ms, SchedLatency: ms,
		Memory: 1 << 20, OpenFiles: 10, FileLimit: 1024, Ports: 3, PortLimit: 28000, Goroutines: 12}
	s.Health.Lag.Record(ms)
	return s
}

func TestBinaryRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := snapshotOf(4, drawSamples(t, "samples", 4))
		checkRoundTrip(t, s)
	})
	checkRoundTrip(t, full())
}

func checkRoundTrip(t rapid.TB, s *Snapshot) {
	t.Helper()
	var back Snapshot
	if err := back.UnmarshalBinary(bytesOf(s)); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(bytesOf(&back), bytesOf(s)) {
		t.Fatal("reading back gives other bytes")
	}
	if !back.Wall.Equal(s.Wall) || !reflect.DeepEqual(back.Load, s.Load) || len(back.Routes) != len(s.Routes) {
		t.Fatalf("reading back gives %+v; want %+v", back.Load, s.Load)
	}
	for i := range s.Routes {
		if !back.Routes[i].OK.Equal(&s.Routes[i].OK) || !back.Routes[i].Service.Equal(&s.Routes[i].Service) {
			t.Fatal("a histogram changed")
		}
	}
}

// A snapshot cut anywhere is refused, not misread.
func TestEveryCutIsRefused(t *testing.T) {
	whole := bytesOf(full())
	for n := range whole {
		var s Snapshot
		if err := s.UnmarshalBinary(whole[:n]); err == nil {
			t.Fatalf("the first %d of %d bytes were read as a snapshot", n, len(whole))
		}
	}
	var s Snapshot
	if err := s.UnmarshalBinary(append(whole, 0)); err == nil {
		t.Fatal("a byte too many was accepted")
	}
}

// 250 requests of a route in a second stay small: the journal's size rests on it.
func TestASecondOfARouteIsSmall(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	samples := make([]Sample, 250)
	for i := range samples {
		samples[i] = Sample{End: time.Duration(30*float64(ms) + r.NormFloat64()*float64(5*ms)), Status: 200}
	}
	if n := len(bytesOf(snapshotOf(0, samples))); n > 900 {
		t.Fatalf("%d bytes; want at most 900", n)
	}
}

// What is accepted is whole: writing it gives something that reads the same.
func FuzzSnapshot(f *testing.F) {
	f.Add(bytesOf(full()))
	f.Add(bytesOf(snapshotOf(0, nil)))
	f.Fuzz(func(t *testing.T, b []byte) {
		var s, again Snapshot
		if s.UnmarshalBinary(b) != nil {
			return
		}
		if err := again.UnmarshalBinary(bytesOf(&s)); err != nil {
			t.Fatalf("accepted, but its own bytes are refused: %v", err)
		}
	})
}
