// Brink is an interactive load tester for HTTP APIs in the terminal.
package main

import (
	"os"

	"brink/internal/cli"
)

func main() {
	os.Exit(cli.Main(os.Args[1:], os.Stdin, os.Stdout, os.Stderr, os.Environ()))
}
