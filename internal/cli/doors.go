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
	o.ceiling, o.public = o.flags.ceiling, nil
	for _, host := range hostsOf(o.scenario) {
		addrs, err := addresses(ctx, host)
		may := p.mayLoad(host, o.flags)
		switch {
		case slices.ContainsFunc(addrs, client.LinkLocal) && !o.flags.allowLinkLocal:
			return fmt.Errorf("%s is a link-local or metadata address, which is hardly what you want to load; --allow-link-local allows it", host)
		case slices.ContainsFunc(addrs, client.Public) && !may:
			return &publicHost{host}
		case may && (err != nil || slices.ContainsFunc(addrs, client.Public)):
			o.ceiling = cmp.Or(o.flags.ceiling, defaultCeiling)
			o.public = append(o.public, host)
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

// hostsOf returns the names of the hosts that a scenario's requests may go to.
func hostsOf(s *scenarios.Scenario) []string {
	var hosts []string
	if s.Target.Scheme != "unix" {
		hosts = append(hosts, hostName(s.Target.Host))
	}
	for _, host := range s.AllowHosts {
		hosts = append(hosts, hostName(host))
	}
	return hosts
}

// hostName returns a host without its port and brackets.
func hostName(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		return name
	}
	return strings.Trim(host, "[]")
}

// addresses returns the addresses of a name. One that cannot be resolved now
// may be later: the ready gate or the first request will say so, and neither
// goes to a public address that nobody was asked about.
func addresses(ctx context.Context, name string) ([]netip.Addr, error) {
	if a, err := netip.ParseAddr(name); err == nil {
		return []netip.Addr{a}, nil
	}
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	return net.DefaultResolver.LookupNetIP(ctx, "ip", name)
}
