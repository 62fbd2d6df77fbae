package client

import "golang.org/x/sys/unix"

// unread returns how many bytes written to a socket its peer has not
// acknowledged.
func unread(fd uintptr) int {
	n, err := unix.IoctlGetInt(int(fd), unix.SIOCOUTQ)
	if err != nil {
		return 0
	}
	return n
}
