package cli

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"text/tabwriter"
	"time"

	"brink/runner/oracle"
)

// plans are the latencies that the hostile server offers under /plan/NAME.
var plans = map[string]oracle.Plan{
	"constant":  oracle.Constant(20 * time.Millisecond),
	"uniform":   oracle.Uniform(10*time.Millisecond, 50*time.Millisecond),
	"bimodal":   oracle.Bimodal(10*time.Millisecond, 200*time.Millisecond, 0.05),
	"lognormal": oracle.LogNormal(20*time.Millisecond, 0.5),
	"pareto":    oracle.Pareto(10*time.Millisecond, 2*time.Second, 2.5),
}

// serveHostile starts the server that misbehaves, until a signal.
func (p *program) serveHostile(ctx context.Context, addr string) error {
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	s, err := oracle.Start(addr, oracle.Options{Hostile: true, Plans: plans})
	if err != nil {
		return err
	}
	defer s.Close()
	fmt.Fprintf(p.out, "The hostile server listens on %s\n", s.URL())
	w := tabwriter.NewWriter(p.out, 0, 0, 2, ' ', 0)
	for _, b := range s.Behaviours() {
		fmt.Fprintf(w, "%s\t%s\n", b.URL, b.What)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	fmt.Fprintf(p.err, "%s/oracle counts what it was asked, %s/plan/NAME takes the time of a plan; %s/ lists all. Ctrl+C ends it\n", s.URL(), s.URL(), s.URL())
	<-ctx.Done()
	return nil
}
