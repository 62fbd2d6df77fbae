package scenarios

import (
	_ "embed"
	"fmt"
	"strings"
)

//go:embed format.md
var formatPage string

// Format returns the description of scenario files on one page, by example, in
// Markdown.
func Format() string {
	var table strings.Builder
	for _, f := range functions {
		fmt.Fprintf(&table, "    %-34s %s\n", f.usage, f.doc)
	}
	fmt.Fprintf(&table, "    %-34s %s\n", `env("NAME", "default")`, "a variable of the environment, a secret; without a default it must be set")
	return strings.Replace(formatPage, "FUNCTIONS\n", table.String(), 1)
}
