package cli

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/charmbracelet/x/ansi"
	"github.com/spf13/cobra"

	"brink/runner/stats"
	"brink/scenarios"
)

// checkCommand is `brink check`.
func (p *program) checkCommand() *cobra.Command {
	var f runFlags
	var quiet bool
	cmd := &cobra.Command{
		Use:   "check FILE…",
		Short: "Find everything wrong with scenario files, and say what they do",
		Long: `check reads scenario files as a compiler reads programs: it says everything that
is wrong at once, each with its place in the file, and sends nothing. For a file
that is right it says in plain words what a run would do. Data files are read
whole.`,
		Example: `  brink check scenario.yaml
  brink check -q scenarios/*.yaml          in CI: only what is wrong
  brink check scenario.yaml --tags smoke   what is left with these tags`,
		Args:              cobra.MinimumNArgs(1),
		ValidArgsFunction: p.completeScenarios,
		RunE: func(_ *cobra.Command, args []string) error {
			return p.check(args, &f, quiet)
		},
	}
	fs := cmd.Flags()
	fs.SortFlags = false
	fs.StringVarP(&f.target, "target", "H", "", "check with the target `URL` instead of the scenario's")
	fs.StringSliceVar(&f.tags, "tags", nil, "only the tasks with one of these `TAGS`")
	fs.StringSliceVar(&f.excludeTags, "exclude-tags", nil, "no task with one of these `TAGS`")
	fs.BoolVarP(&quiet, "quiet", "q", false, "say nothing of files that are right")
	return cmd
}

// check checks each file and describes those that are right.
func (p *program) check(paths []string, f *runFlags, quiet bool) error {
	broken, described := 0, 0
	for _, path := range paths {
		s, err := p.load(path, f.target, f)
		if err == nil {
			err = s.CheckData()
		}
		if err != nil {
			broken++
			printProblems(p.err, err)
			continue
		}
		if !quiet {
			if described++; described > 1 {
				fmt.Fprintln(p.out)
			}
			describe(p.out, s)
		}
	}
	if broken > 0 {
		return exit(ExitUsage, fmt.Errorf("%d of %s cannot be used", broken, amount(len(paths), "file")))
	}
	return nil
}

// amount is a number with its noun.
func amount(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// printProblems prints each problem with its line and a caret below the place.
func printProblems(w io.Writer, err error) {
	var problems scenarios.Problems
	if !errors.As(err, &problems) {
		fmt.Fprintln(w, stats.Clean(err.Error(), 2000))
		return
	}
	for _, pr := range problems {
		fmt.Fprintln(w, stats.Clean(pr.Error(), 2000))
		if pr.Line == 0 || strings.TrimSpace(pr.Source) == "" {
			continue
		}
		line, column := excerpt(pr.Source, pr.Column)
		fmt.Fprintf(w, "%5d | %s\n      | %s^\n", pr.Line, line, strings.Repeat(" ", column))
	}
}

// maxExcerpt is the most of a source line that is shown, in characters.
const maxExcerpt = 100

// excerpt returns the part of a line around a column, and how many cells of
// the terminal stand before that.
func excerpt(source string, column int) (string, int) {
	line := []rune(strings.ReplaceAll(source, "\t", " "))
	at := max(0, min(column-1, len(line)))
	from := 0
	if at > maxExcerpt*3/4 {
		from = at - maxExcerpt/2
	}
	text := stats.Clean(string(line[from:min(len(line), from+maxExcerpt)]), 0)
	return text, ansi.StringWidth(stats.Clean(string(line[from:at]), 0))
}
