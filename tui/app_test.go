package tui

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"testing"
	"testing/synctest"
	"time"

	tea "charm.land/bubbletea/v2"

	"brink/runner/stats"
)

func sameType(a, b any) bool { return reflect.TypeOf(a) == reflect.TypeOf(b) }

func toString(v any) string { return fmt.Sprint(v) }

// The main job: pick, set up, watch, change the load, stop, and leave when
// everything is saved.
func TestPickSetUpRunQuit(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		run := newFakeRun(50)
		o := options(t, run)
		var asked Setup
		start := o.Start
		o.Start = func(ctx context.Context, s Setup, say func(string)) (*Started, error) {
			asked = s
			return start(ctx, s, say)
		}
		d := newDriver(t, o, 80, 24)
		d.shows("which scenario?", "Text embedding", "POST single, POST batch, GET health", "ramp-up, sustained", "broken: broken.yaml:3:5", "built-in example")

		d.typing("heart")
		d.lacks("Text embedding")
		d.keys("enter")
		d.shows("Heart-disease classifier", "http://127.0.0.1:8000", "50", "5m", "p95 < 60ms")
		d.keys("backspace", "backspace")
		d.typing("120")
		d.keys("enter")
		d.pump("the run", func() bool { _, ok := d.app.screen.(*runScreen); return ok })
		if asked.Users != 120 || asked.Profile != "sustained" || asked.RunTime != 5*time.Minute || asked.Path != "scenarios/heart-disease.yaml" {
			t.Errorf("started with %+v", asked)
		}

		d.step(run, 3)
		d.shows("● running", "users 50", "00:03 / 05:00", "VALID", "POST batch", "latency, ms")
		d.keys("up", "up", "shift+up", "K")
		d.shows("users 50 → 72")
		d.step(run, 1)
		d.shows("users 72", "by hand")

		d.keys("q")
		d.shows("Stop and save?")
		d.keys("x")
		d.lacks("Stop and save?")
		d.keys("q", "q")
		d.shows("stopping", "waiting for", "q again to cut", "results/text-embedding")
		if d.quit {
			t.Error("it left before the run was over")
		}
		run.step()
		d.pump("the end", func() bool { return d.quit })
		if r := d.app.result; r.Outcome == nil || r.Started == nil || r.Setup.Users != 120 {
			t.Errorf("result %+v", r)
		}
	})
}

// Ten presses while one is on its way add up, and no wish overtakes another.
func TestQuickPressesAddUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		run := newFakeRun(10)
		d := running(t, run, 80, 24, 2)
		for range 10 {
			d.keys("up")
		}
		d.keys(">")
		d.shows("→ 40")
		d.step(run, 1)
		d.shows("users 40")
		wishes := run.wished()
		if last := wishes[len(wishes)-1]; last.Users == nil || *last.Users != 40 {
			t.Errorf("the last wish is %+v", last)
		}
	})
}

// Every key that drives the load, as the run sees it.
func TestKeysDriveTheLoad(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		users := func(n int) stats.Wish { return stats.Wish{Users: &n} }
		rate := func(v float64) stats.Wish { return stats.Wish{Rate: &v} }
		pause := func(p bool) stats.Wish { return stats.Wish{Pause: &p} }
		for _, c := range []struct {
			keys []string
			text string
			want stats.Wish
		}{
			{[]string{"up"}, "", users(51)},
			{[]string{"+"}, "", users(51)},
			{[]string{"down"}, "", users(49)},
			{[]string{"shift+up"}, "", users(60)},
			{[]string{"K"}, "", users(60)},
			{[]string{"J"}, "", users(40)},
			{[]string{"shift+down"}, "", users(40)},
			{[]string{">"}, "", users(100)},
			{[]string{"<"}, "", users(25)},
			{[]string{"u"}, "140", users(140)},
			{[]string{"r"}, "33.5", rate(33.5)},
			{[]string{"space"}, "", pause(true)},
			{[]string{"m"}, "deployed v2", stats.Wish{Mark: "deployed v2"}},
			{[]string{"X"}, "", stats.Wish{Cut: true}},
			{[]string{"ctrl+c"}, "", stats.Wish{Stop: true}},
		} {
			run := newFakeRun(50)
			d := running(t, run, 80, 24, 2)
			d.keys(c.keys...)
			if c.text != "" {
				d.typing(c.text)
				d.keys("enter")
			}
			if got := run.wished(); len(got) != 1 || !reflect.DeepEqual(got[0], c.want) {
				t.Errorf("%v %q wished %+v; want %+v", c.keys, c.text, got, c.want)
			}
		}
	})
}

// A target that is never ready: what it says shows, and the form tells why.
func TestTargetNotReady(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		o := options(t, newFakeRun(1))
		said, fail := make(chan struct{}), make(chan error)
		o.Start = func(ctx context.Context, _ Setup, say func(string)) (*Started, error) {
			say("503 not_ready \x1b[2J\u202e")
			close(said)
			select {
			case err := <-fail:
				return nil, err
			case <-ctx.Done():
				return nil, ctx.Err()
			}
		}
		d := newDriver(t, o, 80, 24)
		d.keys("enter", "enter")
		<-said
		d.time = d.time.Add(3 * time.Second)
		d.pump("the word", func() bool { return d.app.screen.(*waiting).said != "" })
		d.send(tickMsg{})
		d.shows("Waiting for the target to be ready: 3 s of 60 s", `It answers: 503 not_ready \x1b[2J\u202e`, "esc gives up")
		go func() { fail <- errors.New("the target was not ready within 60 s: it said \x1b[2J\u202e") }()
		d.pump("the form", func() bool { return d.app.screen == d.app.form })
		d.shows(`the target was not ready within 60 s: it said \x1b[2J\u202e`, "run time")
	})
}

// Without a picker a failed start is the program's error.
func TestStartFailsWithoutForm(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		o := options(t, newFakeRun(1))
		want := errors.New("nothing listens at 127.0.0.1:1")
		o.Start = func(context.Context, Setup, func(string)) (*Started, error) { return nil, want }
		o.Setup = &Setup{Scenario: fakeScenario()}
		d := newDriver(t, o, 80, 24)
		d.pump("the end", func() bool { return d.quit })
		if !errors.Is(d.app.err, want) {
			t.Errorf("error %v; want %v", d.app.err, want)
		}
	})
}

// Bad values in the form are told beside the field.
func TestFormSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newDriver(t, options(t, newFakeRun(1)), 100, 30)
		d.keys("enter")
		d.typing("x")
		d.keys("enter")
		d.shows("a whole number from 1")
		d.keys("backspace", "tab", "tab")
		d.typing("ages")
		d.keys("enter")
		d.shows("a time such as 30s, 5m or 1h")
		d.keys("esc")
		d.shows("which scenario?")
	})
}

// A run that ends by itself stays on the screen, and q asks nothing then.
func TestRunEndsByItself(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		run := newFakeRun(20)
		d := running(t, run, 120, 36, 5)
		run.end()
		d.pump("the outcome", func() bool { return d.app.result.Outcome != nil })
		d.shows("■ finished", "saved in results/text-embedding")
		d.keys("q")
		d.pump("the end", func() bool { return d.quit })
	})
}

// The history fills in what a slow or late screen did not get.
func TestLateScreenSeesAll(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		run := newFakeRun(20)
		for range 30 {
			run.step()
		}
		d := running(t, run, 120, 36, 5)
		tally := d.app.screen.(*runScreen).tally
		if tally.total.Seconds != 36 || tally.unseen != 0 {
			t.Errorf("it folded %d seconds, %d unseen; want 36 and 0", tally.total.Seconds, tally.unseen)
		}
	})
}

// A wish that is refused is told in a sentence.
func TestRefusedWish(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		run := newFakeRun(20)
		d := running(t, run, 120, 36, 2)
		run.mu.Lock()
		run.refuse = errors.New("users cannot go above max_users 100")
		run.mu.Unlock()
		d.keys("up")
		d.shows("users cannot go above max_users 100", "users 20 ")
	})
}

// A click on a tab turns to its view, one on the second scenario picks it.
func TestMouse(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := running(t, newFakeRun(20), 120, 36, 3)
		d.send(tea.MouseClickMsg{X: 12, Y: 2, Button: tea.MouseLeft})
		d.shows("ms; percentiles of all requests")
		p := newDriver(t, options(t, newFakeRun(1)), 80, 24)
		p.send(tea.MouseClickMsg{X: 5, Y: 7, Button: tea.MouseLeft})
		p.send(tea.MouseClickMsg{X: 5, Y: 7, Button: tea.MouseLeft})
		p.shows("Heart-disease classifier", "run time")
	})
}
