package stats

import "time"

// Sample is one finished request. Its memory is reused: it never leaves the
// goroutine of its user. All times are monotonic durations since the run's
// start.
type Sample struct {
	Route int // index into the routes the Recorder was made with

	// Intended is when the plan wanted the request: the due time of an
	// arrival in the open model, Start otherwise.
	Intended time.Duration
	Start    time.Duration // the user turned to the request
	End      time.Duration // its last byte was read, or it failed

	Phases

	Status   int   // HTTP status; 0 where there was no response
	BytesOut int64 // head and body as sent
	BytesIn  int64 // body as received, before decoding
	NewConn  bool  // a connection was made for it
	Retried  bool  // sent again because the server had closed the reused connection

	Failure Failure
	// Exchange shows a failed request and its response; nil where it succeeded
	// or where enough are shown already. Set by the runner.
	Exchange *Exchange
}

// Phases are the parts of a request's time. A part that did not happen is 0.
type Phases struct {
	ConnWait  time.Duration // waiting for a connection to be free
	DNS       time.Duration
	Connect   time.Duration // TCP
	TLS       time.Duration // handshake
	FirstByte time.Duration // from the request's last byte sent to the response's first byte
	Body      time.Duration // from the first byte to the last
}

// ResponseTime is the time from the intended start: what a user of the API
// would have waited.
func (s *Sample) ResponseTime() time.Duration { return s.End - s.Intended }

// ServiceTime is the time from the actual start.
func (s *Sample) ServiceTime() time.Duration { return s.End - s.Start }

// Reset makes s ready for the next request.
func (s *Sample) Reset() { *s = Sample{} }

// Exchange is one failing request and its response as text, bounded, secrets
// already masked. Control characters are as they came: who draws them escapes
// them.
type Exchange struct {
	At       time.Duration // since the run's start
	Request  string        // request line, headers, body; at most MaxExchange bytes
	Response string        // status line, headers, body; at most MaxExchange bytes
	Curl     string        // the request as a curl command
}

// MaxExchange bounds each text of an Exchange, in bytes.
const MaxExchange = 4096
