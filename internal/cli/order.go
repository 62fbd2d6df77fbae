package cli

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"brink/reports"
	"brink/runner"
	"brink/runner/stats"
	"brink/scenarios"
)

// order is a run as a user asks for it, with flags or on the screen.
type order struct {
	scenario  *scenarios.Scenario
	profile   string        // name; empty: users by hand
	users     int           // 0: as the profile says
	spawnRate float64       // users a second; 0: as the profile says
	runTime   time.Duration // 0: as the profile says, or until stopped
	ceiling   ceiling       // the most that the target gets; set by the doors
	public    []string      // hosts that may be loaded at public addresses; set by the doors
	flags     *runFlags
	notYet    func(*runner.NotReadyError) // told while the target is not ready; may be nil
	remember  int                         // seconds kept for a screen that joins late or is slow
}

// orderOf is the order that flags alone make. Without --profile it is the
// scenario's default profile, unless users are given: those are then held.
func orderOf(s *scenarios.Scenario, f *runFlags) (*order, error) {
	o := &order{scenario: s, profile: f.profile, users: f.users, spawnRate: f.spawnRate, runTime: f.runTime, flags: f}
	if o.profile == "" && o.users == 0 {
		o.profile = s.Default
	}
	return o, o.check()
}

// check says what cannot be done of the order, and gives the scenario the
// thresholds of the command line.
func (o *order) check() error {
	if _, err := o.plan(); err != nil {
		return err
	}
	if f := o.flags; o.runTime > f.maxRunTime {
		return fmt.Errorf("a run time of %s is longer than --max-run-time %s, which ends every run: raise that", duration{&o.runTime}, duration{&f.maxRunTime})
	}
	s, err := o.withThresholds()
	if err == nil {
		o.scenario = s
	}
	return err
}

// plan returns the profile to follow; nil means users held by hand.
func (o *order) plan() (*scenarios.Profile, error) {
	if o.profile == "" {
		return nil, nil
	}
	p, ok := o.scenario.Profile(o.profile)
	switch ext := filepath.Ext(o.profile); {
	case !ok && (ext == ".yaml" || ext == ".yml"):
		var err error
		if p, err = scenarios.LoadProfile(o.profile); err != nil {
			return nil, err
		}
	case !ok:
		return nil, fmt.Errorf("%s has no profile %q; it has %s", o.scenario.Name, o.profile, profileNames(o.scenario))
	}
	return p.Sized(o.users, o.spawnRate, o.runTime)
}

// withThresholds returns the scenario with the thresholds of the command line
// beside its own, once.
func (o *order) withThresholds() (*scenarios.Scenario, error) {
	s := *o.scenario
	for _, t := range o.flags.thresholds {
		known := t.Route == "" || slices.ContainsFunc(s.Routes, func(r stats.Route) bool { return t.Route == r.Name || t.Route == r.String() })
		if !known {
			return nil, fmt.Errorf("--threshold %q: %s has no route %q; it has %s", t.Text, s.Name, t.Route, routeNames(s.Routes))
		}
		if !slices.ContainsFunc(s.Thresholds, func(has stats.Threshold) bool { return has.Text == t.Text }) {
			s.Thresholds = append(slices.Clip(s.Thresholds), t)
		}
	}
	return &s, nil
}

func routeNames(routes []stats.Route) string {
	names := make([]string, len(routes))
	for i, r := range routes {
		names[i] = r.Name
	}
	return strings.Join(names, ", ")
}

// describe says in a line what the order does.
func (o *order) describe() string {
	load := o.profile
	if load == "" {
		load = amount(max(1, o.users), "user")
	} else {
		load = "profile " + load
	}
	text := fmt.Sprintf("%s on %s", load, o.scenario.Target.Redacted())
	if o.scenario.Ready != nil {
		text += ", once it is ready"
	}
	return text
}

func profileNames(s *scenarios.Scenario) string {
	names := make([]string, len(s.Profiles))
	for i := range s.Profiles {
		names[i] = s.Profiles[i].Name
	}
	return strings.Join(names, ", ")
}

// config is what the runner gets.
func (o *order) config(profile *scenarios.Profile, id string, seed uint64) runner.Config {
	c := runner.Config{
		Scenario:  o.scenario,
		Profile:   profile,
		Users:     o.users,
		SpawnRate: o.spawnRate,
		RunTime:   o.runTime,
		Seed:      seed,
		RunID:     id,
		Ceiling:   runner.Ceiling{Rate: o.ceiling.rate, Connections: o.ceiling.connections},
		LinkLocal: o.flags.allowLinkLocal,
		Public:    o.public,
		Failing:   failingFor,
		NotYet:    o.notYet,
		Remember:  o.remember,
	}
	if o.flags.keepFailing {
		c.Failing = 0
	}
	return c
}

// resultsFolder is where each run gets a folder of its own.
const resultsFolder = "results"

// output says where the results go.
func (o *order) output(at time.Time) reports.Output {
	out := reports.Output{Dir: o.flags.out, CSVPrefix: o.flags.csv}
	if out.Dir != "" {
		return out
	}
	own := filepath.Join(resultsFolder, reports.FolderName(o.scenario.Name, at))
	out.Dir = own
	for n := 2; exists(out.Dir); n++ {
		out.Dir = fmt.Sprintf("%s-%d", own, n) // another run began in the same second
	}
	return out
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

// header is what the record says of the run before its first second.
func (p *program) header(o *order, profile *scenarios.Profile, id string, seed uint64) reports.Header {
	h := reports.NewHeader(o.scenario)
	h.Version, h.Command, h.RunID, h.Seed = version(), commandLine(o.scenario, p.args), id, seed
	h.Tags, h.LocustRounding = o.flags.tags, o.flags.csvCompat.locust
	h.Profile, h.Users, h.SpawnRate, h.RunTime = o.profile, o.users, o.spawnRate, o.runTime
	if profile != nil {
		h.Users, h.SpawnRate, h.RunTime = profile.Users, profile.SpawnRate, profile.RunTime
	}
	return h
}

// commandLine is the command as it could be typed again, secrets masked.
func commandLine(s *scenarios.Scenario, args []string) string {
	words := []string{"brink"}
	for _, a := range args {
		if strings.ContainsAny(a, " \t\n'\"$\\&|;<>*?()") || a == "" {
			a = "'" + strings.ReplaceAll(a, "'", `'\''`) + "'"
		}
		words = append(words, a)
	}
	return s.Mask(credentials.ReplaceAllString(strings.Join(words, " "), "://***@"))
}

// credentials are a name and password within a URL.
var credentials = regexp.MustCompile(`://[^/@\s]*@`)

// runID names a run, for {{ run.id }} and the record: its time and a random end.
func runID(at time.Time) string {
	return at.Format("20060102-150405-") + strconv.FormatUint(uint64(rand.Uint32()), 36)
}
