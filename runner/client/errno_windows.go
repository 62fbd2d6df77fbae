package client

import "golang.org/x/sys/windows"

// What Winsock says when a connection fails.
var (
	errReset       error = windows.WSAECONNRESET
	errPipe        error = windows.WSAECONNABORTED
	errRefused     error = windows.WSAECONNREFUSED
	errNoPort      error = windows.WSAEADDRNOTAVAIL
	errTimedOut    error = windows.WSAETIMEDOUT
	errDescriptors       = []error{windows.WSAEMFILE}
	errMemory            = []error{windows.WSAENOBUFS}
	errNoRoute           = []error{windows.WSAEHOSTUNREACH, windows.WSAENETUNREACH, windows.WSAEHOSTDOWN, windows.WSAENETDOWN}
)
