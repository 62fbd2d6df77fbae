//go:build !windows

package client

import "syscall"

// What the system says when a connection fails.
var (
	errReset       error = syscall.ECONNRESET
	errPipe        error = syscall.EPIPE
	errRefused     error = syscall.ECONNREFUSED
	errNoPort      error = syscall.EADDRNOTAVAIL
	errTimedOut    error = syscall.ETIMEDOUT
	errDescriptors       = []error{syscall.EMFILE, syscall.ENFILE}
	errMemory            = []error{syscall.ENOBUFS, syscall.ENOMEM}
	errNoRoute           = []error{syscall.EHOSTUNREACH, syscall.ENETUNREACH, syscall.EHOSTDOWN, syscall.ENETDOWN}
)
