package reports

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// Rescue saves a record and all its reports in a new folder of the system's
// temporary one, for a run whose own folder can no longer be written. It
// returns the paths of what was saved.
func Rescue(rec *Record) (paths []string, err error) {
	dir, err := os.MkdirTemp("", FolderName(rec.Header.Scenario, rec.Header.Started)+"-*") // mode 0700
	if err != nil {
		return nil, fmt.Errorf("nor could they be saved elsewhere: %w", err)
	}
	path := filepath.Join(dir, JournalName)
	if err := saveFile(path, false, rec.copyTo); err != nil {
		return nil, fmt.Errorf("nor could they be saved elsewhere: %w", err)
	}
	paths, err = Write(rec, Output{Dir: dir})
	return append([]string{path}, paths...), err
}

// copyTo writes the journal's bytes.
func (r *Record) copyTo(w io.Writer) error {
	in, err := r.open()
	if err != nil {
		return err
	}
	defer in.Close()
	_, err = io.Copy(w, in)
	return err
}
