//go:build unix

package runner

import "golang.org/x/sys/unix"

// fileLimit returns how many files the process may open, 0 where that is not
// known.
func fileLimit() int {
	var l unix.Rlimit
	if unix.Getrlimit(unix.RLIMIT_NOFILE, &l) != nil {
		return 0
	}
	return bounded(uint64(l.Cur))
}

// raiseFileLimit raises the limit to want where it may, first up to the hard
// limit, then, for a process with the right to, beyond it. It returns what the
// limit is now.
func raiseFileLimit(want int) int {
	var l unix.Rlimit
	if unix.Getrlimit(unix.RLIMIT_NOFILE, &l) != nil {
		return 0
	}
	if need := uint64(want); uint64(l.Cur) < need {
		l.Cur = l.Max
		if uint64(l.Max) < need {
			more := unix.Rlimit{Cur: need, Max: need}
			if unix.Setrlimit(unix.RLIMIT_NOFILE, &more) == nil {
				return fileLimit()
			}
		}
		// Refused, it stays as it was, and the caller says so.
		_ = unix.Setrlimit(unix.RLIMIT_NOFILE, &l)
	}
	return fileLimit()
}

// bounded turns a limit, of which the highest means none, into a number.
func bounded(n uint64) int { return int(min(n, 1<<30)) }
