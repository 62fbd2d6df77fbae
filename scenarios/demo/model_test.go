package demo

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

var quick = job{cost: 10 * time.Millisecond, compute: func() []byte { return []byte("done") }}

func TestModelRefusesWhenTheQueueIsFull(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newModel(2, 3, 1)
		defer m.close()
		var done, refused atomic.Int64
		var users sync.WaitGroup
		for range 2 { // as many as there are workers, so that none waits
			users.Go(func() { m.do(t.Context(), quick) })
		}
		synctest.Wait()
		for range 10 {
			users.Go(func() {
				switch out, err := m.do(t.Context(), quick); {
				case errors.Is(err, errQueueFull):
					refused.Add(1)
				case string(out) == "done":
					done.Add(1)
				}
			})
		}
		synctest.Wait()
		if m.busy.Load() != 2 || m.waiting() != 3 || refused.Load() != 7 {
			t.Errorf("%d busy, %d waiting, %d refused; want 2, 3, 7", m.busy.Load(), m.waiting(), refused.Load())
		}
		users.Wait()
		if done.Load() != 3 || m.busy.Load() != 0 || m.waiting() != 0 {
			t.Errorf("%d done, %d busy, %d waiting; want 3, 0, 0", done.Load(), m.busy.Load(), m.waiting())
		}
	})
}

func TestModelSkipsAJobWhoseClientHasGone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newModel(1, 3, 1)
		defer m.close()
		go m.do(t.Context(), quick)
		synctest.Wait()
		gone, leave := context.WithCancel(t.Context())
		computed := false
		failed := make(chan error)
		go func() {
			_, err := m.do(gone, job{compute: func() []byte { computed = true; return nil }})
			failed <- err
		}()
		synctest.Wait()
		leave()
		if err := <-failed; !errors.Is(err, context.Canceled) {
			t.Errorf("do: %v", err)
		}
		if _, err := m.do(t.Context(), quick); err != nil { // behind it in the queue
			t.Error(err)
		}
		if computed {
			t.Error("the job was computed for nobody")
		}
	})
}

func TestServiceTimesVaryAroundTheirMean(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	const n, mean = 20_000, 10 * time.Millisecond
	var sum, least, most time.Duration = 0, time.Hour, 0
	for range n {
		d := vary(random, mean)
		sum, least, most = sum+d, min(least, d), max(most, d)
	}
	if got := sum / n; got < mean*98/100 || got > mean*102/100 {
		t.Errorf("mean %s, want about %s", got, mean)
	}
	if least > mean/2 || most < 2*mean || most > 5*mean {
		t.Errorf("from %s to %s: too narrow or too wide", least, most)
	}
	if embedCost(64) <= embedCost(1) {
		t.Error("a batch takes no longer than a text")
	}
}

// The knee: throughput grows with the users until the workers are busy all the
// time, then waiting grows instead, then requests are refused.
func TestThereIsAKnee(t *testing.T) {
	few, some, many := drive(t, 20), drive(t, 100), drive(t, 300)
	if few.refused > 0 || some.refused > 0 {
		t.Errorf("refused: %d at 20 users, %d at 100; want none", few.refused, some.refused)
	}
	if perUser, limit := few.done/20, some.done/100; limit > perUser*8/10 {
		t.Errorf("done per user: %d with 20, %d with 100; the knee should lie between", perUser, limit)
	}
	if some.done < 2*few.done || many.done > some.done*11/10 {
		t.Errorf("done: %d at 20 users, %d at 100, %d at 300; want growth, then a limit", few.done, some.done, many.done)
	}
	if some.waited < 4*few.waited {
		t.Errorf("mean time: %s at 20 users, %s at 100", few.waited, some.waited)
	}
	if many.refused == 0 {
		t.Error("nothing refused at 300 users")
	}
}

type result struct {
	done, refused int64
	waited        time.Duration // mean of what was done
}

// drive has users ask the model for 20 s of fake time, as the demo's scenario
// does.
func drive(t *testing.T, users int) result {
	var r result
	synctest.Test(t, func(t *testing.T) {
		o := Options{}.withDefaults()
		m := newModel(o.Workers, o.Queue, 1)
		defer m.close()
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		defer cancel()
		var done, refused, waited atomic.Int64
		var all sync.WaitGroup
		for id := range users {
			all.Go(func() {
				random := rand.New(rand.NewPCG(7, uint64(id)))
				// Time is fake here. They think first, so that they do not come all at once.
				think := func() { pass(100*time.Millisecond + time.Duration(random.Int64N(int64(400*time.Millisecond)))) }
				think()
				for ctx.Err() == nil {
					cost := predictCost
					if n := random.IntN(9); n >= 8 {
						cost = embedCost(20)
					} else if n >= 5 {
						cost = embedCost(1)
					}
					asked := time.Now()
					_, err := m.do(ctx, job{cost: cost, compute: func() []byte { return nil }})
					switch {
					case err == nil:
						done.Add(1)
						waited.Add(int64(time.Since(asked)))
					case errors.Is(err, errQueueFull):
						refused.Add(1)
					}
					think()
				}
			})
		}
		all.Wait()
		r = result{done.Load(), refused.Load(), time.Duration(waited.Load() / max(done.Load(), 1))}
	})
	t.Logf("%d users: %d/s done, %d refused, mean %s", users, r.done/20, r.refused, r.waited.Round(time.Millisecond))
	return r
}
