// Package cli is the command line: one file a command, the signals, and the
// only place where the parts of brink meet. It has no logic of its own.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"os/signal"
	"strings"
	"sync"
	"syscall"

	"github.com/spf13/cobra"

	"brink/scenarios"
	"brink/scenarios/demo"
)

// program is one call of brink: what comes in from outside. Nothing else in
// the program touches the process's streams, arguments or environment.
type program struct {
	args         []string
	in, out, err *os.File
	env          []string

	opening sync.Mutex
	target  *demo.Server // nil until the demo's target is needed
}

// Main runs brink with the arguments, without the program's name, and returns
// the exit code. Errors are printed here and nowhere else.
func Main(args []string, in, out, err *os.File, env []string) int {
	// A reader of our output that goes away must not end the run.
	signal.Ignore(syscall.SIGPIPE)
	// net/http writes what it finds odd to the standard logger, over the
	// screen; what went wrong with a request is in its sample.
	log.SetOutput(io.Discard)
	p := &program{args: args, in: in, out: out, err: err, env: env}
	return int(p.report(p.root().ExecuteContext(context.Background())))
}

// report prints an error, once, as a sentence, and returns the exit code.
func (p *program) report(err error) ExitCode {
	if err == nil {
		return ExitOK
	}
	code := ExitUsage // what cobra says of arguments and flags
	var ended *ended
	if errors.As(err, &ended) {
		code, err = ended.code, ended.err
	}
	var problems scenarios.Problems
	switch {
	case errors.As(err, &problems):
		printProblems(p.err, problems)
	case err != nil:
		fmt.Fprintln(p.err, "brink: "+strings.TrimSpace(err.Error()))
	}
	return code
}

// lookup returns a variable of the environment.
func (p *program) lookup(name string) (string, bool) {
	for i := len(p.env) - 1; i >= 0; i-- {
		if key, value, _ := strings.Cut(p.env[i], "="); key == name {
			return value, true
		}
	}
	return "", false
}

// getenv returns a variable of the environment, "" where it is not set.
func (p *program) getenv(name string) string {
	value, _ := p.lookup(name)
	return value
}

// commands is the list of all commands: to add one, write its constructor in a
// file of its own and name it here.
func (p *program) commands() []*cobra.Command {
	return []*cobra.Command{
		p.demoCommand(),
		p.checkCommand(),
		p.tryCommand(),
		p.initCommand(),
		p.schemaCommand(),
		p.reportCommand(),
		p.gateCommand(),
		p.versionCommand(),
		p.manCommand(),
		exitCodesTopic(),
		scenarioTopic(),
	}
}
