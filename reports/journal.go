package reports

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	"brink/runner/stats"
)

// JournalName is the name of the journal in a run's folder.
const JournalName = "run.brink"

// maxPending bounds what a Journal keeps in memory while it cannot write, in
// bytes: hours of a usual run. Seconds beyond it are lost, and counted.
const maxPending = 64 << 20

// usualPatience is a quarter of the time that there is until the next second.
const usualPatience = 250 * time.Millisecond

// Journal writes the record of a run while it goes on. It is a stats.Sink: Put
// hands a Snapshot to a goroutine of the Journal's own, which appends it to the
// file and then syncs. Put returns when the second is written, so that a killed
// process loses at most the running one, and does not wait for the sync or for
// a disk that hangs.
//
// While the file cannot be written (the disk is full, the folder was deleted or
// made read-only) the seconds are kept in memory and tried again each second,
// and Put returns what is wrong, as a sentence for the screen. Its methods may
// be called from any goroutine.
type Journal struct {
	dir      string
	patience time.Duration // how long Put waits for its second to be written

	mu      sync.Mutex
	pending []byte          // whole frames that are not on the disk yet
	frames  int             // how many
	waiting []chan struct{} // to be closed when what is pending was written, or could not be
	ending  Ending
	err     error // what is wrong now
	cause   error // why the file cannot be written now
	trouble error // the first thing that ever was
	closed  bool

	wake chan struct{} // capacity 1: pending has grown
	done chan struct{} // closed when the writer has ended

	// The writer's alone until done.
	file *os.File
	size int64 // bytes on the disk, whole frames
}

// Create makes the folder dir, and in it a journal that begins with h. It fails
// where the folder cannot be written or already holds a journal; nothing has
// been lost then. The caller closes the Journal.
func Create(dir string, h Header) (*Journal, error) {
	first, err := appendFrame([]byte(magic), frameHeader, jsonBody(h))
	if err != nil {
		return nil, err
	}
	f, err := createJournal(dir)
	if err != nil {
		return nil, fmt.Errorf("the results cannot be written: %w", err)
	}
	j := &Journal{dir: dir, patience: usualPatience, file: f, wake: make(chan struct{}, 1), done: make(chan struct{})}
	if err := j.put(first); err != nil {
		f.Close()
		os.Remove(f.Name())
		return nil, fmt.Errorf("the results cannot be written: %w", err)
	}
	go j.write()
	return j, nil
}

// createJournal makes the folder and an empty, locked journal in it.
func createJournal(dir string) (*os.File, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(filepath.Join(dir, JournalName), os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil, fmt.Errorf("%s already holds the record of a run (brink report %s shows it); give another folder", dir, dir)
	}
	if err != nil {
		return nil, err
	}
	lock(f)
	if err := syncDir(dir); err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// Dir returns the run's folder.
func (j *Journal) Dir() string { return j.dir }

// Put adds a second. The error says what is wrong with the file now; the second
// is kept and tried again unless the error says that it was lost.
func (j *Journal) Put(s *stats.Snapshot) error {
	frame, err := appendFrame(nil, frameSnapshot, s.AppendBinary)
	written := make(chan struct{})
	if err := j.queue(frame, err, written); err != nil {
		return err
	}
	slow := time.NewTimer(j.patience)
	defer slow.Stop()
	select {
	case <-written:
	case <-slow.C:
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.err
}

// queue makes a frame pending and wakes the writer. err is why there is no
// frame.
func (j *Journal) queue(frame []byte, err error, written chan struct{}) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	switch {
	case j.closed:
		return errors.New("the record is closed")
	case err != nil:
		err = fmt.Errorf("a second of the record is lost: %w", err)
	case len(j.pending)+len(frame) > maxPending:
		err = fmt.Errorf("the record lost %s, there is no memory left to keep more: %w",
			plural(j.ending.Lost+1, "second"), cmp.Or(j.cause, errSlow))
	}
	if err != nil {
		j.ending.Lost++
		j.setErr(err)
	} else {
		j.pending = append(j.pending, frame...)
		j.frames++
		j.waiting = append(j.waiting, written)
	}
	select {
	case j.wake <- struct{}{}:
	default: // the writer is woken already
	}
	return err
}

// errSlow is the cause where the file can be written, but not fast enough.
var errSlow = errors.New("the disk does not keep up")

// setErr takes down what is wrong. The caller holds mu.
func (j *Journal) setErr(err error) {
	j.err = err
	if j.trouble == nil {
		j.trouble = err
	}
}

// End says how the run ended, for Close to write. Without it the run ended as
// planned.
func (j *Journal) End(e Ending) {
	j.mu.Lock()
	defer j.mu.Unlock()
	e.Lost = j.ending.Lost
	j.ending = e
}

// Close writes what is pending and the Ending, and waits until it is on the
// disk. The error says what went wrong at any time of the run, or is nil: the
// record is whole.
func (j *Journal) Close() error {
	j.mu.Lock()
	if j.closed {
		j.mu.Unlock()
		<-j.done
		return j.trouble
	}
	j.closed = true
	if j.ending.Wall.IsZero() {
		j.ending.Wall = time.Now()
	}
	last, err := appendFrame(nil, frameEnding, jsonBody(j.ending))
	if err == nil {
		j.pending = append(j.pending, last...)
	}
	close(j.wake) // nobody wakes the writer once closed is set
	j.mu.Unlock()
	<-j.done
	if len(j.pending) == 0 {
		j.file.Close()
	}
	return j.trouble
}

// Record returns the record of the closed Journal: the file, with what could
// not be written of it from memory.
func (j *Journal) Record() (*Record, error) {
	<-j.done
	if len(j.pending) == 0 {
		return Open(j.dir)
	}
	return newRecord(j.dir, j.size+int64(len(j.pending)), func() (io.ReadCloser, error) {
		tail := bytes.NewReader(j.pending)
		return io.NopCloser(io.MultiReader(io.NewSectionReader(j.file, 0, j.size), tail)), nil
	})
}

func jsonBody(v any) func([]byte) ([]byte, error) {
	return func(b []byte) ([]byte, error) {
		text, err := json.Marshal(v)
		return append(b, text...), err
	}
}
