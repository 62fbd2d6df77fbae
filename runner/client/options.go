package client

import (
	"cmp"
	"crypto/tls"
	"net/url"
	"sync"
	"sync/atomic"
	"time"
)

// Options are what all clients of a run share. The zero value is useful. They
// are not changed after the first client was made with them, and not copied:
// they also hold what the clients share at run time, such as resolved names.
// They are safe for concurrent use.
type Options struct {
	// Clock returns the monotonic time since the run's start; every time in a
	// Sample is one of its readings. nil: time since the client was made.
	Clock func() time.Duration
	// Allow says where connections may go. nil: anywhere but link-local and
	// metadata addresses.
	Allow *Rules

	// MaxConns is how many TCP connections all clients may have at the same time;
	// a request that needs one more fails. 0: no bound.
	MaxConns int

	MaxHead int64 // bytes of a response's head and, again, of its trailers; 0: 64 KiB
	MaxBody int64 // bytes of a response's body as received; 0: 1 GiB
	MaxKept int64 // bytes of a body that is kept for the caller, decoded; 0: 16 MiB
	// MaxKeptAll is how much memory the bodies that are kept at the same time
	// may take together, in bytes. Small ones do not count. 0: 512 MiB.
	MaxKeptAll int64

	// TLS is cloned for each host. nil: the system's roots, names verified.
	TLS *tls.Config
	// ConnectTimeout bounds making a connection, DNS and TLS included; the
	// request's own timeout bounds it too. 0: 10 s.
	ConnectTimeout time.Duration
	// Proxy is used by the net/http path only, and only where set: the
	// environment's proxies are never used. nil: none.
	Proxy *url.URL

	unix     string // network of unix sockets; empty: "unix"; tests
	resolver resolver
	mu       sync.Mutex
	configs  map[string]*tls.Config // by host name
	kept     atomic.Int64           // what bodies take of MaxKeptAll
	conns    atomic.Int64           // of MaxConns, those that are or are being made
}

// The limits that hold where Options name none.
const (
	defaultMaxHead        = 64 << 10
	defaultMaxBody        = 1 << 30
	defaultMaxKept        = 16 << 20
	defaultMaxKeptAll     = 512 << 20
	defaultConnectTimeout = 10 * time.Second
)

func (o *Options) maxHead() int64    { return cmp.Or(o.MaxHead, defaultMaxHead) }
func (o *Options) maxBody() int64    { return cmp.Or(o.MaxBody, defaultMaxBody) }
func (o *Options) maxKept() int64    { return cmp.Or(o.MaxKept, defaultMaxKept) }
func (o *Options) maxKeptAll() int64 { return cmp.Or(o.MaxKeptAll, defaultMaxKeptAll) }

func (o *Options) connectTimeout() time.Duration {
	return cmp.Or(o.ConnectTimeout, defaultConnectTimeout)
}

// FitInto lowers what may be kept to what suits a process that may take so many
// bytes of memory; 0: it is not known. It is for before the first client.
func (o *Options) FitInto(memory int64) {
	if memory > 0 {
		o.MaxKept = min(o.maxKept(), max(memory/64, smallBody))
		o.MaxKeptAll = min(o.maxKeptAll(), memory/4)
	}
}

// clock returns the clock of a new client.
func (o *Options) clock() func() time.Duration {
	if o.Clock != nil {
		return o.Clock
	}
	start := time.Now()
	return func() time.Duration { return time.Since(start) }
}

// config returns the TLS configuration for a host that speaks HTTP/1.1.
func (o *Options) config(host string) *tls.Config {
	o.mu.Lock()
	defer o.mu.Unlock()
	if c, ok := o.configs[host]; ok {
		return c
	}
	c := &tls.Config{}
	if o.TLS != nil {
		c = o.TLS.Clone()
	}
	c.ServerName = cmp.Or(c.ServerName, host)
	c.NextProtos = []string{"http/1.1"}
	// A request is written at once: small records would only cost.
	c.DynamicRecordSizingDisabled = true
	if o.configs == nil {
		o.configs = map[string]*tls.Config{}
	}
	o.configs[host] = c
	return c
}
