package cli

import (
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"brink/reports"
	"brink/runner/stats"
)

// gateCommand is `brink gate`.
func (p *program) gateCommand() *cobra.Command {
	var limits []stats.Threshold
	cmd := &cobra.Command{
		Use:   "gate STATS.csv --threshold TEXT …",
		Short: "Hold thresholds against a _stats.csv of brink or of Locust",
		Long: `gate reads a _stats.csv, of brink or of Locust, and exits with 0 where every
threshold holds and at least one request succeeded, and with 1 where not. A
percentile that rests on too few requests fails and says so: p99 needs 299.

Since the file has the whole run alone, thresholds with "over" or "after" need
the scenario's own thresholds during a run.`,
		Example: `  brink gate results_stats.csv --threshold "p95 < 300ms" --threshold "error_rate < 1%"
  brink gate run_stats.csv --threshold "p99 of \"POST predict\" < 2s"`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return p.gate(args[0], limits) },
	}
	cmd.Flags().Var(&thresholds{&limits}, "threshold", "what must hold, such as \"p95 of predict < 200ms\" (`TEXT`; repeatable)")
	return cmd
}

// gate holds the thresholds against the file.
func (p *program) gate(path string, limits []stats.Threshold) error {
	if len(limits) == 0 {
		return errors.New("there is nothing to hold: give at least one --threshold \"p95 < 300ms\"")
	}
	in, err := os.Open(path)
	if err != nil {
		return err
	}
	defer in.Close()
	file, err := reports.ReadStats(in)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	var results []reports.ThresholdResult
	held := true
	for _, t := range limits {
		r, err := file.Check(t)
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		held = held && r.Held
		results = append(results, reports.ThresholdResult{Text: t.Text, Held: r.Held, Measured: r.Measured, Note: r.Note})
	}
	if err := reports.Thresholds(p.out, results, p.colours()); err != nil {
		return err
	}
	switch requests, failures := file.Total(); {
	case requests == failures:
		return exit(ExitFailed, errors.New("no request succeeded"))
	case !held:
		return exit(ExitFailed, errors.New("a threshold failed"))
	}
	return nil
}
