package scenarios

import "time"

// Request is one request, rendered. A Request belongs to one user and is
// reused: Step.Render overwrites it and keeps its memory. A step that never
// changes gives the same bytes each time, which nobody may write to.
type Request struct {
	Method string
	Scheme string // "http" or "https"
	Host   string // for the Host header and TLS, with a port if it is not the scheme's
	Unix   string // path of a unix socket to dial instead; empty: none
	Path   []byte // path and query as on the wire, "/" at least
	Header []byte // "Name: value\r\n" lines, without Host and Content-Length
	Body   []byte

	Timeout     time.Duration // for the whole request; 0: none
	NewConn     bool          // must not reuse a connection
	Redirects   int           // how many redirects to follow; 0: none
	HTTPVersion string        // "1.1", "2" or empty: the client's choice, 1.1
	Client      string        // "raw", "std" or empty: whatever can do it
	KeepBody    bool          // Check or Extract needs the whole response body
	OwnCookie   bool          // the step writes its Cookie header itself, without the user's cookies

	path, header, body []byte // memory of its own, where the above are not shared
}

// Response is what Check and Extract look at.
type Response struct {
	Status int
	Head   []byte        // header lines, "Name: value\r\n" each
	Body   []byte        // decoded; whole where Request.KeepBody was set
	Time   time.Duration // what the request took
	Size   int64         // bytes of the body as received

	// What answered: not what was asked where redirects led elsewhere.
	Scheme, Host string // empty where it was the step's own address
	Path         []byte
}
