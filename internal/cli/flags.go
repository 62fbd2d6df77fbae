package cli

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"brink/runner/stats"
	"brink/tui"
)

// runFlags are the flags of a run. Those that Locust has bear its names.
type runFlags struct {
	users     int           // 0: as the profile says
	spawnRate float64       // users a second; 0: as the profile says
	runTime   time.Duration // 0: as the profile says, or until stopped
	profile   string

	target      string
	tags        []string
	excludeTags []string
	seed        seed

	headless bool
	keys     tui.Keys
	onHangup hangup

	csv       string // prefix of the CSV files
	csvCompat csvCompat
	out       string // folder of the results

	thresholds    []stats.Threshold // beside the scenario's
	acceptInvalid bool

	mayLoad        []string // public hosts that may be loaded
	ceiling        ceiling
	allowLinkLocal bool
	maxRunTime     time.Duration
	keepFailing    bool
}

// defaultMaxRunTime ends a run that was forgotten.
const defaultMaxRunTime = 12 * time.Hour

// register adds the flags to a command, in the order in which help shows them.
func (f *runFlags) register(cmd *cobra.Command) {
	fs := cmd.Flags()
	fs.SortFlags = false

	fs.VarP(atLeastOne{&f.users}, "users", "u", "`NUMBER` of users")
	fs.VarP(positive{&f.spawnRate}, "spawn-rate", "r", "`USERS` to start each second")
	fs.VarP(duration{&f.runTime}, "run-time", "t", "stop after `TIME`: 300s, 20m, 3h, 1h30m, or seconds")
	fs.StringVar(&f.profile, "profile", "", "`NAME` of the load profile to follow, or a file with one")

	fs.StringVarP(&f.target, "target", "H", "", "`URL` to load instead of the scenario's target")
	fs.StringVar(&f.target, "host", "", "`URL`, the same as --target")
	cmd.MarkFlagsMutuallyExclusive("target", "host")
	fs.StringSliceVar(&f.tags, "tags", nil, "only the tasks with one of these `TAGS`")
	fs.StringSliceVar(&f.excludeTags, "exclude-tags", nil, "no task with one of these `TAGS`")
	fs.Var(&f.seed, "seed", "`NUMBER` that makes the random values the same again")

	fs.BoolVar(&f.headless, "headless", false, "no screen: a line a second, then the results")
	fs.Var(keys{&f.keys}, "keys", "`SET` of keys: brink, or locust for w W s S as well")
	fs.Var(&f.onHangup, "on-hangup", "when the terminal goes away: stop, or continue without it (`DO`)")

	fs.StringVar(&f.csv, "csv", "", "write the CSV files as `PREFIX`_stats.csv and so on")
	fs.Var(&f.csvCompat, "csv-compat", "locust: round times in the CSV files as Locust does (`HOW`)")
	fs.StringVar(&f.out, "out", "", "write all results into the folder `DIR`")

	fs.Var(&thresholds{&f.thresholds}, "threshold", "a further threshold, such as \"p95 of predict < 200ms\" (`TEXT`; repeatable)")
	fs.BoolVar(&f.acceptInvalid, "accept-invalid", false, "exit with 0 also where the verdict is INVALID")

	fs.StringSliceVar(&f.mayLoad, "yes-i-may-load", nil, "load the public host `HOST`, which is yours to load")
	fs.Var(&f.ceiling, "ceiling", "raise the limits on public hosts to `RATE[,CONNECTIONS]`")
	fs.BoolVar(&f.allowLinkLocal, "allow-link-local", false, "allow link-local and cloud metadata addresses")
	f.maxRunTime = defaultMaxRunTime
	fs.Var(duration{&f.maxRunTime}, "max-run-time", "stop after `TIME` whatever else was asked for")
	fs.BoolVar(&f.keepFailing, "keep-failing", false, fmt.Sprintf("go on also where over 90 %% of the requests fail for %s", failingFor))
}

// failingFor is how long nearly all requests must fail for a run to end itself.
const failingFor = time.Minute
