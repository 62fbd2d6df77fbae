package cli

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/guptarohit/asciigraph"

	"brink/runner"
	"brink/scenarios"
)

// describe says in plain words what a scenario does.
func describe(w io.Writer, s *scenarios.Scenario) {
	fmt.Fprintf(w, "%s → %s\n", s.Name, s.Mask(s.Target.Redacted()))
	if len(s.AllowHosts) > 0 {
		fmt.Fprintf(w, "It may also go to %s.\n", strings.Join(s.AllowHosts, ", "))
	}
	if r := s.Ready; r != nil {
		fmt.Fprintf(w, "No load before %s %s is answered as expected, for up to %s.\n", r.Step.Method, r.Step.Name, span(r.Timeout))
	}
	for _, d := range s.Data {
		fmt.Fprintf(w, "Rows of %s as %q, %s.\n", d.File, d.Name, orderWords[d.Order])
	}
	fmt.Fprintln(w)
	total := 0
	for _, c := range s.Users {
		total += c.Weight
	}
	for _, c := range s.Users {
		describeUsers(w, s, c, total)
	}
	describeProfiles(w, s)
	if len(s.Thresholds) > 0 {
		fmt.Fprintln(w, "The run passes if")
		for _, t := range s.Thresholds {
			fmt.Fprintf(w, "  %s\n", t.Text)
		}
	}
}

var orderWords = map[scenarios.Order]string{
	scenarios.Random:     "in random order",
	scenarios.Sequential: "one after the other, again and again",
	scenarios.Once:       "each one once; users end when there are none left",
	scenarios.PerUser:    "one for each user",
}

func describeUsers(w io.Writer, s *scenarios.Scenario, c *scenarios.UserClass, total int) {
	switch {
	case c.Fixed > 0:
		fmt.Fprintf(w, "%s: exactly %d, %s\n", c.Name, c.Fixed, waiting(c.Wait))
	case len(s.Users) == 1:
		fmt.Fprintf(w, "Each user, %s:\n", waiting(c.Wait))
	default:
		fmt.Fprintf(w, "%s: %s of the users, %s\n", c.Name, percent(c.Weight, total), waiting(c.Wait))
	}
	if len(c.OnStart) > 0 {
		fmt.Fprintf(w, "   first  %s\n", stepNames(c.OnStart))
	}
	sum := 0
	for _, t := range c.Tasks {
		sum += t.Weight
	}
	for _, t := range c.Tasks {
		tags := ""
		if len(t.Tags) > 0 {
			tags = "   [" + strings.Join(t.Tags, ", ") + "]"
		}
		fmt.Fprintf(w, "  %6s  %s%s\n", percent(t.Weight, sum), stepNames(t.Steps), tags)
	}
	if len(c.OnStop) > 0 {
		fmt.Fprintf(w, "    last  %s\n", stepNames(c.OnStop))
	}
	fmt.Fprintln(w)
}

func percent(n, of int) string {
	if of == 0 {
		return "0 %"
	}
	p := 100 * float64(n) / float64(of)
	if p == float64(int(p)) {
		return fmt.Sprintf("%.0f %%", p)
	}
	return fmt.Sprintf("%.1f %%", p)
}

func stepNames(steps []*scenarios.Step) string {
	names := make([]string, len(steps))
	for i, st := range steps {
		names[i] = st.Method + " " + st.Name
	}
	return strings.Join(names, ", then ")
}

// waiting says how long users of a class wait.
func waiting(w scenarios.Wait) string {
	switch w.Kind {
	case scenarios.WaitUniform:
		return fmt.Sprintf("waiting %s to %s between tasks", span(w.Min), span(w.Max))
	case scenarios.WaitPace:
		return fmt.Sprintf("at most one task each %s", span(w.Mean))
	case scenarios.WaitNormal:
		return fmt.Sprintf("waiting %s ± %s between tasks", span(w.Mean), span(w.Dev))
	case scenarios.WaitExponential:
		return fmt.Sprintf("waiting %s on average between tasks, exponentially distributed", span(w.Mean))
	}
	if w.Mean == 0 {
		return "without a pause between tasks"
	}
	return fmt.Sprintf("waiting %s between tasks", span(w.Mean))
}

// span writes a time without zero parts: 2m, not 2m0s.
func span(d time.Duration) string {
	if d == 0 {
		return "0 s"
	}
	return duration{&d}.String()
}

// describeProfiles draws the profile that is used when none is asked for, and
// names the others.
func describeProfiles(w io.Writer, s *scenarios.Scenario) {
	var others []string
	for i := range s.Profiles {
		if s.Profiles[i].Name != s.Default {
			others = append(others, s.Profiles[i].Name)
		}
	}
	p, ok := s.Profile(s.Default)
	if !ok {
		fmt.Fprintf(w, "No profile is the default: users are set by hand. Profiles: %s.\n\n", strings.Join(others, ", "))
		return
	}
	plan := runner.NewProfile(p)
	unit := "users"
	if p.Open() {
		unit = "arrivals a second"
	}
	length := plan.End()
	until := span(length)
	if length == 0 {
		length, until = time.Minute, "until stopped"
	}
	fmt.Fprintf(w, "Profile %s, %s; %s\n\n", p.Name, until, expected(s, p, plan))
	const columns = 60
	series := make([]float64, columns)
	for i := range series {
		series[i] = plan.At(time.Duration(float64(length) * (float64(i) + 0.5) / columns))
	}
	fmt.Fprintln(w, asciigraph.Plot(series, asciigraph.Height(6), asciigraph.LowerBound(0), asciigraph.Precision(0),
		asciigraph.Caption(fmt.Sprintf("%s over %s", unit, span(length)))))
	fmt.Fprintf(w, "\nOther profiles: %s.\n\n", strings.Join(others, ", "))
}

// assumed is the time an answer takes in an estimate.
const assumed = 100 * time.Millisecond

// expected estimates the requests a second at the plan's peak.
func expected(s *scenarios.Scenario, p *scenarios.Profile, plan *runner.Profile) string {
	if p.Open() {
		perTask := 0.0
		weighted(s, func(share float64, c *scenarios.UserClass) { perTask += share * stepsPerTask(c) })
		rate := plan.Peak()
		if perTask <= 1.01 {
			return fmt.Sprintf("up to %s requests/s, whatever the target does", rounded(rate))
		}
		return fmt.Sprintf("up to %s tasks/s and so %s requests/s, whatever the target does", rounded(rate), rounded(rate*perTask))
	}
	users, atOnce, slower := plan.Peak(), 0.0, 0.0
	unbounded := false
	weighted(s, func(share float64, c *scenarios.UserClass) {
		steps, wait := stepsPerTask(c), meanWait(c.Wait)
		busy := time.Duration(steps * float64(assumed))
		each := wait + busy
		if c.Wait.Kind == scenarios.WaitPace {
			each = max(wait, busy)
		}
		unbounded = unbounded || wait == 0
		atOnce += users * share * steps / wait.Seconds()
		slower += users * share * steps / each.Seconds()
	})
	if unbounded {
		return fmt.Sprintf("about %s requests/s where an answer takes %s, more where it is faster", rounded(slower), span(assumed))
	}
	return fmt.Sprintf("at most %s requests/s, about %s where an answer takes %s", rounded(atOnce), rounded(slower), span(assumed))
}

// weighted calls f with every class and its share of the users; those of a
// fixed number are left out unless there are no others.
func weighted(s *scenarios.Scenario, f func(share float64, c *scenarios.UserClass)) {
	total := 0
	for _, c := range s.Users {
		total += c.Weight
	}
	for _, c := range s.Users {
		switch {
		case total > 0:
			f(float64(c.Weight)/float64(total), c)
		default:
			f(1/float64(len(s.Users)), c)
		}
	}
}

// stepsPerTask is how many requests a task has on average.
func stepsPerTask(c *scenarios.UserClass) float64 {
	sum, steps := 0, 0
	for _, t := range c.Tasks {
		sum += t.Weight
		steps += t.Weight * len(t.Steps)
	}
	return float64(steps) / float64(max(1, sum))
}

func meanWait(w scenarios.Wait) time.Duration {
	if w.Kind == scenarios.WaitUniform {
		return (w.Min + w.Max) / 2
	}
	return w.Mean
}

// rounded writes a rate as one reads it: three digits.
func rounded(v float64) string {
	if v >= 100 {
		return strconv.FormatFloat(v, 'f', 0, 64)
	}
	return strconv.FormatFloat(v, 'g', 3, 64)
}
