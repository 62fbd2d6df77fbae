package reports

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"sync"

	"brink/runner/stats"
)

// Record is a run that was written down: its Header, its seconds and, unless
// it was cut off, its Ending. It may be read from any goroutine.
type Record struct {
	Header Header
	Ending *Ending // nil: cut off by a crash, or still running
	Dir    string  // the run's folder

	// Running says that the run was still going on when its record was opened.
	Running bool

	// Seconds is how many Snapshots can be read.
	Seconds int
	// Damaged is how many frames cannot, and Cut how many bytes at the end
	// belong to no whole frame.
	Damaged int
	Cut     int64

	open func() (io.ReadCloser, error)
	size int64

	// What the seconds come to, gathered when first asked for.
	digest func() (*digest, error)
	result func() (*Result, error)
}

// Open reads the record in a run's folder, or in a journal file. A journal that
// was cut at any byte after its header is read as far as it goes; Missing says
// what is not there.
func Open(path string) (*Record, error) {
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		path = filepath.Join(path, JournalName)
	}
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("there is no record of a run: %w", err)
	}
	r, err := newRecord(filepath.Dir(path), info.Size(), func() (io.ReadCloser, error) { return os.Open(path) })
	if err != nil {
		return nil, err
	}
	r.Running = r.Ending == nil && running(path)
	return r, nil
}

// newRecord looks through the journal once, without decoding its seconds.
func newRecord(dir string, size int64, open func() (io.ReadCloser, error)) (*Record, error) {
	r := &Record{Dir: dir, open: open, size: size}
	r.digest = sync.OnceValues(func() (*digest, error) { return digestOf(r) })
	r.result = sync.OnceValues(func() (*Result, error) { return resultOf(r) })
	header := false
	err := r.frames(func(kind byte, body []byte) error {
		switch {
		case kind == frameHeader && !header:
			header = true
			return json.Unmarshal(body, &r.Header)
		case kind == frameSnapshot:
			r.Seconds++
		case kind == frameEnding:
			r.Ending = new(Ending)
			return json.Unmarshal(body, r.Ending)
		}
		return nil
	}, func(f *frameReader) { r.Damaged++ }, func(left int64) { r.Cut = left })
	if err != nil {
		return nil, fmt.Errorf("%s: %w", filepath.Join(dir, JournalName), err)
	}
	if !header {
		return nil, fmt.Errorf("%s: the record was cut before the first second, nothing can be read from it", filepath.Join(dir, JournalName))
	}
	return r, nil
}

// All returns the seconds in their order. It streams: memory does not grow with
// the length of the run. Damaged frames are left out (see Missing); an error
// ends the sequence.
func (r *Record) All() iter.Seq2[*stats.Snapshot, error] {
	return func(yield func(*stats.Snapshot, error) bool) {
		stop := errors.New("enough")
		err := r.frames(func(kind byte, body []byte) error {
			if kind != frameSnapshot {
				return nil
			}
			s := new(stats.Snapshot)
			if err := s.UnmarshalBinary(body); err != nil {
				return fmt.Errorf("%s: %w", filepath.Join(r.Dir, JournalName), err)
			}
			if !yield(s, nil) {
				return stop
			}
			return nil
		}, nil, nil)
		if err != nil && !errors.Is(err, stop) {
			yield(nil, err)
		}
	}
}

// frames calls each for every whole frame, damaged for every frame that was
// changed, and cut with the number of bytes that could not be read.
func (r *Record) frames(each func(kind byte, body []byte) error, damaged func(*frameReader), cut func(int64)) error {
	in, err := r.open()
	if err != nil {
		return err
	}
	defer in.Close()
	buf := bufio.NewReaderSize(in, int(min(256<<10, r.size)))
	head := make([]byte, len(magic))
	if _, err := io.ReadFull(buf, head); err != nil || string(head) != magic {
		return errors.New("this is no journal of brink, or of a version that is not known here")
	}
	f := &frameReader{r: buf, left: r.size - int64(len(magic))}
	for {
		kind, body, err := f.next()
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case errors.Is(err, io.ErrUnexpectedEOF):
			if cut != nil {
				cut(f.left)
			}
			return nil
		case errors.Is(err, errDamaged):
			if damaged != nil {
				damaged(f)
			}
		case err != nil:
			return err
		default:
			if err := each(kind, body); err != nil {
				return err
			}
		}
	}
}

// Missing says in sentences what the record lacks; nil where it is whole.
func (r *Record) Missing() []string {
	var out []string
	switch {
	case r.Running:
		out = append(out, "The run was still going on: this is what it had come to by then.")
	case r.Ending == nil:
		out = append(out, "The run was cut off: its record has no ending. The second that was running then is lost.")
	case r.Ending.Lost > 0:
		out = append(out, plural(r.Ending.Lost, "second")+" could not be written while the run went on.")
	}
	if r.Damaged > 0 {
		out = append(out, "Damaged and left out: "+plural(r.Damaged, "second")+".")
	}
	if r.Cut > 0 && !r.Running {
		out = append(out, "Left out at the end, since they belong to no whole second: "+plural(int(r.Cut), "byte")+".")
	}
	return out
}

// Partial reports whether the run ended before it was planned to, or its record
// lacks something.
func (r *Record) Partial() bool {
	return r.Ending == nil || r.Ending.Partial || r.Missing() != nil
}

// plural writes a number of things: "1 second", "12 seconds".
func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
