package cli

import (
	"cmp"

	"github.com/spf13/cobra"

	"brink/scenarios"
)

// completeScenarios completes FILE: the scenario files that the picker would
// list. Where none fits, the shell completes any file.
func (p *program) completeScenarios(_ *cobra.Command, args []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	var out []cobra.Completion
	for _, e := range p.entries(new(runFlags)) {
		if e.Path == demoName {
			continue // it is a command, and completed as such
		}
		out = append(out, cobra.CompletionWithDesc(e.Path, e.Title))
	}
	return out, cobra.ShellCompDirectiveDefault
}

// completeProfiles completes --profile with the profiles of the scenario that
// the command line names; fixed is the scenario where it is always the same.
func (p *program) completeProfiles(cmd *cobra.Command, fixed string) {
	complete := func(_ *cobra.Command, args []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
		path := fixed
		if path == "" && len(args) > 0 {
			path = args[0]
		}
		s, err := p.load(path, "", new(runFlags))
		if err != nil {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		var names []cobra.Completion
		for i := range s.Profiles {
			names = append(names, s.Profiles[i].Name)
		}
		return names, cobra.ShellCompDirectiveNoFileComp
	}
	// It fails only for a flag that is not there.
	_ = cmd.RegisterFlagCompletionFunc("profile", complete)
}

// entries are the scenarios to pick from.
func (p *program) entries(f *runFlags) []scenarios.Entry {
	o := scenarios.Options{Target: f.target, Env: p.lookup, Tags: f.tags, ExcludeTags: f.excludeTags}
	entries := scenarios.Find([]string{".", "scenarios"}, o)
	s, err := p.load(demoName, cmp.Or(f.target, anyPort), f)
	if err != nil {
		return entries // a fault of the program: a test holds against it
	}
	return append(entries, scenarios.Entry{Path: demoName, Title: s.Name, Scenario: s, Example: true})
}
