package client

import (
	"fmt"
	"net"
	"net/netip"
	"strings"
	"sync"
)

// Rules say where requests may go. They are enforced when dialling, on the
// address that the name was resolved to, so that neither a redirect nor a name
// that changes its address leads elsewhere:
//
//   - the host must be one of the scenario's;
//   - link-local and cloud metadata addresses are refused unless allowed;
//   - public addresses are refused but for the names that may have them;
//   - a name keeps the kind of address (loopback, private, public) that its
//     first answer had.
//
// Rules are safe for concurrent use.
type Rules struct {
	hosts     map[string]bool // "host" or "host:port"
	linkLocal bool
	public    map[string]bool // names

	mu    sync.Mutex
	kinds map[string]kinds // of a name's first answer
}

// NewRules returns rules that allow hosts, each "host" (any port) or
// "host:port", and link-local addresses only where asked.
func NewRules(hosts []string, linkLocal bool) (*Rules, error) {
	r := &Rules{hosts: map[string]bool{}, linkLocal: linkLocal}
	for _, h := range hosts {
		o, err := NewOrigin("http", h, "")
		if err != nil {
			return nil, fmt.Errorf("an allowed host: %w", err)
		}
		if _, _, err := net.SplitHostPort(h); err == nil {
			r.hosts[o.Addr] = true
		} else {
			r.hosts[o.name()] = true
		}
	}
	return r, nil
}

// AllowPublic lets hosts, named as in NewRules, be at public addresses. It is
// not called once requests are made.
func (r *Rules) AllowPublic(hosts ...string) error {
	for _, h := range hosts {
		o, err := NewOrigin("http", h, "")
		if err != nil {
			return fmt.Errorf("a public host: %w", err)
		}
		if r.public == nil {
			r.public = map[string]bool{}
		}
		r.public[o.name()] = true
	}
	return nil
}

// Host returns nil if requests may go to the origin by its name; its address
// is looked at when dialling. Nil Rules allow every host.
func (r *Rules) Host(o *Origin) error {
	if r == nil || o.Unix != "" || r.hosts[o.Addr] || r.hosts[o.name()] {
		return nil
	}
	return &forbiddenError{o.Addr + " is not a host that the scenario names (target, allow_hosts)"}
}

// addresses returns those of a name's addresses that may be dialled, or why
// there is none.
func (r *Rules) addresses(name string, all []netip.Addr) ([]netip.Addr, error) {
	var allowed []netip.Addr
	var refused error
	pinned := r.pin(name, all)
	for _, a := range all {
		switch k := kindOf(a); {
		case k == local && (r == nil || !r.linkLocal):
			refused = &forbiddenError{name + " is at " + a.String() + ", a link-local or metadata address; --allow-link-local allows these"}
		case k == public && r != nil && !r.public[name]:
			refused = &forbiddenError{name + " is at " + a.String() + ", a public address, and nobody has said that it may be loaded; --yes-i-may-load " + name + " does"}
		case pinned&k == 0:
			refused = &forbiddenError{name + " now resolves to " + a.String() + ", " + k.String() + " address, which it did not at first"}
		default:
			allowed = append(allowed, a)
		}
	}
	if len(allowed) > 0 {
		return allowed, nil
	}
	return nil, refused
}

// pin returns the kinds of address that a name had first.
func (r *Rules) pin(name string, all []netip.Addr) kinds {
	if r == nil {
		return ^kinds(0)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if k, ok := r.kinds[name]; ok {
		return k
	}
	var k kinds
	for _, a := range all {
		k |= kindOf(a)
	}
	if r.kinds == nil {
		r.kinds = map[string]kinds{}
	}
	r.kinds[name] = k
	return k
}

// kinds is a set of kinds of address.
type kinds uint8

const (
	public kinds = 1 << iota
	private
	loopback
	local // link-local, or a cloud's metadata service
)

// String names one kind.
func (k kinds) String() string {
	switch k {
	case private:
		return "a private"
	case loopback:
		return "a loopback"
	case local:
		return "a link-local"
	}
	return "a public"
}

// metadata are the addresses at which clouds give credentials away, and that
// are not link-local.
var metadata = []netip.Addr{
	netip.MustParseAddr("fd00:ec2::254"),   // Amazon, IPv6
	netip.MustParseAddr("100.100.100.200"), // Alibaba
	netip.MustParseAddr("168.63.129.16"),   // Azure
	netip.MustParseAddr("192.0.0.192"),     // Oracle
}

// nat64 carries an IPv4 address in its last four bytes (RFC 6052 §2.1).
var nat64 = netip.MustParsePrefix("64:ff9b::/96")

func kindOf(a netip.Addr) kinds {
	a = a.Unmap().WithZone("")
	if nat64.Contains(a) {
		b := a.As16()
		a = netip.AddrFrom4([4]byte(b[12:]))
	}
	for _, m := range metadata {
		if a == m {
			return local
		}
	}
	switch {
	case a.IsLinkLocalUnicast(), a.IsLinkLocalMulticast(), a.IsInterfaceLocalMulticast():
		return local
	case a.IsLoopback(), a.IsUnspecified():
		return loopback
	case a.IsPrivate():
		return private
	}
	return public
}

// forbiddenError says why an address is not allowed.
type forbiddenError struct{ why string }

func (e *forbiddenError) Error() string { return strings.ToValidUTF8(e.why, "?") }
