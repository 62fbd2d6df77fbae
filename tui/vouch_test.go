package tui

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
)

// public returns options whose Start asks for the name of a public host, until
// it was typed.
func public(t *testing.T, run *fakeRun, vouched *[]string) Options {
	o := options(t, run)
	start := o.Start
	o.Start = func(ctx context.Context, s Setup, say func(string)) (*Started, error) {
		if len(*vouched) == 0 {
			return nil, &Unvouched{Host: "api.example.org", Err: errors.New("it is public")}
		}
		return start(ctx, s, say)
	}
	o.Vouch = func(host string) { *vouched = append(*vouched, host) }
	return o
}

func TestPublicHostIsTypedBeforeItIsLoaded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var vouched []string
		run := newFakeRun(5)
		o := public(t, run, &vouched)
		o.Setup = &Setup{Scenario: fakeScenario()}
		d := newDriver(t, o, 80, 24)
		asks := func() bool { _, ok := d.app.screen.(*vouching); return ok }
		d.pump("the question", asks)
		d.shows("api.example.org is a public address", "Type its name to go on")
		d.typing("example.org")
		d.keys("enter")
		d.shows("That is not api.example.org")
		if len(vouched) > 0 {
			t.Fatalf("taken for vouched: %q", vouched)
		}
		for range "example.org" {
			d.keys("backspace")
		}
		d.typing("API.example.org")
		d.keys("enter")
		d.pump("the run", func() bool { _, ok := d.app.screen.(*runScreen); return ok })
		if !slices.Equal(vouched, []string{"api.example.org"}) || d.app.err != nil {
			t.Errorf("vouched for %q, error %v", vouched, d.app.err)
		}
	})
}

// Who does not want to load a public host goes back to the form, or leaves.
func TestPublicHostGivenUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var vouched []string
		d := newDriver(t, public(t, newFakeRun(5), &vouched), 80, 24)
		d.keys("enter", "enter")
		d.pump("the question", func() bool { _, ok := d.app.screen.(*vouching); return ok })
		d.keys("esc")
		d.shows("spawn rate")
		if d.app.err != nil {
			t.Errorf("the form has error %v", d.app.err)
		}

		o := public(t, newFakeRun(5), &vouched)
		o.Setup = &Setup{Scenario: fakeScenario()}
		d = newDriver(t, o, 80, 24)
		d.pump("the question", func() bool { _, ok := d.app.screen.(*vouching); return ok })
		d.keys("esc")
		if unvouched := new(Unvouched); !d.quit || !errors.As(d.app.err, &unvouched) {
			t.Errorf("quit: %t, error %v", d.quit, d.app.err)
		}
	})
}
