package scenarios

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"sync"
	"sync/atomic"
)

// feed gives the rows of a data file to the users of a run. It holds no rows:
// for random order 8 bytes a row, otherwise a buffer and an index of fixed
// size.
type feed struct {
	data *Data
	file rowFile
	size int64
	n    int // rows

	index  []int64 // random: where each row begins, and the file's end
	sparse []mark  // per_user: where each stride-th row begins
	stride int

	mu   sync.Mutex
	next *rows       // sequential, once: where everybody goes on
	done atomic.Bool // once: used up
}

// mark is where a row begins.
type mark struct {
	offset int64
	lines  int // lines before it
}

// maxSparse bounds the index of per_user.
const maxSparse = 4096

// openFeed opens a data file and reads it once: every row is checked, and
// found again by the index.
func openFeed(d *Data) (*feed, error) {
	file, size, err := d.files.open(d.File)
	if err != nil {
		return nil, fmt.Errorf("%s: %s", d.File, reason(err))
	}
	f := &feed{data: d, file: file, size: size, stride: 1}
	if err := f.scan(); err != nil {
		file.Close()
		var row *rowError
		if errors.As(err, &row) {
			return nil, fmt.Errorf("%s:%d: %s", d.File, row.line, row.message)
		}
		return nil, fmt.Errorf("%s: %w", d.File, err)
	}
	return f, nil
}

func (f *feed) csv() bool { return f.data.columns != nil }

// rewound returns a reader at the first row.
func (f *feed) rewound() (*rows, error) {
	r := newRows(f.file, f.size, f.csv())
	if f.csv() {
		if _, err := r.row(); err != nil {
			return nil, err
		}
	}
	return r, nil
}

func (f *feed) scan() error {
	r, err := f.rewound()
	if err != nil {
		return err
	}
	check := checker{feed: f}
	for {
		row, err := r.row()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		if message := check.row(row); message != "" {
			return &rowError{r.line, message}
		}
		f.note(r)
		f.n++
	}
	if f.n == 0 {
		return errors.New("there are no rows in it")
	}
	if f.data.Order == Random {
		f.index = append(f.index, f.size)
	}
	f.next, err = f.rewound()
	return err
}

// note puts the row that was read last into the index.
func (f *feed) note(r *rows) {
	switch f.data.Order {
	case Random:
		f.index = append(f.index, r.offset)
	case PerUser:
		if f.n%f.stride != 0 {
			return
		}
		f.sparse = append(f.sparse, mark{r.offset, r.line - 1})
		if len(f.sparse) == maxSparse {
			for i := range maxSparse / 2 {
				f.sparse[i] = f.sparse[2*i]
			}
			f.sparse, f.stride = f.sparse[:maxSparse/2], f.stride*2
		}
	}
}

// checker checks rows without keeping them.
type checker struct {
	feed   *feed
	buf    []byte
	fields []span
}

func (c *checker) row(row []byte) (message string) {
	if !c.feed.csv() {
		return checkObject(row)
	}
	c.buf = append(c.buf[:0], row...)
	c.fields, message = checkCSV(c.buf, c.fields, len(c.feed.data.columns))
	return message
}

// fetch writes the user's next row into dst. It returns ErrUsedUp where there
// is none.
func (f *feed) fetch(u *Session, dst []byte) ([]byte, error) {
	switch f.data.Order {
	case Random:
		i := u.rng.IntN(f.n)
		return f.read(f.index[i], f.index[i+1], dst)
	case PerUser:
		return f.nth(max(0, u.id-1)%f.n, dst)
	default:
		return f.shared(dst)
	}
}

// read returns the row that begins at from and ends before to.
func (f *feed) read(from, to int64, dst []byte) ([]byte, error) {
	n := int(min(to-from, 2*maxRow)) // blank lines may follow
	if cap(dst) < n {
		dst = make([]byte, n)
	}
	dst = dst[:n]
	if got, err := f.file.ReadAt(dst, from); got < n {
		return dst[:0], fmt.Errorf("%s: %w", f.data.File, err)
	}
	if !f.csv() {
		if i := bytes.IndexByte(dst, '\n'); i >= 0 {
			dst = dst[:i]
		}
	}
	return bytes.TrimRight(dst, "\r\n"), nil
}

// nth returns row i by way of the sparse index.
func (f *feed) nth(i int, dst []byte) ([]byte, error) {
	r := newRows(f.file, f.size, f.csv())
	at := f.sparse[i/f.stride]
	r.seek(at.offset, at.lines)
	for range i % f.stride {
		if _, err := r.row(); err != nil {
			return dst[:0], fmt.Errorf("%s: %w", f.data.File, err)
		}
	}
	row, err := r.row()
	if err != nil {
		return dst[:0], fmt.Errorf("%s: %w", f.data.File, err)
	}
	return append(dst[:0], row...), nil
}

// shared returns the next row for whoever asks.
func (f *feed) shared(dst []byte) ([]byte, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	row, err := f.next.row()
	if errors.Is(err, io.EOF) {
		if f.data.Order == Once {
			f.done.Store(true)
			return dst[:0], ErrUsedUp
		}
		f.next.seek(0, 0)
		if f.csv() {
			if _, err := f.next.row(); err != nil {
				return dst[:0], fmt.Errorf("%s: %w", f.data.File, err)
			}
		}
		row, err = f.next.row()
	}
	if err != nil {
		return dst[:0], fmt.Errorf("%s: %w", f.data.File, err)
	}
	return append(dst[:0], row...), nil
}

func (f *feed) close() error { return f.file.Close() }
