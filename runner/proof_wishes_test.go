package runner

import (
	"fmt"
	"math"
	"testing"
	"time"

	"pgregory.net/rapid"

	"brink/runner/stats"
)

const wished = `
name: wished
target: http://127.0.0.1:1
tasks:
  - { name: a, get: /a, weight: 3 }
  - { name: b, get: /b, weight: 1 }
  - { name: c, get: /c, weight: 2 }
profiles:
  p: { users: 7, run_time: 10h }
`

// wishedLatency is what each request of wished takes.
const wishedLatency = 20 * time.Millisecond

// deed is a wish and how long is waited before the next one.
type deed struct {
	stats.Wish
	wait time.Duration
}

func (d deed) String() string {
	s := fmt.Sprintf("%+v", d.Wish)
	switch {
	case d.Users != nil:
		s = fmt.Sprint("users ", *d.Users)
	case d.Rate != nil:
		s = fmt.Sprint("rate ", *d.Rate)
	case d.Pause != nil:
		s = fmt.Sprint("pause ", *d.Pause)
	}
	return fmt.Sprint(s, ", then ", d.wait)
}

func drawDeed(t *rapid.T) (d deed) {
	task := rapid.SampledFrom([]string{"a", "b", "c"})
	switch rapid.SampledFrom([]string{"users", "users", "rate", "rate", "pause", "resume", "weights", "mute", "hand back", "mark"}).Draw(t, "what") {
	case "users":
		d.Users = new(rapid.IntRange(0, 60).Draw(t, "users"))
	case "rate":
		d.Rate = new(float64(rapid.IntRange(0, 300).Draw(t, "rate")))
	case "pause":
		d.Pause = new(true)
	case "resume":
		d.Pause = new(false)
	case "weights":
		d.Weights = map[string]int{task.Draw(t, "task"): rapid.IntRange(0, 2).Draw(t, "weight")}
	case "mute":
		d.Mute = map[stats.Route]bool{{Method: "GET", Name: task.Draw(t, "route")}: rapid.Bool().Draw(t, "off")}
	case "hand back":
		d.HandBack = true
	case "mark":
		d.Mark = "here"
	}
	d.wait = rapid.SampledFrom([]time.Duration{0, 0, time.Microsecond, 3 * time.Millisecond, 137 * time.Millisecond, time.Second, 2300 * time.Millisecond}).Draw(t, "wait")
	return d
}

// wanted is what a sequence of wishes comes to.
type wanted struct {
	open    bool
	level   float64
	paused  bool
	weights map[string]int
	muted   map[string]bool
}

func (w *wanted) take(d deed) {
	switch {
	case d.Users != nil:
		w.open, w.level = false, float64(*d.Users)
	case d.Rate != nil:
		w.open, w.level = true, *d.Rate
	case d.Pause != nil:
		w.paused = *d.Pause
	case d.HandBack:
		w.open, w.level = false, 7
	}
	for task, weight := range d.Weights {
		w.weights[task] = weight
	}
	for route, off := range d.Mute {
		w.muted[route.Name] = off
	}
}

// on reports whether a task is to be done, "" whether any is.
func (w *wanted) on(task string) bool {
	if task == "" {
		return w.on("a") || w.on("b") || w.on("c")
	}
	return w.weights[task] > 0 && !w.muted[task]
}

// differs says in which way a second of load is not what was wanted.
func (w *wanted) differs(s *stats.Snapshot) string {
	l := &s.Load
	asked := 0.0
	for _, r := range s.Routes {
		asked += float64(r.Requests)
		if !w.on(r.Route.Name) {
			return fmt.Sprintf("%d requests of %s, which is switched off", r.Requests, r.Route)
		}
	}
	rate := w.level / wishedLatency.Seconds()
	if w.open {
		rate = w.level
	}
	if w.paused || !w.on("") {
		rate = 0
	}
	switch {
	case l.Paused != w.paused:
		return fmt.Sprintf("paused: %v, wanted %v", l.Paused, w.paused)
	case (l.Model == stats.OpenModel) != w.open:
		return fmt.Sprintf("model %v, open was wanted: %v", l.Model, w.open)
	case !w.open && (l.WantedUsers != int(w.level) || l.Users != int(w.level)):
		return fmt.Sprintf("%d of %d users, %g were wanted", l.Users, l.WantedUsers, w.level)
	case w.open && l.WantedRate != w.level:
		return fmt.Sprintf("rate %g, %g was wanted", l.WantedRate, w.level)
	case math.Abs(asked-rate) > 1+0.02*rate:
		return fmt.Sprintf("%g requests in a second, wanted were %g", asked, rate)
	case l.Dropped > 0:
		return fmt.Sprintf("%d arrivals were dropped", l.Dropped)
	}
	return ""
}

// TestWishesConvergeToTheLast does random sequences of live changes. Some
// seconds later the load is what the last of them asked for, whatever came
// before and however quickly; a stop ends the run; and no request is lost from
// the books (try holds them against what the target saw).
func TestWishesConvergeToTheLast(t *testing.T) {
	sequences, deeds := 0, 0
	rapid.Check(t, func(rt *rapid.T) {
		list := rapid.SliceOfN(rapid.Custom(drawDeed), 1, 15).Draw(rt, "wishes")
		cut := rapid.Bool().Draw(rt, "cut")
		sequences++
		deeds += len(list)
		held := t.Run("sequence", func(t *testing.T) {
			want := &wanted{level: 7, weights: map[string]int{"a": 3, "b": 1, "c": 2}, muted: map[string]bool{}}
			var stopped time.Duration
			tr := try(t, wished, wishedLatency, func(c *Config) {
				p, _ := c.Scenario.Profile("p")
				c.Profile = p
			}, func(tr *trial) {
				for _, d := range list {
					tr.set(d.Wish)
					want.take(d)
					<-time.After(d.wait)
				}
				<-time.After(3 * time.Second)
				past := tr.runner.History()
				if why := want.differs(past[len(past)-1]); why != "" {
					tr.Errorf("%s, after %v", why, list)
				}
				stopped = tr.target.clock()
				tr.set(stats.Wish{Stop: !cut, Cut: cut})
			})
			end := tr.sink.snapshots[len(tr.sink.snapshots)-1].End
			if end-stopped > wishedLatency+100*time.Millisecond {
				t.Errorf("stopped at %v, it ended at %v, after %v", stopped, end, list)
			}
		})
		if !held {
			rt.Fatalf("after %v", list)
		}
	})
	t.Logf("%d sequences of %d wishes in all", sequences, deeds)
}
