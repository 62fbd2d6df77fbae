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
	if r.cfg.Client.Allow != nil {
		return nil
	}
	s := r.cfg.Scenario
	hosts := append([]string{}, s.AllowHosts...)
	if s.Target != nil && s.Target.Scheme != "unix" {
		hosts = append(hosts, hostPort(s.Target))
	}
	allow, err := client.NewRules(hosts, r.cfg.LinkLocal)
	if err != nil {
		return fmt.Errorf("where requests may go: %w", err)
	}
	if err := allow.AllowPublic(r.cfg.Public...); err != nil {
		return fmt.Errorf("where requests may go: %w", err)
	}
	r.cfg.Client.Allow = allow
	return nil
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
	return func(req *scenarios.Request) client.Client { return newClient(o, req) }
}

// newClient chooses the path for requests like this one: the fast one, unless
// the scenario asks for the other or for what only that can do.
func newClient(o *client.Options, req *scenarios.Request) client.Client {
	std := req.Client == "std" || req.HTTPVersion != "" && req.HTTPVersion != "1.1" || o.Proxy != nil
	if std && req.Client != "raw" {
		return client.NewStd(o, req.HTTPVersion)
	}
	return client.NewRaw(o)
}
