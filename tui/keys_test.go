package tui

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"brink/runner/stats"
	"brink/scenarios"
)

// With Locust's keys w W s S change users, and what they did is on others.
func TestLocustKeys(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for k, want := range map[string]int{"w": 51, "W": 60, "s": 49, "S": 40} {
			run := newFakeRun(50)
			o := options(t, run)
			o.Keys = KeysLocust
			o.Setup = &Setup{Scenario: fakeScenario(), Profile: "sustained"}
			d := newDriver(t, o, 120, 36)
			d.pump("the run", func() bool { _, ok := d.app.screen.(*runScreen); return ok })
			d.step(run, 2)
			d.keys(k)
			if w := run.wished(); len(w) != 1 || w[0].Users == nil || *w[0].Users != want {
				t.Errorf("%s wished %+v; want %d users", k, w, want)
			}
			d.keys("e")
			d.shows("weights of tasks")
			d.keys("esc", "ctrl+s")
			d.shows("save now")
		}
	})
}

// The help of a view shows every key that does something there, each key has
// one meaning, and each has a help text.
func TestKeysAreOneToOne(t *testing.T) {
	t.Parallel()
	for _, set := range []Keys{KeysOwn, KeysLocust} {
		k := newKeys(set, false)
		for v := range numViews {
			seen := map[string]string{}
			for _, g := range k.groups(v) {
				for _, b := range g.keys {
					if b.Help().Key == "" || b.Help().Desc == "" {
						t.Errorf("%v has no help", b.Keys())
					}
					for _, name := range b.Keys() {
						if other, ok := seen[name]; ok && other != b.Help().Desc {
							t.Errorf("%s: %q means %q and %q", v, name, other, b.Help().Desc)
						}
						seen[name] = b.Help().Desc
					}
				}
			}
			if seen["?"] == "" || seen["q"] == "" || seen["up"] == "" || seen["space"] == "" {
				t.Errorf("%s: the help lacks the keys of every view", v)
			}
		}
	}
	if k := newKeys(KeysOwn, false); !key.Matches(tea.KeyPressMsg{Code: tea.KeySpace, Text: " "}, k.pause) {
		t.Error("the space bar does not pause")
	}
}

// The weights editor changes tasks and routes at once, and remembers them.
func TestWeights(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		run := newFakeRun(50)
		d := running(t, run, 120, 36, 2)
		d.keys("w", "down", "+", "+", "space", "space")
		d.keys("down", "down", "space")
		var weights []int
		var mute map[stats.Route]bool
		for _, w := range run.wished() {
			if n, ok := w.Weights["batch"]; ok {
				weights = append(weights, n)
			}
			if w.Mute != nil {
				mute = w.Mute
			}
		}
		if len(weights) != 4 || weights[0] != 3 || weights[1] != 4 || weights[2] != 0 || weights[3] != 4 {
			t.Errorf("weights of batch were wished as %v; want 3, 4, 0, 4", weights)
		}
		if !mute[single] {
			t.Errorf("mute wished %v; want POST single off", mute)
		}
		d.keys("esc")
		d.lacks("weights of tasks")
		d.keys("w")
		d.shows("batch                                             4", "POST single                                     off")
		d.keys("1", "2") // typed digits make one number
		if w := run.wished(); w[len(w)-1].Weights["single"] != 12 {
			t.Errorf("typed 12: wished %+v", w[len(w)-1])
		}
	})
}

// A long line scrolls in its prompt: the end, where one types, always shows.
func TestLongMarkShowsItsEnd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := running(t, newFakeRun(50), 80, 24, 2)
		d.keys("m")
		d.keys(strings.Split(strings.Repeat("on and ", 15)+"the end", "")...)
		d.shows("the end", "enter sets  esc cancels")
		d.lacks("…")
	})
}

// The keys in the footer are those that do it now.
func TestFooterFollowsTheRun(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		run := newFakeRun(50)
		o := options(t, run)
		o.Keys = KeysLocust
		o.Setup = &Setup{Scenario: fakeScenario(), Profile: "sustained"}
		d := newDriver(t, o, 200, 36)
		d.pump("the run", func() bool { _, ok := d.app.screen.(*runScreen); return ok })
		d.step(run, 1)
		d.shows("space pause", "e weights")
		d.lacks("P profile")
		d.keys("space", "K")
		d.step(run, 1)
		d.shows("space go on", "P profile")
		d.keys("P", "space")
		d.step(run, 1)
		d.shows("space pause")
		d.lacks("P profile")
	})
}

// An empty chart and the header say why there is nothing, not zeros.
func TestNothingAnsweredYet(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		run := newFakeRun(50)
		run.silent = true
		d := running(t, run, 80, 24, 2)
		d.shows("no answer yet: 50 requests in flight", "p95 –")
		d.keys("space")
		run.silent = false
		d.step(run, 1)
		d.shows("paused: space goes on")
		d.keys("space")
		d.step(run, 1)
		d.lacks("p95 –")
	})
}

// How the run ended and where it is saved stay on the screen, uncut.
func TestEndStaysOnTheScreen(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		run := newFakeRun(50)
		d := running(t, run, 80, 24, 2)
		d.keys("X")
		d.pump("the end", func() bool { return d.app.screen.(*runScreen).outcome != nil })
		d.time = d.time.Add(time.Minute)
		d.send(tickMsg{})
		d.shows("finished", "saved in results/text-embedding", "q quit")
		d.send(outcomeMsg{Outcome{Err: errors.New("stopped: more than 90 % of the requests failed for 60 s")}})
		d.shows("stopped: more than 90 % of the requests failed for 60 s ")
	})
}

// What another screen changed shows in the editor, and what is changed here
// does not jump back until the run has it.
func TestWeightsOfAnotherScreen(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		run := newFakeRun(50)
		d := running(t, run, 120, 36, 2)
		d.keys("w")
		run.Set(stats.Wish{Weights: map[string]int{"batch": 7}, Mute: map[stats.Route]bool{health: true}})
		d.step(run, 1)
		d.shows("batch                                             7      44 %", "GET health                                      off")
		d.keys("down", "+")
		d.shows("batch                                             8")
		d.keys("esc")
		d.step(run, 1)
		run.Set(stats.Wish{Weights: map[string]int{"batch": 1}, Mute: map[stats.Route]bool{health: false}})
		d.step(run, 1)
		d.keys("w")
		d.shows("batch                                             1", "GET health                                       on")
	})
}

// A share is of the users who have the task, and a task that two kinds of users
// share has one weight.
func TestWeightsOfKindsOfUsers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := running(t, newFakeRun(50), 120, 36, 2)
		r := d.app.screen.(*runScreen)
		task := func(name string, weight int) *scenarios.Task { return &scenarios.Task{Name: name, Weight: weight} }
		r.setup.Scenario = &scenarios.Scenario{Users: []*scenarios.UserClass{
			{Name: "buyer", Tasks: []*scenarios.Task{task("buy", 1), task("look", 3)}},
			{Name: "visitor", Tasks: []*scenarios.Task{task("look", 3)}},
		}}
		r.weights = newWeights(r)
		d.keys("w")
		d.shows("task of buyer", "look                                              3      75 %", "task of visitor", "look                                              3     100 %")
		d.keys("down", "-", "-")
		d.shows("look                                              1      50 %", "look                                              1     100 %")
	})
}

// y copies a failing request as a curl command, as it came, over OSC 52.
func TestCopyAsCurl(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := walked(t)
		d.keys("3", "y")
		if !strings.HasPrefix(d.clip, "curl -X POST http://127.0.0.1:8000/embed") {
			t.Errorf("copied %q", d.clip)
		}
		d.shows("copied as a curl command")
		d.clip = ""
		d.keys("enter", "y")
		if d.clip == "" {
			t.Error("nothing was copied from the detail")
		}
		d.shows(`queue full\x1b[31m`, "Bearer ***")
	})
}

// Three lines show on a first start, until the first key, which they eat not.
func TestFirstStart(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		run := newFakeRun(50)
		o := options(t, run)
		o.Hints = true
		o.Setup = &Setup{Scenario: fakeScenario(), Profile: "sustained"}
		d := newDriver(t, o, 80, 24)
		d.pump("the run", func() bool { _, ok := d.app.screen.(*runScreen); return ok })
		d.step(run, 2)
		d.shows("welcome", "stops and saves everything")
		d.keys("up")
		d.lacks("welcome")
		d.shows("→ 51")
	})
}

// A second q while it drains cuts, and so does X at any time.
func TestCut(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		run := newFakeRun(50)
		d := running(t, run, 80, 24, 2)
		d.keys("q", "enter", "q")
		w := run.wished()
		if len(w) != 2 || !w[0].Stop || !w[1].Cut {
			t.Errorf("wished %+v; want a stop, then a cut", w)
		}
		d.pump("the end", func() bool { return d.quit })

		run = newFakeRun(50)
		d = running(t, run, 80, 24, 2)
		d.keys("X")
		d.pump("the outcome", func() bool { return d.app.result.Outcome != nil })
		if d.quit {
			t.Error("X left the screen")
		}
		d.shows("finished")
	})
}

// Someone who only watches leaves without stopping anything.
func TestWatching(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		run := newFakeRun(50)
		o := options(t, run)
		start := o.Start
		o.Setup = &Setup{Scenario: fakeScenario()}
		o.Start = func(ctx context.Context, s Setup, say func(string)) (*Started, error) {
			st, err := start(ctx, s, say)
			st.Wait = nil
			return st, err
		}
		d := newDriver(t, o, 80, 24)
		d.pump("the run", func() bool { _, ok := d.app.screen.(*runScreen); return ok })
		d.step(run, 2)
		d.keys("q")
		if !d.quit || len(run.wished()) != 0 {
			t.Errorf("quit %t, wished %+v", d.quit, run.wished())
		}
	})
}

// One level is no curve: the view says what to do for one, and has no profile
// where there is none.
func TestOneLevelIsNoCurve(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		run := newFakeRun(50)
		o := options(t, run)
		o.Setup = &Setup{Scenario: fakeScenario(), Users: 50}
		d := newDriver(t, o, 120, 36)
		d.pump("the run", func() bool { _, ok := d.app.screen.(*runScreen); return ok })
		d.step(run, 12)
		d.keys("4")
		d.shows("Take another load, and the curve begins", "50 users")
		d.lacks("profile", "successes/s by load")
		d.keys("K")
		d.step(run, 12)
		d.shows("successes/s by load", "60 users")
		d.lacks("Take another load")
	})
}

// A level at which the generator was the limit is unknown, and the view says
// why: it is never said to hold.
func TestLevelThatTheGeneratorLimitedDoesNotHold(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		run := newFakeRun(40)
		d := running(t, run, 120, 36, 12)
		d.keys("4")
		d.shows("It holds 40 users; no level broke", "holds")
		run.dropping = true
		d.keys("K")
		d.step(run, 12)
		d.shows("It holds 40 users; no level broke", "Nothing is known of 50 users: the generator, not the",
			"70 of 1070 arrivals were dropped", "50▲unknown")
		run.dropping = false
		d.keys("K")
		d.step(run, 12)
		d.shows("It holds 60 users", "Nothing is known of 50 users")
	})
}

// Where not all scenarios fit, the picker says where one is.
func TestPickerOfManyScenarios(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		o := options(t, newFakeRun(1))
		for len(o.Entries) < 40 {
			o.Entries = append(o.Entries, o.Entries[0])
		}
		d := newDriver(t, o, 80, 24)
		d.shows("1–6 of 40")
		d.keys("end")
		d.shows("35–40 of 40")
		d.keys(strings.Split("broken", "")...)
		d.lacks(" of 40", " of 1")
		o.Entries = nil
		newDriver(t, o, 80, 24).shows("No scenario files of your own here: `brink init` writes one")
	})
}
