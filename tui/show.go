// Package tui is the screen: it lets a user pick a scenario and set a run up,
// shows the Snapshots of the run, and turns keys into wishes.
//
// It knows neither the engine nor where the run lives: it reads Snapshots and
// sends Wishes through the interface Run. Several screens may show one run.
package tui

import (
	"context"
	"fmt"
	"io"
	"time"

	"brink/runner/stats"
	"brink/scenarios"
)

// Run is what a screen needs from a run, wherever it lives.
type Run interface {
	// Snapshots returns the seconds of the run as they come. Where the reader
	// is slow the latest wins; the channel is closed when the run is over or
	// ctx ends.
	Snapshots(ctx context.Context) <-chan *stats.Snapshot
	// History returns the run's seconds so far, oldest first, bounded.
	History() []*stats.Snapshot
	// Set asks for a change. An error says in a sentence why it is refused.
	Set(stats.Wish) error
}

// Setup is a run as a user asks for it.
type Setup struct {
	Scenario  *scenarios.Scenario
	Path      string        // the scenario's file, as listed; empty for a URL
	Target    string        // base URL; empty: the scenario's own
	Profile   string        // name of a profile; empty: hold Users by hand
	Users     int           // 0: as the profile says
	SpawnRate float64       // users started a second; 0: as the profile says
	RunTime   time.Duration // 0: as the profile says, or until stopped
}

// Started is a run that has begun.
type Started struct {
	Run    Run
	Folder string // where its record is written; may be empty
	Target string // what it loads, where only the start could say; may be empty
	// Saves are the reports that can be written while the run goes on.
	Saves []Save
	// Wait blocks until the run is over and everything is saved. It is called
	// once; nil where this screen only watches.
	Wait func() Outcome
}

// Save is an entry of the menu that writes a report now.
type Save struct {
	Name string                   // "HTML report"
	Do   func() ([]string, error) // writes it and returns the paths
}

// Outcome is how a run ended.
type Outcome struct {
	Paths []string // what was written
	Err   error    // the results could not be saved, or the run broke
}

// Options are what Show needs. Start is required; the rest has useful zero
// values.
type Options struct {
	Entries []scenarios.Entry // for the picker
	// Reload finds the entries again when the picker is asked to; nil: never.
	Reload func() []scenarios.Entry
	// Setup skips the picker and the form where it is set.
	Setup *Setup
	// Resolve loads a scenario again for another target, where the form
	// changed it; nil: Start gets the scenario as listed and the new target.
	Resolve func(path, target string) (*scenarios.Scenario, error)
	// Start begins a run. It may take long, since it waits for the target to
	// be ready; meanwhile say, which may be called from any goroutine, tells
	// the user what the target answers. When ctx ends Start must return.
	Start func(ctx context.Context, s Setup, say func(string)) (*Started, error)
	// Vouch takes note that the user typed the name of a public host, as Start
	// asked for with Unvouched; nil where Start never does.
	Vouch func(host string)
	// Try sends one user's requests once and returns what came, as text.
	Try func(ctx context.Context, s Setup) (string, error)

	// Suspend stops the program, for Ctrl+Z, and returns when it goes on. It is
	// called while the terminal is given back; nil: Ctrl+Z does nothing.
	Suspend func()
	// Aside brings what else is to be called while the terminal is given back,
	// such as a stop that was asked for from outside; nil: nothing.
	Aside <-chan func()

	Keys    Keys   // a second set of keys beside brink's own
	Version string // shown in the picker
	Hints   bool   // show the three lines for a first start
}

// Keys names a set of additional keys.
type Keys uint8

// The sets.
const (
	KeysOwn    Keys = iota // brink's keys only
	KeysLocust             // Locust's too: w W s S change users
)

// Result is what a user did.
type Result struct {
	Started *Started // nil: no run was started
	Outcome *Outcome // nil: the screen was left before the run was over
	Setup   Setup    // what was started
}

// Show runs the screen on a terminal until the user leaves it, or ctx ends, in
// which case the error is ctx's. The terminal is restored in every case, also
// after a panic, which is returned as a *Panic.
//
// env is the environment, for TERM, COLORTERM, NO_COLOR and the locale.
func Show(ctx context.Context, o Options, in io.Reader, out io.Writer, env []string) (Result, error) {
	return show(ctx, o, in, out, env)
}

// Panic is a fault in the screen. The run it showed may well go on.
type Panic struct {
	Value any
	Stack string
}

// Error returns the fault in one line.
func (p *Panic) Error() string { return fmt.Sprintf("the screen failed: %v", p.Value) }
