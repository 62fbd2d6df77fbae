package cli

import "github.com/spf13/cobra"

// ExitCode is what the process ends with.
type ExitCode int

// The exit codes. They are part of the interface: pipelines depend on them.
const (
	ExitOK       ExitCode = 0 // ended as planned, a request succeeded, the thresholds held
	ExitFailed   ExitCode = 1 // a threshold failed, or no request succeeded
	ExitUsage    ExitCode = 2 // wrong usage or scenario; nothing was sent
	ExitInvalid  ExitCode = 3 // the thresholds held, but the numbers are INVALID
	ExitNotReady ExitCode = 4 // the target did not become ready
	ExitUnsaved  ExitCode = 5 // results could not be written, or for a while during the run

	ExitHangup    ExitCode = 129 // the terminal went away: 128 + SIGHUP
	ExitInterrupt ExitCode = 130 // Ctrl+C: 128 + SIGINT
	ExitTerminate ExitCode = 143 // 128 + SIGTERM
)

// ended is an error that knows its exit code. Without err all is said already.
type ended struct {
	code ExitCode
	err  error
}

// exit returns an error that ends brink with the code after printing err.
func exit(code ExitCode, err error) error { return &ended{code, err} }

func (e *ended) Error() string {
	if e.err == nil {
		return ""
	}
	return e.err.Error()
}

func (e *ended) Unwrap() error { return e.err }

// exitCodesTopic is `brink help exit-codes`.
func exitCodesTopic() *cobra.Command {
	return &cobra.Command{
		Use:   "exit-codes",
		Short: "What the exit codes mean",
		Long: `The exit code says how a run ended:

    0  as planned: at least one request succeeded and the thresholds held
    1  a threshold failed, or no request succeeded
    2  the command line or the scenario is wrong; nothing was sent
    3  the thresholds held, but the verdict is INVALID: the numbers show the
       load generator, not the target (--accept-invalid makes this a 0)
    4  the target did not become ready
    5  results could not be written, or for a while during the run
  129  stopped because the terminal went away (SIGHUP)
  130  stopped by Ctrl+C (SIGINT)
  143  stopped by SIGTERM

After 129, 130 and 143 all reports are written; they are marked as partial.
After 5 whatever could be saved is saved, elsewhere if need be, and the last
lines say where. A disk that was full for a minute, or a folder that was deleted
and made again, is a 5 too, although nothing is missing in the end: look after
it before it costs a run.

Quitting the screen with q is an end as planned. Where two apply, the order is
5, then 129, 130 and 143, then 1, then 3.`,
	}
}
