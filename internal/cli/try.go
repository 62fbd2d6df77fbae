package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"brink/runner"
	"brink/runner/client"
	"brink/runner/stats"
	"brink/scenarios"
	"brink/tui"
)

// tryCommand is `brink try`.
func (p *program) tryCommand() *cobra.Command {
	f := new(runFlags)
	cmd := &cobra.Command{
		Use:   "try FILE",
		Short: "Send every request of a scenario once, and show it with its answer",
		Long: `try goes with one user of each kind once through everything it does: what it
begins with, every task, what it ends with. It shows each request and response
in full, secrets masked, and marks whether the response is what the scenario
expects. So one sees in two seconds whether a scenario works.

The exit code is 0 where every response was as expected, and 1 where not.`,
		Example: `  brink try scenario.yaml
  brink try scenario.yaml -H http://127.0.0.1:9000
  brink try demo`,
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: p.completeScenarios,
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.try(cmd.Context(), args[0], f)
		},
	}
	fs := cmd.Flags()
	fs.SortFlags = false
	fs.StringVarP(&f.target, "target", "H", "", "`URL` to send to instead of the scenario's target")
	fs.StringSliceVar(&f.tags, "tags", nil, "only the tasks with one of these `TAGS`")
	fs.StringSliceVar(&f.excludeTags, "exclude-tags", nil, "no task with one of these `TAGS`")
	fs.Var(&f.seed, "seed", "`NUMBER` that makes the random values the same again")
	fs.BoolVar(&f.allowLinkLocal, "allow-link-local", false, "allow requests to link-local and metadata addresses")
	return cmd
}

func (p *program) try(ctx context.Context, path string, f *runFlags) error {
	if path == demoName && f.target == "" {
		url, err := p.openDemo()
		if err != nil {
			return err
		}
		defer p.closeDemo()
		f.target = url
	}
	s, err := p.load(path, f.target, f)
	if err != nil {
		return err
	}
	return tryOut(ctx, s, f, p.out)
}

// tryOnScreen is `brink try` for what is set up on the screen: what it prints,
// as text.
func (p *program) tryOnScreen(ctx context.Context, su tui.Setup, f *runFlags) (string, error) {
	s, err := p.scenarioOf(su, f)
	if err != nil {
		return "", err
	}
	var out strings.Builder
	err = tryOut(ctx, s, f, &out)
	return out.String(), err
}

// tryOut tries a scenario and prints on out what went out and what came.
func tryOut(ctx context.Context, s *scenarios.Scenario, f *runFlags, out io.Writer) error {
	t := trial{scenario: s, out: out, seed: f.seed.orRandom(), linkLocal: f.allowLinkLocal}
	if err := t.ready(ctx); err != nil {
		return err
	}
	if err := t.run(ctx); err != nil {
		return err
	}
	if t.failed > 0 {
		return exit(ExitFailed, fmt.Errorf("%d of %s went wrong", t.failed, amount(t.sent, "request")))
	}
	_, err := fmt.Fprintf(out, "%s, all as expected\n", amount(t.sent, "request"))
	return err
}

// trial is one pass through a scenario.
type trial struct {
	scenario  *scenarios.Scenario
	out       io.Writer
	seed      uint64
	linkLocal bool

	options client.Options
	sent    int
	failed  int
}

// ready waits for the scenario's ready gate.
func (t *trial) ready(ctx context.Context) error {
	r, err := runner.New(runner.Config{Scenario: t.scenario, Seed: t.seed, LinkLocal: t.linkLocal, Public: hostsOf(t.scenario)})
	if err != nil {
		return err
	}
	return await(ctx, t.scenario, r)
}

// run goes with one user of each class through all it does. A pass is no load,
// so it may go to public hosts without a question.
func (t *trial) run(ctx context.Context) error {
	allow, err := runner.Rules(t.scenario, t.linkLocal, hostsOf(t.scenario)...)
	if err != nil {
		return err
	}
	t.options.Allow = allow
	run := &scenarios.Run{ID: "try", Seed: t.seed}
	defer run.Close()
	if err := run.Open(t.scenario); err != nil {
		return err
	}
	for i, c := range t.scenario.Users {
		u := &tryUser{trial: t, session: t.scenario.NewSession(c, i+1, run)}
		err := u.all(ctx, c)
		u.close()
		if err != nil {
			return err
		}
	}
	return nil
}

// tryUser is the one user of a class.
type tryUser struct {
	*trial
	session *scenarios.Session
	client  client.Client
	version string
}

func (u *tryUser) close() {
	if u.client != nil {
		u.client.Close()
	}
}

// all performs every step of a class once.
func (u *tryUser) all(ctx context.Context, c *scenarios.UserClass) error {
	if len(u.scenario.Users) > 1 {
		fmt.Fprintf(u.out, "══ %s\n\n", c.Name)
	}
	if err := u.steps(ctx, c.OnStart, "at the start"); err != nil {
		return err
	}
	for _, task := range c.Tasks {
		if err := u.session.Begin(); errors.Is(err, scenarios.ErrUsedUp) {
			fmt.Fprintln(u.out, "The data is used up.")
			break
		} else if err != nil {
			return err
		}
		what := ""
		if len(task.Steps) > 1 {
			what = "in " + task.Name
		}
		if err := u.steps(ctx, task.Steps, what); err != nil {
			return err
		}
	}
	return u.steps(ctx, c.OnStop, "at the end")
}

func (u *tryUser) steps(ctx context.Context, steps []*scenarios.Step, what string) error {
	for _, st := range steps {
		if err := ctx.Err(); err != nil {
			return exit(ExitInterrupt, errors.New("given up"))
		}
		title := st.Method + " " + st.Name
		if what != "" {
			title += ", " + what
		}
		fmt.Fprintf(u.out, "── %s\n", title)
		u.step(ctx, st)
		fmt.Fprintln(u.out)
	}
	return nil
}

// step performs one step and prints what went out and what came.
func (u *tryUser) step(ctx context.Context, st *scenarios.Step) {
	u.sent++
	var req scenarios.Request
	if err := st.Render(u.session, &req); err != nil {
		u.mark(stats.Failure{Class: stats.BadRequest, Text: "the request could not be made: " + err.Error()}, nil)
		return
	}
	u.show("> ", fmt.Sprintf("%s %s HTTP/1.1\nHost: %s\n%s", req.Method, req.Path, req.Host, req.Header), req.Body)
	origin, err := client.NewOrigin(req.Scheme, req.Host, req.Unix)
	if err != nil {
		u.mark(stats.Failure{Class: stats.BadRequest, Text: err.Error()}, nil)
		return
	}
	var sample stats.Sample
	var resp client.Response
	defer resp.Release()
	wire := runner.Wire(&req, origin, u.session)
	wire.KeepBody = true
	u.clientFor(&req).Do(ctx, &wire, &resp, &sample)
	if sample.Status != 0 {
		u.show("< ", fmt.Sprintf("%s %d %s\n%s", resp.Proto, resp.Status, http.StatusText(resp.Status), resp.Head), resp.Body)
		fmt.Fprintf(u.out, "  %s, %d bytes\n", sample.ServiceTime().Round(100*time.Microsecond), sample.BytesIn)
	}
	if sample.Failure.Failed() {
		u.mark(sample.Failure, nil)
		return
	}
	answer := &scenarios.Response{
		Status: resp.Status, Head: resp.Head, Body: resp.Body, Time: sample.ServiceTime(), Size: sample.BytesIn,
		Scheme: resp.From.Scheme, Host: resp.From.Host, Path: resp.Path,
	}
	failure := st.Check(u.session, answer)
	if !failure.Failed() {
		failure = st.Extract(u.session, answer)
	}
	u.mark(failure, st)
}

// clientFor returns the user's client for requests like this one.
func (u *tryUser) clientFor(req *scenarios.Request) client.Client {
	if u.client == nil || u.version != req.HTTPVersion+req.Client {
		u.close()
		u.version = req.HTTPVersion + req.Client
		u.client = runner.NewClient(&u.options, req)
	}
	return u.client
}

// mark says whether a step went as expected.
func (u *tryUser) mark(f stats.Failure, st *scenarios.Step) {
	if f.Failed() {
		u.failed++
		fmt.Fprintf(u.out, "  ✗ %s\n", stats.Clean(u.scenario.Mask(f.Text), 500))
		return
	}
	fmt.Fprintf(u.out, "  ✓ %s\n", stats.Clean(u.scenario.Mask(strings.Join(st.Expected(), "; ")), 500))
	for _, line := range st.Extracted(u.session) {
		fmt.Fprintf(u.out, "    %s\n", stats.Clean(line, 200))
	}
}

// maxShown is how much of a body is shown, in bytes.
const maxShown = 16 << 10

// show prints a head and a body with a mark before each line, secrets masked
// and control characters made visible.
func (u *tryUser) show(mark, head string, body []byte) {
	head = strings.TrimRight(strings.ReplaceAll(head, "\r\n", "\n"), "\n")
	for line := range strings.SplitSeq(head, "\n") {
		fmt.Fprintln(u.out, mark+stats.Clean(u.scenario.Mask(line), 2000))
	}
	if len(body) == 0 {
		return
	}
	fmt.Fprintln(u.out, strings.TrimSpace(mark))
	if bytes.IndexByte(body, 0) >= 0 || !utf8.Valid(body) && !utf8.Valid(body[:max(0, len(body)-utf8.UTFMax)]) {
		fmt.Fprintf(u.out, "%s(%d bytes that are no text)\n", mark, len(body))
		return
	}
	text := u.scenario.Mask(string(body))
	rest := max(0, len(text)-maxShown)
	text = strings.ToValidUTF8(text[:len(text)-rest], "")
	for line := range strings.SplitSeq(strings.TrimRight(text, "\r\n"), "\n") {
		fmt.Fprintln(u.out, mark+stats.Clean(strings.TrimRight(line, "\r"), 0))
	}
	if rest > 0 {
		fmt.Fprintf(u.out, "%s… and %d bytes more\n", mark, rest)
	}
}
