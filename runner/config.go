package runner

import (
	"errors"
	"fmt"
	"math"
	"time"

	"brink/runner/client"
	"brink/scenarios"
)

// Config is what a run is made of. Scenario is needed, the rest has useful
// zero values.
type Config struct {
	Scenario *scenarios.Scenario

	// Profile is the load over time. It ends the run when it is over; while
	// the load is held by hand or paused, it waits.
	Profile *scenarios.Profile
	// Without a Profile, Users (0: 1) are started at SpawnRate users a second
	// (0: all at once) and held for RunTime (0: until stopped), which ends the
	// run whatever was set by hand since; paused time does not count. With a
	// Profile the three are not looked at.
	Users     int
	SpawnRate float64
	RunTime   time.Duration

	// Grace is how long requests in flight may go on after a stop. 0: 10 s.
	Grace time.Duration

	// Ceiling bounds the load. A profile or a wish beyond it is an error; a
	// closed model whose users would ask more often is held back; a request that
	// would need one connection too many fails.
	Ceiling Ceiling

	Seed  uint64 // of everything random; the same seed gives each user the same values
	RunID string // what {{ run.id }} gives

	// Failing stops the run once more than 90 % of the requests failed for
	// this long. 0: it never does.
	Failing time.Duration

	// Client is how every user's clients are made: limits, TLS, proxy. It
	// belongs to the run, which sets its Clock and MaxConns, lowers what it may
	// keep to what this machine's memory allows, and sets its Allow where that is
	// nil: the hosts of the scenario. Nil: the defaults.
	Client *client.Options
	// LinkLocal allows requests to link-local and metadata addresses.
	LinkLocal bool
	// Public names the hosts that may be loaded at public addresses; a request
	// to another public address fails.
	Public []string

	// Remember is how many Snapshots History gives at most. 0: none.
	Remember int

	// NotYet, where it is set, is told of every attempt of the ready gate that
	// was in vain. Ready calls it in its own goroutine.
	NotYet func(*NotReadyError)

	// NewClient makes a user's client for requests like this one, in place of
	// the real clients. For tests.
	NewClient func(*scenarios.Request) client.Client
}

// DefaultGrace is the grace period where Config sets none.
const DefaultGrace = 10 * time.Second

// Bounds of what can be asked for; more is taken for a slip of the finger.
const (
	maxUsers = 1_000_000
	maxRate  = 10_000_000
)

// Validate reports everything wrong with c.
func (c *Config) Validate() error {
	var problems []error
	add := func(format string, args ...any) { problems = append(problems, fmt.Errorf(format, args...)) }
	if c.Scenario == nil || len(c.Scenario.Users) == 0 {
		add("there is no scenario to run")
	}
	if c.Users < 0 || c.Users > maxUsers {
		add("users: %d is not between 0 and %d", c.Users, maxUsers)
	}
	if !(c.SpawnRate >= 0) || math.IsInf(c.SpawnRate, 1) {
		add("spawn rate: %v is no number of users a second", c.SpawnRate)
	}
	if c.RunTime < 0 {
		add("run time: %s is negative", c.RunTime)
	}
	if c.Grace < 0 {
		add("grace period: %s is negative", c.Grace)
	}
	return errors.Join(problems...)
}

// plan returns the load that c asks for.
func (c *Config) plan() *Profile {
	if c.Profile != nil {
		return NewProfile(c.Profile)
	}
	return NewProfile(&scenarios.Profile{Users: max(1, c.Users), SpawnRate: c.SpawnRate})
}

// limit returns the run time that holds beside the plan, 0 if there is none.
func (c *Config) limit() time.Duration {
	if c.Profile != nil {
		return 0
	}
	return c.RunTime
}

func (c *Config) grace() time.Duration {
	if c.Grace == 0 {
		return DefaultGrace
	}
	return c.Grace
}
