package stats

// Class says in which way a request failed. The zero value is success.
type Class uint8

// The classes, in the order in which a request can meet them, but for those
// that came later. Their numbers are part of the journal: append, never
// reorder.
const (
	OK              Class = iota
	BadRequest            // the request could not be made: a value, a data row, an expression
	Forbidden             // the address is none that the scenario allows, or the connection one too many
	NameUnresolved        // DNS gave no address
	NoDescriptors         // this machine has no file descriptor left (EMFILE, ENFILE)
	NoPorts               // this machine has no ephemeral port left (EADDRNOTAVAIL)
	Refused               // nothing listens there
	Unreachable           // no route to the host
	ConnectTimeout        // the connection was not made in time
	TLSFailed             // the TLS handshake failed
	WriteFailed           // the request could not be sent whole
	TimedOut              // it was sent whole; no whole response within the request's timeout
	Reset                 // the connection was reset before the response was whole
	ConnClosed            // the connection ended before the response was whole
	Malformed             // the response broke the protocol
	TooLarge              // head or body over the limit
	RedirectRefused       // a redirect to where the scenario does not go, or too many of them
	BadStatus             // the status was not the one expected
	Unexpected            // another expectation did not hold
	Other                 // none of these
	SendTimeout           // the request was not sent whole within its timeout
	NumClasses            // how many there are
)

var classWords = [NumClasses]string{
	"ok", "request not made", "not allowed", "name not resolved", "no file descriptors left",
	"no local ports left", "connection refused", "unreachable", "connection timed out", "TLS failed",
	"sending failed", "timed out", "connection reset", "connection closed", "malformed response",
	"response too large", "redirect not followed", "unexpected status", "expectation failed", "other",
	"sending timed out",
}

// String returns the class in words for a user.
func (c Class) String() string {
	if c >= NumClasses {
		c = Other
	}
	return classWords[c]
}

// Timeout reports whether a request of the class ran out of time: it would have
// taken longer than it did.
func (c Class) Timeout() bool {
	return c == TimedOut || c == ConnectTimeout || c == SendTimeout
}

// Sent reports whether a request of the class was sent whole: a server has read
// no other to its end. Where the server ended the connection it may have been,
// and counts as sent.
func (c Class) Sent() bool {
	switch c {
	case BadRequest, Forbidden, NameUnresolved, NoDescriptors, NoPorts, Refused, Unreachable,
		ConnectTimeout, TLSFailed, WriteFailed, SendTimeout:
		return false
	}
	return true
}

// Failure is why a request failed: data, not a Go error. Text is a whole
// sentence for a user without the values that differ from request to request,
// so that a thousand failures make one row. The zero value is success.
type Failure struct {
	Class Class
	Text  string
}

// Failed reports whether there was a failure.
func (f Failure) Failed() bool { return f.Class != OK }
