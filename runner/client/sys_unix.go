//go:build unix && !linux

package client

import "syscall"

// sysRead and sysWrite are read(2) and write(2) on a socket that does not
// block.
func sysRead(fd int, p []byte) (int, error)  { return retry(fd, p, syscall.Read) }
func sysWrite(fd int, p []byte) (int, error) { return retry(fd, p, syscall.Write) }

// retry calls f until it is not interrupted.
func retry(fd int, p []byte, f func(int, []byte) (int, error)) (int, error) {
	for {
		n, err := f(fd, p)
		if err != syscall.EINTR {
			return max(n, 0), err
		}
	}
}
