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
	"brink/scenarios"
)

// askDoors refuses to load a public host that the user has not said may be
// loaded, and link-local addresses. Private and loopback addresses ask for
// nothing. The same rules hold again whenever a connection is made.
//
// On a public host the load gets a ceiling.
func (p *program) askDoors(ctx context.Context, o *order) error {
	o.ceiling = o.flags.ceiling
	hosts, err := publicHosts(ctx, o.scenario, o.flags.allowLinkLocal)
	if err != nil {
		return err
	}
	for _, host := range hosts {
		o.ceiling = cmp.Or(o.flags.ceiling, defaultCeiling)
		if !p.mayLoad(host, o.flags) {
			return &publicHost{host}
		}
	}
	return nil
}

// publicHost is the error for a public host that the user has not said may be
// loaded.
type publicHost struct{ name string }

func (e *publicHost) Error() string {
	return fmt.Sprintf("%s is a public address. Load only what is yours or what you were asked to load, and say that it is with --yes-i-may-load %s", e.name, e.name)
}

// mayLoad reports whether the user has said that a host may be loaded, now or
// in an earlier run.
func (p *program) mayLoad(host string, f *runFlags) bool {
	named := slices.ContainsFunc(f.mayLoad, func(h string) bool { return strings.EqualFold(h, host) })
	return named || p.memory().has(rememberedHosts, strings.ToLower(host))
}

// publicHosts returns the hosts of a scenario that have an address of the open
// internet. Link-local addresses are an error unless allowed.
func publicHosts(ctx context.Context, s *scenarios.Scenario, linkLocal bool) ([]string, error) {
	if s.Target.Scheme == "unix" {
		return nil, nil
	}
	var public []string
	for _, host := range append([]string{s.Target.Host}, s.AllowHosts...) {
		name := hostName(host)
		addrs := addresses(ctx, name)
		if slices.ContainsFunc(addrs, client.LinkLocal) && !linkLocal {
			return nil, fmt.Errorf("%s is a link-local or metadata address, which is hardly what you want to load; --allow-link-local allows it", name)
		}
		if slices.ContainsFunc(addrs, client.Public) {
			public = append(public, name)
		}
	}
	return public, nil
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
