package scenarios

import (
	"errors"
	"math/rand/v2"
)

// ErrUsedUp says that data read `once` has no rows left: the user ends, and
// that is no failure.
var ErrUsedUp = errors.New("the data is used up")

// Run is what the sessions of one run share: its id, its seed and the data
// files. It is safe for concurrent use. Close it when all sessions have ended.
type Run struct {
	ID   string
	Seed uint64
}

// Open opens the scenario's data files, and checks and indexes them: a broken
// row is reported here with its line. Begin calls it where it was not called
// before; calling it again does nothing.
func (r *Run) Open(s *Scenario) error { return nil }

// Close closes the data files.
func (r *Run) Close() error { return nil }

// Session is one user's values: its random source, rows, cookies and extracted
// values. It is not safe for concurrent use.
type Session struct {
	run   *Run
	class *UserClass
	id    int
	rng   *rand.Rand
}

// NewSession starts the values of user id, counted from 1, of class c. Every
// random value of a user follows from the run's seed and the user's id,
// whatever the scheduling.
func (s *Scenario) NewSession(c *UserClass, id int, run *Run) *Session {
	return &Session{run: run, class: c, id: id, rng: rand.New(rand.NewPCG(run.Seed, uint64(id)))}
}

// Rand returns the user's random source. All of the user's random decisions
// come from it: which task, how long to wait, which values.
func (u *Session) Rand() *rand.Rand { return u.rng }

// Begin starts the user's next iteration, which is one task: fresh rows of
// data. It returns ErrUsedUp where the user is to end; any other error says
// what is wrong with the data.
func (u *Session) Begin() error { return nil }
