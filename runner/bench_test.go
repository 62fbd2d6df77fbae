package runner

import (
	"context"
	"fmt"
	"runtime"
	"runtime/debug"
	"testing"
	"time"

	"brink/runner/client"
	"brink/runner/stats"
	"brink/scenarios"
)

// The benchmarks measure runs of a few seconds, once each:
//
//	go test -run '^$' -bench . -benchtime 1x ./runner
//
// Their target is another process on this machine. Figures of one run on a
// shared machine are noisy: take the median of several (-count 5).

// load runs a scenario with one fixed GET against a target of its own.
func load(b *testing.B, wait string, change func(*Config), during func(*Runner)) *memory {
	b.Helper()
	source := fmt.Sprintf("name: bench\ntarget: http://%s\nwait: %s\ntasks: [ { name: root, get: / } ]\n", startServer(b), wait)
	c := Config{Scenario: parse(b, source), Seed: 1}
	change(&c)
	r, err := New(c)
	if err != nil {
		b.Fatal(err)
	}
	runtime.GC()
	debug.FreeOSMemory()
	sink := new(memory)
	done := make(chan error)
	go func() {
		_, err := r.Run(context.Background(), sink)
		done <- err
	}()
	if during != nil {
		during(r)
	}
	if err := <-done; err != nil {
		b.Fatal(err)
	}
	if n := stats.Summarize(sink.snapshots...).Total; n.Failures > 0 {
		b.Fatalf("%d of %d requests failed", n.Failures, n.Requests)
	}
	return sink
}

// steady sums up the seconds from the first whole one after warm-up to the one
// before the last.
func (m *memory) steady(from int) *stats.Summary {
	return stats.Summarize(m.snapshots[from : len(m.snapshots)-2]...)
}

// cpu returns the processor time of a stretch.
func (m *memory) cpu(from int) (used time.Duration) {
	for _, s := range m.snapshots[from : len(m.snapshots)-2] {
		used += time.Duration(s.Health.CPU * float64(s.End-s.Start))
	}
	return used
}

func BenchmarkClosedModel(b *testing.B) {
	for b.Loop() {
		m := load(b, "0", func(c *Config) { c.Users, c.RunTime = 64, 5*time.Second }, nil)
		s := m.steady(1)
		b.ReportMetric(s.Rate(s.Total.Requests), "requests/s")
		b.ReportMetric(float64(m.cpu(1).Microseconds())/float64(s.Total.Requests), "cpu-µs/request")
	}
}

func BenchmarkThinkingUsers(b *testing.B) {
	for _, n := range []int{100, 1000, 10000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			for b.Loop() {
				var before usage
				newProbe().read(&before)
				m := load(b, "1s", func(c *Config) { c.Users, c.RunTime = n, 9*time.Second }, nil)
				s := m.steady(3)
				last := m.snapshots[len(m.snapshots)-3]
				b.ReportMetric(s.Rate(s.Total.Requests), "requests/s")
				b.ReportMetric(float64(m.cpu(3).Microseconds())/float64(s.Total.Requests), "cpu-µs/request")
				b.ReportMetric(float64(last.Health.Memory-before.memory)/1024/float64(n), "KB/user")
			}
		})
	}
}

func BenchmarkOpenModel(b *testing.B) {
	for _, rate := range []float64{1000, 5000, 20000} {
		b.Run(fmt.Sprint(rate), func(b *testing.B) {
			for b.Loop() {
				m := load(b, "0", func(c *Config) {
					c.Profile = &scenarios.Profile{Rate: rate, MaxUsers: 500, RunTime: 6 * time.Second}
				}, nil)
				s := m.steady(1)
				var lag stats.Histogram
				for _, o := range m.snapshots[1 : len(m.snapshots)-2] {
					lag.Merge(&o.Health.Lag)
				}
				b.ReportMetric(100*s.Rate(s.Sent)/rate, "%-of-rate")
				b.ReportMetric(float64(s.Dropped), "dropped")
				b.ReportMetric(float64(lag.Percentile(50).Microseconds()), "lag-p50-µs")
				b.ReportMetric(float64(lag.Percentile(99).Microseconds()), "lag-p99-µs")
				b.ReportMetric(float64(m.cpu(1).Microseconds())/float64(s.Total.Requests), "cpu-µs/request")
			}
		})
	}
}

// BenchmarkPacer paces 100 000 arrivals a second to users who only count them.
func BenchmarkPacer(b *testing.B) {
	for b.Loop() {
		began := time.Now()
		clock := func() time.Duration { return time.Since(began) }
		handed := 0
		var lag stats.Histogram
		p := newPacer(clock, sleepPrecisely, 1, func(due time.Duration) {
			handed++
			lag.Record(clock() - due)
		})
		var before, after usage
		newProbe().read(&before)
		done := make(chan struct{})
		go func() { defer close(done); p.run() }()
		p.follow(course{profile: NewProfile(&scenarios.Profile{Rate: 100000})})
		pass(2*time.Second - clock())
		p.follow(course{from: 2 * time.Second, over: true})
		<-done
		newProbe().read(&after)
		b.ReportMetric(float64(handed)/2, "arrivals/s")
		b.ReportMetric(float64((after.cpu-before.cpu).Nanoseconds())/float64(handed), "cpu-ns/arrival")
		b.ReportMetric(float64(lag.Percentile(99).Microseconds()), "lag-p99-µs")
	}
}

// BenchmarkGrowth asks for 10 000 users by hand, and for one again.
func BenchmarkGrowth(b *testing.B) {
	for b.Loop() {
		load(b, "1s", func(c *Config) { c.Users = 1 }, func(r *Runner) {
			reach := func(n int) time.Duration {
				watch := r.Snapshots(b.Context())
				<-watch
				asked := time.Now()
				if err := r.Set(stats.Wish{Users: &n}); err != nil {
					b.Error(err)
				}
				for s := range watch {
					if s.Load.Users == n {
						return time.Since(asked)
					}
				}
				return 0
			}
			b.ReportMetric(reach(10000).Seconds(), "s-to-10000")
			b.ReportMetric(reach(1).Seconds(), "s-to-1")
			if err := r.Set(stats.Wish{Stop: true}); err != nil {
				b.Error(err)
			}
		})
	}
}

// instant answers without a network and without allocating.
type instant struct{ head, body []byte }

func (c instant) Do(_ context.Context, _ *client.Request, resp *client.Response, s *stats.Sample) {
	s.Start, s.End = time.Millisecond, 2*time.Millisecond
	s.Status, s.BytesIn = 200, int64(len(c.body))
	*resp = client.Response{Status: 200, Proto: "HTTP/1.1", Head: c.head, Body: c.body}
}

func (instant) Close() error { return nil }

// soloUser returns a user of a scenario, without a goroutine, and its step.
func soloUser(tb testing.TB) (*user, *scenarios.Step) {
	c := Config{Scenario: parse(tb, one), NewClient: func(*scenarios.Request) client.Client {
		return instant{[]byte("Content-Length: 2\r\n"), []byte("{}")}
	}}
	r, err := New(c)
	if err != nil {
		tb.Fatal(err)
	}
	e := r.newEnv(context.Background(), func() time.Duration { return time.Second })
	e.order.Store(ordersUsers)
	class := e.pool.classes[0]
	u := &user{id: 1, class: class, env: e, session: r.cfg.Scenario.NewSession(class.UserClass, 1, r.run)}
	return u, class.Tasks[0].Steps[0]
}

// BenchmarkPerform is what the engine adds to a request beside the client.
func BenchmarkPerform(b *testing.B) {
	u, st := soloUser(b)
	b.ReportAllocs()
	for b.Loop() {
		u.perform(st, none)
	}
}

// crewOf returns a pool of n users who wait for arrivals, and what ends them.
func crewOf(tb testing.TB, n int) (p *pool, end func()) {
	c := Config{
		Scenario: parse(tb, one), Profile: &scenarios.Profile{Rate: 1, MaxUsers: n},
		NewClient: func(*scenarios.Request) client.Client { return instant{[]byte("Content-Length: 2\r\n"), []byte("{}")} },
	}
	r, err := New(c)
	if err != nil {
		tb.Fatal(err)
	}
	began := time.Now()
	e := r.newEnv(context.Background(), func() time.Duration { return time.Since(began) })
	e.order.Store(ordersArrivals)
	e.pool.max.Store(int64(n))
	class := e.pool.classes[0]
	class.mix.Store(newMix(class.Tasks, func(*scenarios.Task) int { return 1 }, e.muted))
	for range n {
		e.pool.bring(class, 0)
	}
	for class.starting.Load() > 0 {
		runtime.Gosched()
	}
	return e.pool, func() {
		e.order.Store(ordersStop)
		e.pool.pokeAll()
		e.users.Wait()
	}
}

// BenchmarkArrivals is what the engine adds to an arrival beside the client:
// it is handed out, wakes a user, is sent and counted. 16 at a time.
func BenchmarkArrivals(b *testing.B) {
	for _, users := range []int{256, 4096} {
		b.Run(fmt.Sprint(users), func(b *testing.B) {
			p, end := crewOf(b, users)
			defer end()
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				for int64(i)-p.env.sent.Load() >= 16 {
					runtime.Gosched()
				}
				p.arrive(time.Duration(i))
			}
			if n := p.env.dropped.Load(); n > 0 {
				b.Errorf("%d arrivals were dropped", n)
			}
		})
	}
}

func TestARequestAllocatesNothing(t *testing.T) {
	u, st := soloUser(t)
	if n := testing.AllocsPerRun(1000, func() { u.perform(st, none) }); n != 0 {
		t.Errorf("%v allocations a request, want 0", n)
	}
}
