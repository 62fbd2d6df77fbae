package client

import (
	"io"
	"log"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	// net/http tells the standard logger about bytes that nobody asked for.
	log.SetOutput(io.Discard)
	goleak.VerifyTestMain(m)
}
