//go:build unix

package reports

import (
	"os"

	"golang.org/x/sys/unix"
)

// lock takes the journal's lock, which tells a run that goes on from one that
// crashed. File systems without locks do without: a run that goes on may then
// be offered as a crashed one, which harms neither.
func lock(f *os.File) { _ = unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB) }

// locked reports whether another process holds the lock.
func locked(f *os.File) bool {
	return unix.Flock(int(f.Fd()), unix.LOCK_SH|unix.LOCK_NB) == unix.EWOULDBLOCK
}

// mayWrite returns why nothing can be made in a folder, nil if it can.
func mayWrite(dir string) error { return unix.Access(dir, unix.W_OK) }
