package client

import (
	"syscall"
	"unsafe"
)

// sysRead and sysWrite are read(2) and write(2) on a socket that does not
// block. They do not tell the scheduler, which is for calls that may take long
// and costs as much as the rest of our work on a small request.
func sysRead(fd int, p []byte) (int, error)  { return raw(syscall.SYS_READ, fd, p) }
func sysWrite(fd int, p []byte) (int, error) { return raw(syscall.SYS_WRITE, fd, p) }

func raw(call uintptr, fd int, p []byte) (int, error) {
	for {
		n, _, errno := syscall.RawSyscall(call, uintptr(fd), uintptr(unsafe.Pointer(unsafe.SliceData(p))), uintptr(len(p)))
		switch errno {
		case 0:
			return int(n), nil
		case syscall.EAGAIN:
			return 0, syscall.EAGAIN
		case syscall.EINTR:
		default:
			return 0, errno
		}
	}
}
