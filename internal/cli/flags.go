package cli

import (
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// runFlags are the flags of a run. Those that Locust has bear its names.
type runFlags struct {
	users     int           // 0: as the profile says
	spawnRate float64       // users a second; 0: as the profile says
	runTime   time.Duration // 0: as the profile says, or until stopped
	target    string
	profile   string
	headless  bool
	csv       string // prefix of the CSV files
	out       string // folder of the results
	seed      seed

	acceptInvalid bool
}

// register adds the flags to a command.
func (f *runFlags) register(cmd *cobra.Command) {
	fs := cmd.Flags()
	fs.SortFlags = false
	fs.VarP(atLeastOne{&f.users}, "users", "u", "`NUMBER` of users")
	fs.VarP(positive{&f.spawnRate}, "spawn-rate", "r", "`USERS` to start each second")
	fs.VarP(duration{&f.runTime}, "run-time", "t", "stop after `TIME`: 300s, 20m, 3h, 1h30m, or seconds")
	fs.StringVarP(&f.target, "target", "H", "", "`URL` to load instead of the scenario's target")
	fs.StringVar(&f.target, "host", "", "the same as --target")
	fs.StringVar(&f.profile, "profile", "", "`NAME` of the load profile to follow")
	fs.BoolVar(&f.headless, "headless", false, "no screen: a line a second, then the results")
	fs.StringVar(&f.csv, "csv", "", "write the CSV files as `PREFIX`_stats.csv and so on")
	fs.StringVar(&f.out, "out", "", "write all results into the folder `DIR`")
	fs.Var(&f.seed, "seed", "`NUMBER` that makes the random values the same again")
	fs.BoolVar(&f.acceptInvalid, "accept-invalid", false, "exit with 0 also where the verdict is INVALID")
	cmd.MarkFlagsMutuallyExclusive("target", "host")
}

// seed is a number that may be absent.
type seed struct {
	value uint64
	given bool
}

func (s *seed) Set(text string) error {
	v, err := strconv.ParseUint(text, 0, 64)
	if err != nil {
		return errors.New("must be a whole number, 0 or more")
	}
	*s = seed{v, true}
	return nil
}

func (s *seed) String() string {
	if !s.given {
		return ""
	}
	return strconv.FormatUint(s.value, 10)
}

func (s *seed) Type() string { return "number" }

// atLeastOne is a flag for a whole number from 1.
type atLeastOne struct{ v *int }

func (n atLeastOne) Set(text string) error {
	v, err := strconv.Atoi(text)
	if err != nil || v < 1 {
		return errors.New("must be a whole number from 1")
	}
	*n.v = v
	return nil
}

func (n atLeastOne) String() string {
	if n.v == nil || *n.v == 0 {
		return ""
	}
	return strconv.Itoa(*n.v)
}

func (n atLeastOne) Type() string { return "number" }

// positive is a flag for a number above 0.
type positive struct{ v *float64 }

func (n positive) Set(text string) error {
	v, err := strconv.ParseFloat(text, 64)
	if err != nil || !(v > 0 && v <= 1e9) {
		return errors.New("must be a number above 0")
	}
	*n.v = v
	return nil
}

func (n positive) String() string {
	if n.v == nil || *n.v == 0 {
		return ""
	}
	return strconv.FormatFloat(*n.v, 'g', -1, 64)
}

func (n positive) Type() string { return "number" }

// duration is a flag for a time above 0: as Go writes it, or a number of
// seconds, as Locust takes it.
type duration struct{ v *time.Duration }

func (d duration) Set(text string) error {
	v, err := time.ParseDuration(text)
	if seconds, notNumber := strconv.ParseFloat(text, 64); notNumber == nil && seconds < 1e9 {
		v, err = time.Duration(seconds*float64(time.Second)), nil
	}
	if err != nil || v <= 0 {
		return errors.New("must be a time such as 300s, 20m, 3h, 1h30m, or a number of seconds")
	}
	*d.v = v
	return nil
}

func (d duration) String() string {
	if d.v == nil || *d.v == 0 {
		return ""
	}
	return fmt.Sprint(*d.v)
}

func (d duration) Type() string { return "time" }

var _ = []pflag.Value{&seed{}, atLeastOne{}, positive{}, duration{}}
