package runner

import (
	"slices"
	"testing"
	"time"

	"brink/runner/oracle"
	"brink/runner/stats"
)

// In fake time nobody else uses the machine, so the measured percentiles must
// be those of the times that the target took, within 1 % and 100 µs, for models
// that answer in half a millisecond as for those that take seconds. On the wire
// TestLatenciesAreThoseOfThePlan shows the same.
func TestLatenciesInFakeTimeAreThoseOfThePlan(t *testing.T) {
	const ms = time.Millisecond
	for name, plan := range map[string]oracle.Plan{
		"constant":  oracle.Constant(3 * ms),
		"uniform":   oracle.Uniform(ms/2, 20*ms),
		"bimodal":   oracle.Bimodal(2*ms, 800*ms, 0.05),
		"lognormal": oracle.LogNormal(5*ms, 1),
		"pareto":    oracle.Pareto(2*ms, 30*time.Second, 1.5),
	} {
		for model, change := range map[string]func(*Config){
			"open":   openModel(200, 2000, time.Minute),
			"closed": func(c *Config) { c.Users, c.RunTime = 20, 5*time.Second },
		} {
			t.Run(name+" "+model, func(t *testing.T) {
				t.Parallel()
				holdsThePlan(t, plan, change)
			})
		}
	}
}

func holdsThePlan(t *testing.T, plan oracle.Plan, change func(*Config)) {
	var took []time.Duration
	tr := try(t, one, 0, func(c *Config) {
		change(c)
		c.Grace = time.Minute
	}, func(tr *trial) {
		tr.target.answer(func(string) time.Duration {
			took = append(took, plan.At(int64(len(took)))) // under the target's lock
			return took[len(took)-1]
		}, nil)
	})
	r := tr.summary.Find(stats.Route{Method: "GET", Name: "root"})
	if n := r.OK.Count(); n < 2000 || n != int64(len(took)) {
		t.Fatalf("%d requests succeeded, the target answered %d", n, len(took))
	}
	slices.Sort(took)
	for _, permille := range []int{500, 900, 990, 999} {
		p, rank := float64(permille)/10, (permille*len(took)+999)/1000
		got, want := r.OK.Percentile(p), took[rank-1]
		if off := (got - want).Abs(); off > want/100+100*time.Microsecond {
			t.Errorf("p%g of %d is %v, the target took %v", p, len(took), got, want)
		}
	}
}
