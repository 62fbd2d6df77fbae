package client

import (
	"context"
	"net"
	"net/http"
	"time"

	"brink/runner/stats"
)

// Std speaks HTTP through net/http: what Raw does not do, which is HTTP/2 and
// proxies. How strict it is about the framing of HTTP/1.1 is net/http's to
// say: it accepts a length beside chunks, and bytes after a response make it
// close the connection but not fail the request.
type Std struct {
	intake
	now     func() time.Duration
	version string
	origins []*transport
}

var _ Client = (*Std)(nil)

// NewStd returns a client for one user. version is "1.1" or "2" for one of
// these alone (with http:// "2" begins without an upgrade), or empty for what
// the server prefers.
func NewStd(o *Options, version string) *Std {
	return &Std{intake: intake{o: o}, now: o.clock(), version: version}
}

// transport is net/http's way to one origin.
type transport struct {
	http.Transport
	origin *Origin
}

// Do implements Client. A request that net/http, or Std after it, sends again
// because the server had closed a reused connection counts as Retried.
func (c *Std) Do(ctx context.Context, req *Request, resp *Response, s *stats.Sample) {
	c.begin(req, resp, s)
	s.Start = c.now()
	if req.Timeout > 0 {
		bounded, cancel := context.WithTimeout(ctx, req.Timeout)
		defer cancel()
		ctx = bounded
	}
	f := follow(&stdHop{c, ctx}, c.o.Allow, req, resp)
	s.End = c.now()
	c.finish(f)
}

// Close closes the connections.
func (c *Std) Close() error {
	for _, t := range c.origins {
		t.CloseIdleConnections()
	}
	c.origins = nil
	return nil
}

// transport returns the way to an origin.
func (c *Std) transport(o *Origin) *transport {
	for _, t := range c.origins {
		if t.origin.same(o) {
			return t
		}
	}
	t := &transport{origin: o}
	var p http.Protocols
	p.SetHTTP1(c.version != "2")
	p.SetHTTP2(c.version != "1.1")
	p.SetUnencryptedHTTP2(c.version == "2")
	t.Transport = http.Transport{
		Protocols:              &p,
		MaxIdleConnsPerHost:    1,
		DisableCompression:     true,
		TLSHandshakeTimeout:    c.o.connectTimeout(),
		MaxResponseHeaderBytes: c.o.maxHead(),
		DialContext:            c.dialFunc(o),
	}
	if c.o.TLS != nil {
		t.TLSClientConfig = c.o.TLS.Clone()
	}
	if c.o.Proxy != nil {
		t.Proxy = http.ProxyURL(c.o.Proxy)
	}
	c.origins = append(c.origins, t)
	return t
}

// dialFunc dials an origin, or the proxy before it.
func (c *Std) dialFunc(o *Origin) func(ctx context.Context, network, addr string) (net.Conn, error) {
	d := dialer{c.o, c.now}
	return func(ctx context.Context, _, addr string) (net.Conn, error) {
		ctx, cancel := context.WithTimeout(ctx, c.o.connectTimeout())
		defer cancel()
		var p stats.Phases
		if t, ok := ctx.Value(traceKey{}).(*trace); ok {
			defer func() { t.dialed(&p) }()
		}
		var k net.Conn
		var err error
		if c.o.Proxy != nil {
			k, err = d.dialName(ctx, addr, &p)
		} else {
			k, err = d.dial(ctx, o, &p)
		}
		if err != nil {
			return nil, err
		}
		return newIdler(k, o.Scheme == "http"), nil
	}
}
