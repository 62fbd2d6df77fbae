package scenarios

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"sync/atomic"
)

// ErrUsedUp says that data read `once` has no rows left: the user ends, and
// that is no failure.
var ErrUsedUp = errors.New("the data is used up")

// Run is what the sessions of one run share: its id, its seed and the data
// files. It is safe for concurrent use. Close it when all sessions have ended.
type Run struct {
	ID   string
	Seed uint64

	count       atomic.Int64 // of seq()
	counters    sync.Map     // of seq("name"): *atomic.Int64
	numCounters atomic.Int64

	open  sync.Once
	feeds []*feed
	err   error
}

// Open opens the scenario's data files, and checks and indexes them: a broken
// row is reported here with its line. Begin calls it where it was not called
// before; calling it again does nothing.
func (r *Run) Open(s *Scenario) error {
	r.open.Do(func() {
		for _, d := range s.Data {
			f, err := openFeed(d)
			if err != nil {
				r.err = errors.Join(r.err, err)
				continue
			}
			r.feeds = append(r.feeds, f)
		}
		if r.err != nil {
			r.closeFeeds()
		}
	})
	return r.err
}

// Close closes the data files.
func (r *Run) Close() error {
	r.open.Do(func() { r.err = errors.New("the run is over") })
	return r.closeFeeds()
}

func (r *Run) closeFeeds() error {
	var err error
	for _, f := range r.feeds {
		err = errors.Join(err, f.close())
	}
	return err
}

// Session is one user's values: its random source, rows, cookies and extracted
// values. It is not safe for concurrent use.
type Session struct {
	scenario  *Scenario
	run       *Run
	class     *UserClass
	id        int
	rng       *rand.Rand
	iteration int // 0 before the first Begin
	values    []any
	rows      []row
	jar       http.CookieJar
	inJar     map[string]int // what each cookie in it counts, in bytes
	jarSize   int            // what they count together
	spent     int            // work of the request being made; see spend
	view      view
}

// row is a user's row of one data file.
type row struct {
	state  rowState
	buf    []byte
	fields []span
	object map[string]any // what the row reads as, where it was asked for
}

type rowState uint8

const (
	rowStale  rowState = iota // to be fetched at the next use
	rowUnused                 // fetched
	rowUsed                   // fetched and used
)

// NewSession starts the values of user id, counted from 1, of class c. Every
// random value of a user follows from the run's seed and the user's id,
// whatever the scheduling.
func (s *Scenario) NewSession(c *UserClass, id int, run *Run) *Session {
	return &Session{
		scenario: s, run: run, class: c, id: id,
		// The id is spread over all bits: neighbours must not look alike.
		rng:    rand.New(rand.NewPCG(run.Seed, uint64(id)*0x9e3779b97f4a7c15)),
		values: make([]any, c.numValues),
	}
}

// Rand returns the user's random source. All of the user's random decisions
// come from it: which task, how long to wait, which values.
func (u *Session) Rand() *rand.Rand { return u.rng }

// Begin starts the user's next iteration, which is one task: fresh rows of
// data. It returns ErrUsedUp where the user is to end; any other error says
// what is wrong with the data.
func (u *Session) Begin() error {
	u.iteration++
	if len(u.class.data) == 0 {
		return nil
	}
	if err := u.openRows(); err != nil {
		return err
	}
	for _, i := range u.class.data {
		r, f := &u.rows[i], u.run.feeds[i]
		switch f.data.Order {
		case PerUser: // keeps its row
		case Once:
			if r.state == rowUnused {
				continue
			}
			if err := u.fetch(i); err != nil {
				return err
			}
		default:
			r.state = rowStale
		}
	}
	return nil
}

func (u *Session) openRows() error {
	if u.rows != nil {
		return nil
	}
	if err := u.run.Open(u.scenario); err != nil {
		return err
	}
	u.rows = make([]row, len(u.run.feeds))
	return nil
}

// fetch gets the user's next row of data file i.
func (u *Session) fetch(i int) error {
	r, f := &u.rows[i], u.run.feeds[i]
	var err error
	if r.buf, err = f.fetch(u, r.buf); err != nil {
		r.state = rowStale
		return err
	}
	r.state, r.object = rowUnused, nil
	if f.csv() {
		var message string
		if r.fields, message = checkCSV(r.buf, r.fields, len(f.data.columns)); message != "" {
			r.state = rowStale
			return fmt.Errorf("%s: the file changed while it was read: %s", f.data.File, message)
		}
	}
	return nil
}

// at returns the user's row of data file i, fetched if it must be.
func (u *Session) at(i int) (*row, error) {
	if err := u.openRows(); err != nil {
		return nil, err
	}
	r := &u.rows[i]
	if r.state == rowStale {
		if err := u.fetch(i); err != nil {
			return nil, err
		}
	}
	r.state = rowUsed
	return r, nil
}

// row returns the row of data file i as an object.
func (u *Session) row(i int, d *Data) (any, error) {
	r, err := u.at(i)
	if err != nil {
		return nil, err
	}
	if r.object != nil {
		return r.object, nil
	}
	if d.columns == nil {
		v, err := decodeJSON(r.buf)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", d.File, err)
		}
		r.object, _ = v.(map[string]any)
		return r.object, nil
	}
	r.object = make(map[string]any, len(d.columns))
	for c, name := range d.columns {
		f := r.fields[c]
		r.object[name] = string(r.buf[f.from:f.to])
	}
	return r.object, nil
}

// column makes the text of a field of the user's row of .csv file i.
func column(i, field int) term {
	return textTerm{append: func(u *Session, dst []byte) ([]byte, error) {
		r, err := u.at(i)
		if err != nil {
			return dst, err
		}
		f := r.fields[field]
		return append(dst, r.buf[f.from:f.to]...), nil
	}}
}

// extracted is a value that an earlier step took from a response.
type extracted struct {
	name string
	slot int
}

func (e extracted) value(u *Session) (any, error) {
	if v := u.values[e.slot]; v != nil {
		return v, nil
	}
	return nil, fmt.Errorf("%q has no value yet: no earlier step of this user has extracted it", e.name)
}

func (e extracted) text(u *Session, dst []byte) ([]byte, error) {
	return anyTerm(e.value).text(u, dst)
}

func (e extracted) json(u *Session, dst []byte) ([]byte, error) {
	return anyTerm(e.value).json(u, dst)
}
