package reports

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// write is the Journal's goroutine: it brings what is pending to the disk each
// time there is something new, and ends when wake is closed.
func (j *Journal) write() {
	defer close(j.done)
	for range j.wake {
		j.flush()
	}
	j.flush()
}

// flush writes what is pending. What could not be written stays pending.
func (j *Journal) flush() {
	j.mu.Lock()
	taken, frames, lost, waiting := j.pending, j.frames, j.ending.Lost, j.waiting
	j.waiting = nil
	j.mu.Unlock()

	restored, err := j.stay()
	if err == nil {
		err = j.place(taken)
	}
	if err == nil {
		j.note(restored, lost)
	} else {
		j.fail(err)
	}
	for _, w := range waiting {
		close(w)
	}
	if err != nil {
		return
	}
	if err := j.settle(len(taken)); err != nil {
		j.fail(err)
		return
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	// Put may have added frames meanwhile.
	j.pending = append([]byte(nil), j.pending[len(taken):]...)
	j.frames -= frames
}

// note takes down what is wrong although the frames were written, or that
// nothing is.
func (j *Journal) note(restored bool, lost int) {
	err := j.writable()
	switch {
	case restored:
		err = fmt.Errorf("%s was deleted while the run went on; it was made again and the record in it is whole", j.dir)
	case lost > 0:
		err = fmt.Errorf("the record lost %s that could not be written", plural(lost, "second"))
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.err, j.cause = err, nil; err != nil {
		j.setErr(err)
	}
}

// fail takes down that what is pending could not be written.
func (j *Journal) fail(err error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.cause = err
	j.setErr(fmt.Errorf("the record cannot be written, %s of it only in memory: %w", plural(j.frames, "second"), err))
}

// put writes frames and syncs.
func (j *Journal) put(frames []byte) error {
	if err := j.place(frames); err != nil {
		return err
	}
	return j.settle(len(frames))
}

// place writes frames after those that are on the disk. Where that fails, the
// same place is tried again; half a frame there is no harm to a reader.
func (j *Journal) place(frames []byte) error {
	_, err := j.file.WriteAt(frames, j.size)
	return err
}

// settle syncs the n bytes that were placed. Where that fails they may be gone,
// and are written again.
func (j *Journal) settle(n int) error {
	if n == 0 {
		return nil
	}
	if err := j.file.Sync(); err != nil {
		return err
	}
	j.size += int64(n)
	return nil
}

// stay makes sure that the file that is written to is the one in the folder.
// Where the folder was deleted, or the file, it makes them again: what was
// written is still there for whoever holds the file open.
func (j *Journal) stay() (restored bool, err error) {
	path := filepath.Join(j.dir, JournalName)
	own, err := j.file.Stat()
	if err != nil {
		return false, err
	}
	if there, err := os.Stat(path); err == nil && os.SameFile(own, there) {
		return false, nil
	}
	f, err := createJournal(j.dir)
	if err != nil {
		return false, fmt.Errorf("the folder was deleted or replaced: %w", err)
	}
	_, err = io.Copy(f, io.NewSectionReader(j.file, 0, j.size))
	if err == nil {
		err = f.Sync()
	}
	if err != nil {
		f.Close()
		os.Remove(path)
		return false, fmt.Errorf("the folder was deleted, and its record cannot be made again: %w", err)
	}
	j.file.Close()
	j.file = f
	return true, nil
}

// writable says whether reports can be written into the folder at the end.
func (j *Journal) writable() error {
	// A folder that is gone is for stay to see.
	if err := mayWrite(j.dir); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s can no longer be written, the reports will not fit there: %w", j.dir, err)
	}
	return nil
}
