package stats

import (
	"sync"
	"testing"
	"time"
)

// Recording and rotating at the same time loses and doubles nothing.
func TestRecorderCountsEverythingOnce(t *testing.T) {
	const users, each = 8, 2000
	rec := NewRecorder(testRoutes, 3)
	var wg sync.WaitGroup
	for user := range users {
		wg.Go(func() {
			for i := range each {
				s := Sample{Route: i % len(testRoutes), End: ms, Status: 200}
				if i%10 == 0 {
					s.Failure = Failure{TimedOut, "timed out"}
				}
				rec.Record(user, &s)
			}
			rec.Unfinished(user, &Sample{End: ms, NewConn: true, Retried: true, BytesOut: 5})
		})
	}
	done := make(chan struct{})
	go func() { wg.Wait(); close(done) }()

	var sum RouteStats
	var grouped int64
	take := func() {
		routes, failures := rec.Rotate()
		for i := range routes {
			sum.Merge(&routes[i])
		}
		for _, g := range failures {
			grouped += g.Count
		}
	}
	for finished := false; !finished; {
		select {
		case <-done:
			finished = true
		default:
		}
		take()
	}
	take()
	if sum.Requests != users*each || sum.All().Count() != users*each || sum.Unfinished != users || sum.Ages.Count() != users {
		t.Fatalf("requests %d, in histograms %d, unfinished %d; want %d, %d, %d", sum.Requests, sum.All().Count(), sum.Unfinished, users*each, users*each, users)
	}
	if sum.NewConns != users || sum.Retries != users || sum.BytesOut != 5*users {
		t.Fatalf("the unfinished made %d connections, %d retries, %d bytes; want %d, %d, %d", sum.NewConns, sum.Retries, sum.BytesOut, users, users, 5*users)
	}
	if sum.Failures != users*each/10 || grouped != sum.Failures || sum.Failed.Count() != sum.Failures {
		t.Fatalf("failures %d, grouped %d; want %d", sum.Failures, grouped, users*each/10)
	}
}

// Service times are kept apart only once they differ, and then all of them.
func TestServiceTimesAreWholeOnceTheyDiffer(t *testing.T) {
	rec := NewRecorder(testRoutes, 1)
	rec.Record(0, &Sample{End: 2 * ms})
	rec.Record(0, &Sample{End: 9 * ms, Start: 5 * ms})
	rec.Record(0, &Sample{End: 3 * ms, Failure: Failure{TimedOut, "timed out"}})
	routes, _ := rec.Rotate()
	service := routes[0].ServiceTimes()
	if service.Count() != 3 || service.Max() != 4*ms || routes[0].All().Max() != 9*ms {
		t.Fatalf("%d service times up to %s, response times up to %s", service.Count(), service.Max(), routes[0].All().Max())
	}
	rec.Record(0, &Sample{End: 2 * ms})
	routes, _ = rec.Rotate()
	if routes[0].Service.Count() != 0 || routes[0].ServiceTimes().Count() != 1 {
		t.Fatal("equal service times were written twice")
	}
}

func TestRecordingASuccessAllocatesNothing(t *testing.T) {
	rec := NewRecorder(testRoutes, 1)
	s := Sample{End: 12 * ms, Status: 200}
	rec.Record(0, &s)
	if n := testing.AllocsPerRun(1000, func() { rec.Record(0, &s) }); n != 0 {
		t.Fatalf("%g allocations a sample", n)
	}
}

func BenchmarkRecord(b *testing.B) {
	rec := NewRecorder(testRoutes, 0)
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		s := Sample{End: 12 * ms, Status: 200, BytesIn: 100}
		for pb.Next() {
			s.End += 1000
			rec.Record(1, &s)
			if s.End > 50*ms {
				s.End = 10 * ms
			}
		}
	})
}

// The collector's work each second: 20 routes, 5 000 requests.
func BenchmarkRotate(b *testing.B) {
	routes := make([]Route, 20)
	for i := range routes {
		routes[i] = Route{"GET", string(rune('a' + i))}
	}
	rec := NewRecorder(routes, 0)
	for b.Loop() {
		b.StopTimer()
		for i := range 5000 {
			rec.Record(i, &Sample{Route: i % 20, End: 10*ms + time.Duration(i%400)*ms/10, Status: 200})
		}
		b.StartTimer()
		rec.Rotate()
	}
}
