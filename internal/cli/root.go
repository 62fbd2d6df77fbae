package cli

import (
	"fmt"
	"net"
	"strings"
	"unicode"

	"github.com/spf13/cobra"
)

// root makes the command `brink` with all commands below it.
func (p *program) root() *cobra.Command {
	f := new(runFlags)
	root := &cobra.Command{
		Use:   "brink [FILE | URL]",
		Short: "Explore the capacity of an HTTP API from the terminal",
		Long: `brink puts load on an HTTP API and shows live what the API does under it. You
change the number of users by hand while it runs; when you quit, everything is
saved. The same scenario file runs without a screen in CI.

Without an argument brink lists the scenario files of this folder and of
./scenarios to pick from. With a URL it makes a scenario of one GET request.`,
		Example: `  brink demo                              try it on the target inside brink
  brink                                   pick a scenario
  brink scenario.yaml -u 20 -r 5          start with 20 users, 5 more each second
  brink http://127.0.0.1:8000/health      one GET route
  brink scenario.yaml --headless -t 2m    no screen, for CI: the exit code says it`,
		Args:              oneArgument,
		ValidArgsFunction: p.completeScenarios,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return p.pick(cmd.Context(), f)
			}
			if hint := mistaken(cmd, args[0]); hint != "" {
				return fmt.Errorf("there is no file %s: %s", args[0], hint)
			}
			return p.runFile(cmd.Context(), args[0], f)
		},
		Version:                    version(),
		SuggestionsMinimumDistance: 2,
		SilenceErrors:              true, // Main prints them
		SilenceUsage:               true,
	}
	root.SetArgs(p.args)
	root.SetIn(p.in)
	root.SetOut(p.out)
	root.SetErr(p.err)
	root.SetVersionTemplate("{{.Version}}\n")
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return fmt.Errorf("%w; %q shows what there is", err, cmd.CommandPath()+" --help")
	})
	f.register(root)
	p.completeProfiles(root, "")
	root.AddCommand(p.commands()...)
	return root
}

// mistaken says what an argument may have been meant as that is neither a file
// nor a URL.
func mistaken(cmd *cobra.Command, arg string) string {
	if strings.Contains(arg, "://") || exists(arg) {
		return ""
	}
	if near := cmd.SuggestionsFor(arg); len(near) > 0 {
		return fmt.Sprintf("did you mean the command %q?", near[0])
	}
	host, _, _ := strings.Cut(arg, "/")
	if _, port, err := net.SplitHostPort(host); err == nil && !strings.ContainsFunc(port, unicode.IsLetter) {
		return "a URL begins with http:// or https://"
	}
	return ""
}

// oneArgument refuses more than one FILE or URL.
func oneArgument(_ *cobra.Command, args []string) error {
	if len(args) > 1 {
		return fmt.Errorf("one scenario at a time, not %d: %s", len(args), strings.Join(args, " "))
	}
	return nil
}

// noArguments refuses any.
func noArguments(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return fmt.Errorf("%q takes no argument, but was given %q", cmd.CommandPath(), args[0])
	}
	return nil
}
