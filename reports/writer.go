package reports

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
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
	taken, frames, lost := j.pending, j.frames, j.ending.Lost
	j.mu.Unlock()

	restored, err := j.stay()
	if err == nil {
		err = j.append(taken)
	}

	j.mu.Lock()
	defer j.mu.Unlock()
	if err != nil {
		j.setErr(fmt.Errorf("the record cannot be written, %d seconds of it are only in memory: %w", j.frames, err))
		return
	}
	// Put may have added frames meanwhile.
	j.pending = append([]byte(nil), j.pending[len(taken):]...)
	j.frames -= frames
	switch {
	case restored:
		j.setErr(fmt.Errorf("%s was deleted while the run went on; it was made again and the record is whole, reports and files of others are not", j.dir))
	case lost > 0:
		j.setErr(fmt.Errorf("the record lost %d seconds that could not be written", lost))
	default:
		if j.err = j.writable(); j.err != nil {
			j.setErr(j.err)
		}
	}
}

// append writes frames after those that are on the disk. Where that fails, the
// file is left as it was, so that the same place is tried again.
func (j *Journal) append(frames []byte) error {
	if len(frames) == 0 {
		return nil
	}
	_, err := j.file.WriteAt(frames, j.size)
	if err == nil {
		err = j.file.Sync()
	}
	if err != nil {
		// The half of a frame is no harm to a reader, only untidy.
		_ = j.file.Truncate(j.size)
		return err
	}
	j.size += int64(len(frames))
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
	if err := unix.Access(j.dir, unix.W_OK); err != nil && !errors.Is(err, unix.ENOSYS) {
		return fmt.Errorf("%s can no longer be written, the reports will not fit there: %w", j.dir, err)
	}
	return nil
}
