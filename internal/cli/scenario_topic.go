package cli

import (
	"github.com/spf13/cobra"

	"brink/scenarios"
)

// scenarioTopic is `brink help scenario`.
func scenarioTopic() *cobra.Command {
	return &cobra.Command{
		Use:   "scenario",
		Short: "Scenario files, by example",
		Long:  scenarios.Format(),
	}
}
