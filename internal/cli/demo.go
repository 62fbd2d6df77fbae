package cli

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"brink/scenarios/demo"
)

// demoCommand is `brink demo`.
func (p *program) demoCommand() *cobra.Command {
	f := new(runFlags)
	var serve string
	var hostile bool
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Try brink on the model API inside it",
		Long: `demo starts a model API on a free port of this machine and opens the screen on a
scenario for it. The API has four model workers and a bounded queue: add users
until its latency climbs, then until it refuses requests.

With --serve it only starts the API, for use from elsewhere. Without a host in
the address nobody outside this machine can reach it.

With --hostile it serves something else: a server that misbehaves in every way
in which a server can, to try load testers and other clients on. It prints the
address of each misbehaviour.`,
		Example: `  brink demo                         the screen on the demo's own scenario
  brink demo --profile climb         over the knee and back by itself
  brink demo --headless -t 10s       the same without a screen
  brink demo --serve :8000           only the API, on 127.0.0.1:8000
  brink demo --hostile               a server that misbehaves, on a free port`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if hostile {
				return p.serveHostile(cmd.Context(), serve)
			}
			if cmd.Flags().Changed("serve") {
				return p.serveDemo(cmd.Context(), serve)
			}
			return p.runDemo(cmd.Context(), f)
		},
	}
	f.register(cmd)
	p.completeProfiles(cmd, demoName)
	cmd.Flags().StringVar(&serve, "serve", "", "only start the API, on `ADDR` (host:port; port 0: any free one)")
	cmd.Flags().BoolVar(&hostile, "hostile", false, "only start a server that misbehaves")
	return cmd
}

// serveDemo starts the target alone, until a signal.
func (p *program) serveDemo(ctx context.Context, addr string) error {
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	s, err := startDemo(addr)
	if err != nil {
		return err
	}
	fmt.Fprintf(p.out, "The demo API listens on %s\n", s.URL())
	fmt.Fprintln(p.err, "GET /health   POST /predict   POST /embed   GET /metrics   Ctrl+C ends it")
	<-ctx.Done()
	stop() // a second signal ends the process at once
	return endDemo(s)
}

// startDemo starts the target.
func startDemo(addr string) (*demo.Server, error) {
	s, err := demo.Start(addr, demo.Options{Seed: rand.Uint64()})
	if errors.Is(err, syscall.EADDRINUSE) {
		err = fmt.Errorf("%w; choose another port, or port 0 for any free one", err)
	}
	return s, err
}

// openDemo starts the target on a free port, once, and returns its address.
func (p *program) openDemo() (string, error) {
	p.opening.Lock() // the screen starts and tries in goroutines of its own
	defer p.opening.Unlock()
	if p.target == nil {
		s, err := startDemo("")
		if err != nil {
			return "", err
		}
		p.target = s
	}
	return p.target.URL(), nil
}

// closeDemo ends the target, if it was started, and gives requests in flight a
// moment.
func (p *program) closeDemo() {
	p.opening.Lock()
	defer p.opening.Unlock()
	if p.target != nil {
		_ = endDemo(p.target) // what it served is told, how it ended is of no use
		p.target = nil
	}
}

func endDemo(s *demo.Server) error {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	if err := s.Close(ctx); err != nil && !errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("ending the demo API: %w", err)
	}
	return nil
}
