package stats

import (
	"math/rand/v2"
	"slices"
	"time"

	"pgregory.net/rapid"
)

const ms = time.Millisecond

var testRoutes = []Route{{"POST", "single"}, {"POST", "batch"}, {"GET", "health"}}

// drawSamples draws finished requests of second seq.
func drawSamples(t *rapid.T, label string, seq int) []Sample {
	seed := rapid.Uint64().Draw(t, label)
	n := rapid.IntRange(0, 60).Draw(t, label+" n")
	r := rand.New(rand.NewPCG(seed, 1))
	samples := make([]Sample, n)
	for i := range samples {
		samples[i] = randomSample(r, time.Duration(seq)*time.Second)
	}
	return samples
}

func randomSample(r *rand.Rand, at time.Duration) Sample {
	start := at + time.Duration(r.Int64N(int64(time.Second)))
	s := Sample{
		Route: r.IntN(len(testRoutes)), Start: start, Intended: start,
		End:    start + time.Duration(r.ExpFloat64()*float64(20*ms)),
		Status: 200, BytesOut: r.Int64N(500), BytesIn: r.Int64N(5000),
		NewConn: r.IntN(10) == 0, Retried: r.IntN(20) == 0,
	}
	s.FirstByte, s.Body = time.Duration(r.Int64N(int64(ms))), time.Duration(r.Int64N(1000))
	if r.IntN(4) == 0 {
		s.Intended -= time.Duration(r.Int64N(int64(ms)))
	}
	if r.IntN(5) == 0 {
		s.Status = 500 + r.IntN(4)
		s.Failure = Failure{BadStatus, "status 50x instead of 200"}
	}
	return s
}

// snapshotOf makes a Snapshot as a worker would.
func snapshotOf(seq int, samples []Sample) *Snapshot {
	rec := NewRecorder(testRoutes, 3)
	for i := range samples {
		rec.Record(i, &samples[i])
	}
	s := &Snapshot{Seq: seq, Start: time.Duration(seq) * time.Second, End: time.Duration(seq+1) * time.Second, Wall: time.Unix(1_700_000_000+int64(seq), 0)}
	s.Routes, s.Failures = rec.Rotate()
	return s
}

func bytesOf(s *Snapshot) []byte {
	b, _ := s.AppendBinary(nil)
	return b
}

func concat[T any](lists ...[]T) []T { return slices.Concat(lists...) }

// steady returns n seconds, each with these times on every route, under a
// fixed load.
func steady(from, n int, load Load, times ...time.Duration) []*Snapshot {
	var out []*Snapshot
	for i := range n {
		seq := from + i
		var samples []Sample
		for route := range testRoutes {
			for _, d := range times {
				start := time.Duration(seq) * time.Second
				samples = append(samples, Sample{Route: route, Start: start, Intended: start, End: start + d, Status: 200})
			}
		}
		s := snapshotOf(seq, samples)
		s.Load = load
		s.Load.Users = load.WantedUsers
		out = append(out, s)
	}
	return out
}
