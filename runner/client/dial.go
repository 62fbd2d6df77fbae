package client

import (
	"cmp"
	"context"
	"net"
	"net/netip"
	"strconv"
	"time"

	"brink/runner/stats"
)

// headStart is what one address family gets before the other is tried beside
// it (RFC 8305 §5).
const headStart = 300 * time.Millisecond

// Reach makes a connection to an origin, as the rules allow it, and closes it
// again: nothing is sent.
func Reach(ctx context.Context, o *Options, to *Origin) error {
	ctx, cancel := context.WithTimeout(ctx, o.connectTimeout())
	defer cancel()
	c, err := dialer{o, o.clock()}.dial(ctx, to, new(stats.Phases))
	if err != nil {
		return err
	}
	return c.Close()
}

// dialer makes connections to where the rules allow.
type dialer struct {
	o   *Options
	now func() time.Duration
}

// dial connects to an origin and adds the times of DNS and connect to p. ctx
// bounds it.
func (d dialer) dial(ctx context.Context, o *Origin, p *stats.Phases) (net.Conn, error) {
	if err := d.o.Allow.Host(o); err != nil {
		return nil, err
	}
	if o.Unix != "" {
		began := d.now()
		c, err := dialOne(ctx, cmp.Or(d.o.unix, "unix"), o.Unix)
		p.Connect += d.now() - began
		return c, err
	}
	return d.dialName(ctx, o.Addr, p)
}

// dialName connects to "host:port".
func (d dialer) dialName(ctx context.Context, hostport string, p *stats.Phases) (net.Conn, error) {
	name, port, err := net.SplitHostPort(hostport)
	if err != nil {
		return nil, err
	}
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil {
		return nil, err
	}
	began := d.now()
	addrs, err := d.o.resolver.lookup(ctx, name)
	resolved := d.now()
	if _, literal := netip.ParseAddr(name); literal != nil {
		p.DNS += resolved - began
	}
	if err != nil {
		return nil, &nameError{err}
	}
	if addrs, err = d.o.Allow.addresses(name, addrs); err != nil {
		return nil, err
	}
	c, err := d.o.counted(func() (net.Conn, error) { return dialAny(ctx, addrs, uint16(n)) })
	p.Connect += d.now() - resolved
	return c, err
}

// nameError is a name that could not be resolved.
type nameError struct{ err error }

func (e *nameError) Error() string { return e.err.Error() }
func (e *nameError) Unwrap() error { return e.err }

// dialAny connects to the first address that answers: those of the first
// one's family in turn, and after a head start, or when these have failed,
// the others.
func dialAny(ctx context.Context, addrs []netip.Addr, port uint16) (net.Conn, error) {
	first, second := families(addrs)
	if len(second) == 0 {
		return dialInTurn(ctx, first, port)
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	type result struct {
		c   net.Conn
		err error
	}
	results := make(chan result)
	race := func(addrs []netip.Addr) {
		c, err := dialInTurn(ctx, addrs, port)
		select {
		case results <- result{c, err}:
		case <-ctx.Done():
			if c != nil {
				_ = c.Close()
			}
		}
	}
	go race(first)
	start := time.NewTimer(headStart)
	defer start.Stop()
	var failed error
	for running, more := 1, true; running > 0 || more; {
		if running == 0 {
			start.Reset(0)
		}
		select {
		case <-start.C:
			if more {
				more = false
				running++
				go race(second)
			}
		case r := <-results:
			if r.err == nil {
				return r.c, nil
			}
			running--
			failed = cmp.Or(failed, r.err)
		case <-ctx.Done():
			return nil, cmp.Or(failed, context.Cause(ctx))
		}
	}
	return nil, failed
}

// families splits addresses into those of the first one's family and the rest.
func families(addrs []netip.Addr) (first, second []netip.Addr) {
	for _, a := range addrs {
		if a.Unmap().Is4() == addrs[0].Unmap().Is4() {
			first = append(first, a)
		} else {
			second = append(second, a)
		}
	}
	return first, second
}

// dialInTurn tries addresses one after the other, each with an equal share of
// the time that is left.
func dialInTurn(ctx context.Context, addrs []netip.Addr, port uint16) (c net.Conn, err error) {
	for i, a := range addrs {
		turn, cancel := ctx, context.CancelFunc(func() {})
		if end, ok := ctx.Deadline(); ok && i < len(addrs)-1 {
			turn, cancel = context.WithTimeout(ctx, time.Until(end)/time.Duration(len(addrs)-i))
		}
		var e error
		c, e = dialOne(turn, "tcp", netip.AddrPortFrom(a, port).String())
		cancel()
		if e == nil {
			return c, nil
		}
		err = cmp.Or(err, e)
		if ctx.Err() != nil {
			break
		}
	}
	return nil, err
}

// dialOne connects to one address. Keep-alive probes are off: a request has a
// timeout, and a connection without one has nobody waiting.
func dialOne(ctx context.Context, network, addr string) (net.Conn, error) {
	return (&net.Dialer{KeepAlive: -1}).DialContext(ctx, network, addr)
}
