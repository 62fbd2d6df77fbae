package cli

import (
	"github.com/spf13/cobra"

	"brink/scenarios"
)

// schemaCommand is `brink schema`.
func (p *program) schemaCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "schema",
		Short: "Print the JSON Schema of scenario files",
		Long: `schema prints the JSON Schema of scenario files, with which editors complete and
check them. A scenario that begins with

  # yaml-language-server: $schema=` + scenarios.SchemaURL + `

is checked in editors that use the YAML language server, once the schema is
saved beside it under that name.`,
		Example: `  brink schema > brink.schema.json`,
		Args:    noArguments,
		RunE: func(*cobra.Command, []string) error {
			_, err := p.out.Write(scenarios.Schema())
			return err
		},
	}
}
