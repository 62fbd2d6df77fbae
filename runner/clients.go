package runner

import (
	"fmt"
	"net/url"
	"time"

	"brink/runner/client"
	"brink/scenarios"
)

// prepareClients makes the options that all clients share.
func (r *Runner) prepareClients() error {
	if r.cfg.Client == nil {
		r.cfg.Client = new(client.Options)
	}
	r.cfg.Client.FitInto(memoryLimit())
	r.cfg.Client.MaxConns = r.cfg.Ceiling.Connections
	if r.cfg.Client.Allow != nil {
		return nil
	}
	allow, err := Rules(r.cfg.Scenario, r.cfg.LinkLocal, r.cfg.Public...)
	if err != nil {
		return err
	}
	r.cfg.Client.Allow = allow
	return nil
}

// Rules returns where a scenario's requests may go: to its target and the hosts
// that it allows beside it. Those of them named in public may be at public
// addresses.
func Rules(s *scenarios.Scenario, linkLocal bool, public ...string) (*client.Rules, error) {
	hosts := append([]string{}, s.AllowHosts...)
	if s.Target != nil && s.Target.Scheme != "unix" {
		hosts = append(hosts, hostPort(s.Target))
	}
	allow, err := client.NewRules(hosts, linkLocal)
	if err == nil {
		err = allow.AllowPublic(public...)
	}
	if err != nil {
		return nil, fmt.Errorf("where requests may go: %w", err)
	}
	return allow, nil
}

// hostPort returns the host of a URL with its port, the scheme's where it
// names none: other ports of the host are not the target.
func hostPort(u *url.URL) string {
	switch {
	case u.Port() != "":
		return u.Host
	case u.Scheme == "https":
		return u.Host + ":443"
	}
	return u.Host + ":80"
}

// clientFactory returns how a user's clients are made, with the clock of the
// run.
func (r *Runner) clientFactory(clock func() time.Duration) func(*scenarios.Request) client.Client {
	if r.cfg.NewClient != nil {
		return r.cfg.NewClient
	}
	o := r.cfg.Client
	o.Clock = clock
	return func(req *scenarios.Request) client.Client { return NewClient(o, req) }
}

// NewClient returns a client for one user's requests like this one: the fast
// one, unless the scenario asks for the other or for what only that can do.
func NewClient(o *client.Options, req *scenarios.Request) client.Client {
	std := req.Client == "std" || req.HTTPVersion != "" && req.HTTPVersion != "1.1" || o.Proxy != nil
	if std && req.Client != "raw" {
		return client.NewStd(o, req.HTTPVersion)
	}
	return client.NewRaw(o)
}
