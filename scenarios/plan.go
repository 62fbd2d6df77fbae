package scenarios

import (
	"strconv"
	"strings"
)

// profiles reads the profiles, and which of them is used when none is asked
// for. The built-in ones follow; one of the file's with the same name wins.
func (d *decoder) profiles(all, chosen *node) {
	s := d.scenario
	if all != nil && all.kind != kindObject {
		d.fail(all.pos, "write name: { users: 10, run_time: 1m }", "profiles must be an object, not %s", kindWords[all.kind])
	} else if all != nil {
		for _, p := range all.pairs {
			if profile, ok := d.profile(p.key, p.value); ok {
				s.Profiles = append(s.Profiles, profile)
			}
		}
	}
	if chosen != nil && chosen.kind == kindObject {
		if profile, ok := d.profile("default", chosen); ok {
			s.Profiles, s.Default = append([]Profile{profile}, s.Profiles...), "default"
		}
	}
	for _, b := range builtinProfiles() {
		if _, own := s.Profile(b.Name); !own {
			s.Profiles = append(s.Profiles, b)
		}
	}
	if chosen == nil || chosen.kind == kindObject {
		return
	}
	s.Default = d.str(chosen)
	if _, ok := s.Profile(s.Default); !ok {
		var names []string
		for _, p := range s.Profiles {
			names = append(names, p.Name)
		}
		d.fail(chosen.pos, suggest(s.Default, names), "no profile is called %q", s.Default)
	}
}

func (d *decoder) profile(name string, n *node) (Profile, bool) {
	f, ok := d.keys(n, profileShape)
	if !ok {
		return Profile{}, false
	}
	p := Profile{
		Name:      name,
		Users:     d.whole(f.get("users"), 0, maxUsers),
		SpawnRate: d.number(f.get("spawn_rate"), 0, maxUsers),
		RunTime:   d.duration(f.get("run_time")),
		Rate:      d.rate(f.get("rate")),
		Poisson:   d.oneOf(f.get("arrivals"), "constant", "poisson") == "poisson",
		MaxUsers:  d.whole(f.get("max_users"), 1, maxUsers),
	}
	d.stages(&p, f.get("stages"))
	d.contradictions(&p, f)
	if p.Open() && p.MaxUsers == 0 {
		p.MaxUsers = defaultMaxUsers
	}
	return p, true
}

// defaultMaxUsers bounds the users of the open model in a file that says
// nothing.
const defaultMaxUsers = 1000

// contradictions reports keys that do not go together.
func (d *decoder) contradictions(p *Profile, f fields) {
	users, rate, staged := f.get("users"), f.get("rate"), f.get("stages")
	switch {
	case staged != nil && users != nil:
		d.fail(users.pos, "say it in the stages", "users stand beside stages")
	case staged != nil && rate != nil:
		d.fail(rate.pos, "say it in the stages", "a rate stands beside stages")
	case users != nil && rate != nil:
		d.fail(users.pos, "max_users bounds the users of a rate", "a profile has either users or a rate")
	case users == nil && rate == nil && staged == nil:
		d.fail(f.node.pos, "for example { users: 10, spawn_rate: 2, run_time: 1m }", "the profile says neither users nor rate nor stages")
	}
	if run := f.get("run_time"); run != nil && staged != nil {
		d.fail(run.pos, "the stages say how long it takes", "a run_time stands beside stages")
	}
	if spawn := f.get("spawn_rate"); spawn != nil && (staged != nil || rate != nil) {
		d.fail(spawn.pos, "", "spawn_rate belongs to users alone")
	}
	if !p.Open() {
		for _, key := range []string{"arrivals", "max_users"} {
			if n := f.get(key); n != nil {
				d.fail(n.pos, "give a rate", "%s belongs to a profile with a rate", key)
			}
		}
	}
}

func (d *decoder) stages(p *Profile, n *node) {
	if n == nil {
		return
	}
	if n.kind != kindList || len(n.items) == 0 {
		d.fail(n.pos, "for example - { users: 20, over: 10s, for: 30s }", "stages must be a list with at least one stage")
		return
	}
	for _, item := range n.items {
		f, ok := d.keys(item, stageShape)
		if !ok {
			continue
		}
		users, rate := f.get("users"), f.get("rate")
		if count(users, rate) != 1 {
			d.fail(item.pos, "for example { users: 20, over: 10s, for: 30s }", "a stage has either users or a rate")
		}
		first := n.items[0]
		if rate != nil && first.get("rate") == nil || users != nil && first.get("users") == nil {
			d.fail(item.pos, "make two profiles of it", "some stages have users and some a rate")
		}
		s := Stage{
			Name: d.str(f.get("name")), Users: d.whole(users, 0, maxUsers), Rate: d.rate(rate),
			Over: d.duration(f.get("over")), For: d.duration(f.get("for")),
		}
		if s.Over == 0 && s.For == 0 {
			d.fail(item.pos, "give it over: or for:", "a stage takes some time")
		}
		p.Stages = append(p.Stages, s)
	}
}

var rateUnits = map[string]float64{"s": 1, "m": 60, "h": 3600}

// rate reads arrivals: 200/s, 90/m, 1000/h; a plain number is a second's.
func (d *decoder) rate(n *node) float64 {
	if n == nil {
		return 0
	}
	number, unit, ok := strings.Cut(n.text, "/")
	per, known := rateUnits[strings.TrimSpace(unit)]
	if !ok {
		per, known = 1, true
	}
	v, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
	if err != nil || !known || n.kind >= kindList {
		d.fail(n.pos, "for example 200/s, 90/m, 1000/h", "a rate is needed here, not %s", d.shown(n))
		return 0
	}
	if !(v >= 0 && v/per <= 10_000_000) {
		d.fail(n.pos, "", "the rate %s is out of range", n.text)
		return 0
	}
	return v / per
}
