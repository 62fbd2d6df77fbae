package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"brink/scenarios"
)

// initCommand is `brink init`.
func (p *program) initCommand() *cobra.Command {
	var curl string
	var print bool
	cmd := &cobra.Command{
		Use:   "init [FILE]",
		Short: "Write a first scenario, also from a curl command",
		Long: `init writes a commented scenario into FILE (scenario.yaml), or one that sends
what a curl command sends. Beside it it writes the JSON Schema with which editors
complete and check scenarios. Files that are there already are never overwritten.`,
		Example: `  brink init
  brink init api.yaml --curl "curl -X POST http://127.0.0.1:8000/predict -H 'Content-Type: application/json' -d '{\"age\": 52}'"
  brink init --print`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			text := scenarios.Starter()
			if curl != "" {
				var err error
				if text, err = scenarios.FromCurl(curl); err != nil {
					return err
				}
			}
			if print {
				_, err := fmt.Fprint(p.out, text)
				return err
			}
			path := "scenario.yaml"
			if len(args) > 0 {
				path = args[0]
			}
			return p.writeScenario(path, text)
		},
	}
	fs := cmd.Flags()
	fs.SortFlags = false
	fs.StringVar(&curl, "curl", "", "make the scenario of this curl `COMMAND`, quoted as one word")
	fs.BoolVar(&print, "print", false, "print the scenario instead of writing it")
	return cmd
}

// writeScenario writes a scenario that is not there yet, and its schema.
func (p *program) writeScenario(path, text string) error {
	if err := writeNew(path, text); errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%s is there already and is not overwritten; give another name", path)
	} else if err != nil {
		return exit(ExitUnsaved, err)
	}
	fmt.Fprintln(p.out, path)
	schema := filepath.Join(filepath.Dir(path), filepath.Base(scenarios.SchemaURL))
	switch err := writeNew(schema, string(scenarios.Schema())); {
	case err == nil:
		fmt.Fprintln(p.out, schema)
	case !errors.Is(err, fs.ErrExist):
		return exit(ExitUnsaved, err)
	}
	fmt.Fprintf(p.out, "\nNext: brink check %s, brink try %[1]s, brink %[1]s\n", path)
	return nil
}

// writeNew writes a file that must not be there.
func writeNew(path, text string) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	if _, err := f.WriteString(text); err != nil {
		f.Close()
		return err
	}
	return f.Close()
}
