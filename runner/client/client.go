// Package client is one user's connection to the target: the raw HTTP/1.1
// path, net/http for what that does not do, and the rules they share about
// where they may go and how much they read.
package client

import (
	"context"
	"time"

	"brink/runner/stats"
)

// Client performs requests for one user, one at a time; it is not safe for
// concurrent use. A failed request is data (s.Failure), not a Go error. Do
// returns only when the response was read to its end, the request failed, its
// timeout passed or ctx ended; a request that ctx ended has class stats.Other
// and ctx's cause as text, and the caller counts it as unfinished.
//
// Do sets of the Sample: Start, End, Phases, Status, BytesIn, BytesOut,
// NewConn, Retried and Failure (for what went wrong on the wire; whether a
// status is a failure is the caller's to say). It leaves Route and Intended
// alone. resp is filled as far as the response came.
type Client interface {
	Do(ctx context.Context, req *Request, resp *Response, s *stats.Sample)
	Close() error
}

// Request is one request ready for the wire. The client does not change it and
// keeps nothing of it after Do.
type Request struct {
	Method string
	Origin *Origin // where it goes; the same pointer for the same origin
	Path   []byte  // path and query as on the wire, "/" at least
	Header []byte  // "Name: value\r\n" lines, without Host and Content-Length
	Body   []byte

	Timeout   time.Duration // for the whole request, connecting included; 0: none
	NewConn   bool          // do not reuse a connection, and close it afterwards
	Redirects int           // how many redirects to follow; 0: none
	KeepBody  bool          // the caller wants the whole body, decoded
	Cookies   Cookies       // of the user, for the requests after redirects; nil: Header's go on within the origin
}

// Cookies are a user's: Keep is told of each response that redirects, and Append
// appends the header line that the request after it carries to b, if any.
type Cookies interface {
	Keep(from *Origin, path, head []byte)
	Append(b []byte, to *Origin, path []byte) []byte
}

// Origin is a scheme, a host and a port.
type Origin struct {
	Scheme string // "http" or "https"
	Host   string // for the Host header and TLS: "example.org", "127.0.0.1:8000", "[::1]:8000"
	Addr   string // for dialling: host:port, the port always there
	Unix   string // path of a unix socket to dial instead; empty: none
}

// Response is what a client keeps of a response for its caller. Its memory is
// reused: it is valid until Release or the next Do with the same Response.
type Response struct {
	Status int
	Proto  string // "HTTP/1.1"
	Head   []byte // header lines as they came, "Name: value\r\n" each, bounded
	// Body is the whole body, decoded, where Request.KeepBody asked for it;
	// otherwise what is at hand of its beginning, at most stats.MaxExchange bytes.
	Body []byte
	// Location is where a redirect that was not followed leads, as the response
	// says it; empty for anything else.
	Location []byte
	// From and Path say what answered a request that did not fail: the
	// request's own origin and path, or those that redirects led to.
	From *Origin
	Path []byte

	// Sent is how many requests went out for one: more where redirects were
	// followed, or a connection had been closed and it was sent again.
	Sent int

	codings []byte // Content-Encoding, where the body is kept
	spare   []byte // memory for decoding
	share   share  // of what all responses may take
}

// clear forgets a response and keeps its memory.
func (r *Response) clear() {
	r.Status, r.Proto, r.From, r.Path = 0, "", nil, nil
	r.Head, r.Body, r.Location, r.codings = r.Head[:0], r.Body[:0], r.Location[:0], r.codings[:0]
}

// Release gives a large body's memory back, for other users to take. Who is
// done with a response calls it before anything that lasts.
func (r *Response) Release() {
	if r.share.of != nil {
		r.Body, r.spare = nil, nil
		r.share.leave()
	}
}
