package scenarios

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
)

// Data is a file of rows that values can be taken from. Its rows stay in the
// file; see feed.
type Data struct {
	Name  string
	File  string // as the scenario names it
	Order Order

	columns []string // of a .csv file; nil for .jsonl
	files   files
	pos     position // of its name in the scenario
	source  string
}

// Order says which row a user gets next.
type Order uint8

// The orders.
const (
	Random     Order = iota // any row, by the user's random source
	Sequential              // the next row for whoever asks, from the start again after the last
	Once                    // the next row for whoever asks; users end after the last
	PerUser                 // user n keeps row n, counted around
)

// orderWords are the orders as a file writes them.
var orderWords = []string{"random", "sequential", "once", "per_user"}

// String returns the order as a file writes it.
func (o Order) String() string { return orderWords[o] }

// Columns returns the names of a .csv file's columns; nil for .jsonl, whose
// rows may differ.
func (d *Data) Columns() []string { return d.columns }

// column returns the index of a column, -1 if there is none.
func (d *Data) column(name string) int { return slices.Index(d.columns, name) }

// rowFile is an open file of rows.
type rowFile interface {
	io.ReaderAt
	io.Closer
}

// files opens the files that a scenario names, relative to where it is.
type files interface {
	open(name string) (rowFile, int64, error)
}

// folder is files of a folder of a file system: of the machine, or of the
// built-in examples.
type folder struct {
	fsys fs.FS // nil: the machine's
	dir  string
}

func (f folder) open(name string) (rowFile, int64, error) {
	if f.fsys == nil {
		return openDisk(f.full(name))
	}
	b, err := fs.ReadFile(f.fsys, f.full(name))
	if err != nil {
		return nil, 0, err
	}
	return memoryFile{strings.NewReader(string(b))}, int64(len(b)), nil
}

func (f folder) full(name string) string {
	if f.fsys == nil && filepath.IsAbs(name) {
		return name
	}
	return filepath.ToSlash(filepath.Join(f.dir, name))
}

// read returns the whole of a file of at most limit bytes.
func (f folder) read(name string, limit int64) ([]byte, error) {
	file, size, err := f.open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	if size > limit {
		return nil, fmt.Errorf("%s has %d bytes; at most %d can be sent", name, size, limit)
	}
	b := make([]byte, size)
	if _, err := file.ReadAt(b, 0); err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	return b, nil
}

// glob returns the files that match a pattern, sorted.
func (f folder) glob(pattern string) []string {
	var found []string
	if f.fsys != nil {
		found, _ = fs.Glob(f.fsys, f.full(pattern))
	} else {
		found, _ = filepath.Glob(f.full(pattern))
	}
	for i, p := range found {
		if rel, err := filepath.Rel(f.dir, p); err == nil && !filepath.IsAbs(pattern) {
			found[i] = rel
		}
	}
	return found
}

// memoryFile is a file in memory.
type memoryFile struct{ *strings.Reader }

func (memoryFile) Close() error { return nil }

// reason says in words why a file cannot be read.
func reason(err error) string {
	var path *fs.PathError
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "there is no such file"
	case errors.Is(err, fs.ErrPermission):
		return "it may not be read"
	case errors.As(err, &path):
		return path.Err.Error()
	}
	return err.Error()
}
