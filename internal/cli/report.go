package cli

import (
	"cmp"
	"errors"
	"fmt"
	"path/filepath"

	"github.com/spf13/cobra"

	"brink/reports"
)

// reportFlags are the flags of `brink report`.
type reportFlags struct {
	csv, out  string
	csvCompat csvCompat
	force     bool
	readme    string
	quiet     bool
}

// reportCommand is `brink report`.
func (p *program) reportCommand() *cobra.Command {
	f := new(reportFlags)
	cmd := &cobra.Command{
		Use:   "report [DIR]",
		Short: "Make the reports of a run from its record",
		Long: `report makes every report of a run from the record in its folder, also of a run
that crashed: it says what is missing. Without DIR it takes the latest run in
./results. Files that are there already are kept, unless --force is given.`,
		Example: `  brink report                                       the latest run
  brink report results/demo-20260314-092653          what a crash left
  brink report --csv-compat locust --csv old/run     CSV files rounded as Locust's
  brink report --update-readme README.md             the table, between
                                                     <!-- brink:begin --> and <!-- brink:end -->`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return p.makeReports(args, f) },
	}
	fs := cmd.Flags()
	fs.SortFlags = false
	fs.StringVar(&f.csv, "csv", "", "write the CSV files as `PREFIX`_stats.csv and so on")
	fs.Var(&f.csvCompat, "csv-compat", "locust: round times in the CSV files as Locust does (`HOW`)")
	fs.StringVar(&f.out, "out", "", "write the reports into the folder `DIR` instead of the run's")
	fs.BoolVar(&f.force, "force", false, "overwrite reports that are there already")
	fs.StringVar(&f.readme, "update-readme", "", "write the table of results between the two markers of `FILE`, and no other report")
	fs.BoolVarP(&f.quiet, "quiet", "q", false, "print no summary")
	return cmd
}

func (p *program) makeReports(args []string, f *reportFlags) error {
	rec, err := openRecord(args)
	if err != nil {
		return err
	}
	rec.Header.LocustRounding = rec.Header.LocustRounding || f.csvCompat.locust
	if f.readme != "" {
		if err := reports.UpdateReadme(f.readme, rec); err != nil {
			return exit(ExitUnsaved, err)
		}
		fmt.Fprintln(p.out, f.readme)
		return nil
	}
	o := reports.Output{Dir: f.out, CSVPrefix: f.csv, Existing: reports.Keep}
	if f.force {
		o.Existing = reports.Replace
	}
	paths, unsaved := reports.Write(rec, o)
	if !f.quiet {
		if err := reports.Console(p.colours(), p.columns())(p.out, rec); err != nil {
			return exit(ExitUnsaved, errors.Join(unsaved, err))
		}
	}
	p.printPaths(paths, unsaved)
	if unsaved != nil {
		return exit(ExitUnsaved, fmt.Errorf("reports could not be written: %w", unsaved))
	}
	return nil
}

// printPaths says which reports were written.
func (p *program) printPaths(paths []string, unsaved error) {
	switch {
	case len(paths) > 0:
		fmt.Fprintln(p.out, "\nSaved:")
		for _, line := range listPaths(paths, p.columns()) {
			fmt.Fprintln(p.out, line)
		}
	case unsaved == nil:
		fmt.Fprintln(p.err, "All reports are there already; --force makes them anew.")
	}
}

// listPaths lists paths, one a line for programs that read them; on a terminal
// of so many columns by folder, so that the summary above them stays in sight.
func listPaths(paths []string, columns int) []string {
	var lines []string
	if columns == 0 {
		for _, path := range paths {
			lines = append(lines, "  "+path)
		}
		return lines
	}
	folder := ""
	for i, path := range paths {
		dir, name := filepath.Split(path)
		switch last := len(lines) - 1; {
		case i == 0 || dir != folder:
			lines, folder = append(lines, "  "+cmp.Or(dir, "."), "    "+name), dir
		case len(lines[last])+2+len(name) > columns:
			lines = append(lines, "    "+name)
		default:
			lines[last] += "  " + name
		}
	}
	return lines
}

// openRecord opens the record that an argument names, or the latest.
func openRecord(args []string) (*reports.Record, error) {
	if len(args) > 0 {
		return reports.Open(args[0])
	}
	dir, err := reports.Latest(resultsFolder)
	if err != nil {
		return nil, fmt.Errorf("%w; give the folder of one", err)
	}
	return reports.Open(dir)
}
