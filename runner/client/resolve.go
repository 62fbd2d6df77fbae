package client

import (
	"context"
	"net"
	"net/netip"
	"sync"
	"time"
)

// resolver turns names into addresses for all users of a run: one question at
// a time for each name, its answer kept for a little while. Thousands of users
// that start together would otherwise load the name server instead of the
// target. The zero value is ready; it is safe for concurrent use.
type resolver struct {
	mu    sync.Mutex
	names map[string]*answer
	ask   func(ctx context.Context, name string) ([]netip.Addr, error) // nil: the system's; tests
}

// How long answers are kept. An error is kept so that a missing name does not
// make every user ask.
const (
	keepAnswer = 5 * time.Second
	keepError  = time.Second
)

// answer is a question on its way, or its answer once done is closed.
type answer struct {
	done  chan struct{}
	addrs []netip.Addr
	err   error
	until time.Time
}

// lookup returns the addresses of a host name, or of a literal address
// without asking anybody.
func (r *resolver) lookup(ctx context.Context, name string) ([]netip.Addr, error) {
	if a, err := netip.ParseAddr(name); err == nil {
		return []netip.Addr{a}, nil
	}
	for {
		a, mine := r.answer(name)
		if mine {
			r.resolve(ctx, name, a)
			return a.addrs, a.err
		}
		select {
		case <-a.done:
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
		// An answer that came while waiting counts even if it is old by now;
		// one that its asker gave up is asked for again.
		if a.err == nil || !a.until.IsZero() {
			return a.addrs, a.err
		}
	}
}

// answer returns the entry of a name, and whether the caller is to fill it.
func (r *resolver) answer(name string) (a *answer, mine bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if a := r.names[name]; a != nil {
		select {
		case <-a.done:
			if time.Now().Before(a.until) {
				return a, false
			}
		default:
			return a, false
		}
	}
	if r.names == nil {
		r.names = map[string]*answer{}
	}
	a = &answer{done: make(chan struct{})}
	r.names[name] = a
	return a, true
}

// resolve asks and fills a.
func (r *resolver) resolve(ctx context.Context, name string, a *answer) {
	ask := r.ask
	if ask == nil {
		ask = system
	}
	a.addrs, a.err = ask(ctx, name)
	switch {
	case a.err == nil:
		a.until = time.Now().Add(keepAnswer)
	case ctx.Err() == nil:
		a.until = time.Now().Add(keepError)
	}
	close(a.done)
}

func system(ctx context.Context, name string) ([]netip.Addr, error) {
	return net.DefaultResolver.LookupNetIP(ctx, "ip", name)
}
