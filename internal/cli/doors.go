package cli

import (
	"cmp"
	"context"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
	"time"

	"brink/runner/client"
)

// askDoors refuses to load a public host that the user has not said may be
// loaded, and link-local addresses. Private and loopback addresses ask for
// nothing. The same rules hold again whenever a connection is made.
//
// On a public host the load gets a ceiling.
func (p *program) askDoors(ctx context.Context, o *order) error {
	s := o.scenario
	o.ceiling = o.flags.ceiling
	if s.Target.Scheme == "unix" {
		return nil
	}
	for _, host := range append([]string{s.Target.Host}, s.AllowHosts...) {
		name := hostName(host)
		addrs := addresses(ctx, name)
		if slices.ContainsFunc(addrs, client.LinkLocal) && !o.flags.allowLinkLocal {
			return fmt.Errorf("%s is a link-local or metadata address, which is hardly what you want to load; --allow-link-local allows it", name)
		}
		if !slices.ContainsFunc(addrs, client.Public) {
			continue
		}
		o.ceiling = cmp.Or(o.flags.ceiling, defaultCeiling)
		if !strings.EqualFold(name, o.flags.mayLoad) {
			return fmt.Errorf("%s is a public address. Load only what is yours or what you were asked to load, and say that it is with --yes-i-may-load %s", name, name)
		}
	}
	return nil
}

// hostName returns a host without its port and brackets.
func hostName(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		return name
	}
	return strings.Trim(host, "[]")
}

// addresses returns the addresses of a name. One that cannot be resolved has
// none: the ready gate or the first request will say so.
func addresses(ctx context.Context, name string) []netip.Addr {
	if a, err := netip.ParseAddr(name); err == nil {
		return []netip.Addr{a}
	}
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	addrs, err := net.DefaultResolver.LookupNetIP(ctx, "ip", name)
	if err != nil {
		return nil
	}
	return addrs
}
