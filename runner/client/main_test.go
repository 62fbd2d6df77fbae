package client

import (
	"io"
	"log"
	"net"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	// net/http tells the standard logger about bytes that nobody asked for.
	log.SetOutput(io.Discard)
	// The runtime's poller keeps descriptors from its first use on. Tests that
	// count them must find it there, whichever of them is the first.
	if l, err := net.Listen("tcp", "127.0.0.1:0"); err == nil {
		l.Close()
	}
	goleak.VerifyTestMain(m)
}
