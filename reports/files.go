package reports

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// saveFile writes a file as a whole or not at all: under a temporary name in
// the same folder, synced, then renamed. A file of that name is kept and an
// error returned, unless replace. Modes are 0600, folders 0700.
func saveFile(path string, replace bool, write func(io.Writer) error) error {
	return saveMode(path, replace, 0o600, write)
}

// saveMode is saveFile with another mode.
func saveMode(path string, replace bool, mode fs.FileMode, write func(io.Writer) error) (err error) {
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(dir, "."+filepath.Base(path)+".*.tmp")
	if err != nil {
		return err
	}
	defer func() {
		f.Close()
		if err != nil {
			os.Remove(f.Name())
		}
	}()
	if err := f.Chmod(mode); err != nil {
		return err
	}
	w := bufio.NewWriterSize(f, 64<<10)
	if err := write(w); err != nil {
		return err
	}
	if err := w.Flush(); err != nil {
		return err
	}
	return publish(f, path, replace)
}

// publish syncs a finished temporary file and gives it its name.
func publish(f *os.File, path string, replace bool) error {
	if err := f.Sync(); err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	if err := rename(f.Name(), path, replace); err != nil {
		return err
	}
	return syncDir(filepath.Dir(path))
}

// rename gives a file its name. Without replace it fails where the name is
// taken, also by somebody who takes it at this moment.
func rename(temp, path string, replace bool) error {
	if replace {
		return os.Rename(temp, path)
	}
	switch err := os.Link(temp, path); {
	case err == nil:
		return os.Remove(temp)
	case errors.Is(err, fs.ErrExist):
		return taken(path)
	}
	// A file system without hard links: look, then rename.
	if _, err := os.Lstat(path); err == nil {
		return taken(path)
	}
	return os.Rename(temp, path)
}

func taken(path string) error {
	return fmt.Errorf("%s is there already and is not overwritten", path)
}

// syncDir makes the names in a folder last.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	// Some file systems cannot sync a folder; then there is nothing to do.
	if err := d.Sync(); err != nil && !errors.Is(err, errors.ErrUnsupported) && !errors.Is(err, fs.ErrInvalid) {
		return err
	}
	return nil
}
