package runner

import (
	"fmt"
	"math"

	"brink/runner/stats"
)

// spareFiles is how many file descriptors are left to what is not a user:
// journal, reports, terminal, the runtime.
const spareFiles = 32

// Warnings says what will go wrong with the load as planned, in whole
// sentences: users that cannot all have a connection because this machine's
// file descriptors or local ports do not suffice. It raises the limit of
// descriptors as far as it may. It is for before Run, which writes the same
// into the record as events.
func (r *Runner) Warnings() []string { return warnings(r.plan) }

func warnings(p *Profile) []string {
	users := p.MaxUsers()
	if p.Model() == stats.ClosedModel {
		users = int(math.Ceil(p.Peak()))
	}
	var out []string
	if limit := raiseFileLimit(users + spareFiles); limit > 0 && users+spareFiles > limit {
		out = append(out, fmt.Sprintf(
			"%d users need a connection each, but this process may open %d files only: at most %d users fit; raise the limit with ulimit -n",
			users, limit, max(0, limit-spareFiles)))
	}
	if ports := portLimit(); ports > 0 && users > ports {
		out = append(out, fmt.Sprintf(
			"%d users need a connection each, but this machine has %d local ports for one target: at most that many users fit (net.ipv4.ip_local_port_range)",
			users, ports))
	}
	return out
}

// warnOfLimits writes down what will go wrong with a course, once in a run: a
// key held down must not fill the record. mu is held.
func (c *conductor) warnOfLimits(p *Profile) {
	if c.warned {
		return
	}
	for _, text := range warnings(p) {
		c.warned = true
		c.note(stats.EventWarning, text)
	}
}
