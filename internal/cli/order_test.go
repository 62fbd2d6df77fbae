package cli

import (
	"testing"
	"time"

	"github.com/spf13/cobra"

	"brink/scenarios"
)

// TestDoorsAreClosedUnlessOpened: what bounds a run that says nothing about it,
// and what its flags change.
func TestDoorsAreClosedUnlessOpened(t *testing.T) {
	s, err := scenarios.Parse("x.yaml", []byte("target: http://127.0.0.1:1\ntasks: [{ get: / }]"), scenarios.Options{})
	if err != nil {
		t.Fatal(err)
	}
	flags := func(args ...string) *runFlags {
		t.Helper()
		f, cmd := new(runFlags), new(cobra.Command)
		f.register(cmd)
		if err := cmd.ParseFlags(args); err != nil {
			t.Fatal(err)
		}
		return f
	}
	f := flags("-u", "1")
	c := (&order{scenario: s, flags: f}).config(nil, "id", 1)
	if c.Failing != time.Minute || c.LinkLocal || f.maxRunTime != 12*time.Hour || len(c.Public) > 0 {
		t.Errorf("by default: ends after %s of failures and after %s, link-local %v, public %v", c.Failing, f.maxRunTime, c.LinkLocal, c.Public)
	}
	if defaultCeiling != (ceiling{rate: 1000, connections: 500}) {
		t.Errorf("the ceiling is %s", &defaultCeiling)
	}
	f = flags("--keep-failing", "--allow-link-local", "--max-run-time", "13h", "--ceiling", "3000")
	c = (&order{scenario: s, flags: f, ceiling: f.ceiling}).config(nil, "id", 1)
	if c.Failing != 0 || !c.LinkLocal || f.maxRunTime != 13*time.Hour || c.Ceiling.Rate != 3000 || c.Ceiling.Connections != 500 {
		t.Errorf("opened: %+v, %s", c, f.maxRunTime)
	}
}

// TestCommandLineIsMasked: what was typed is kept without what is secret in it.
func TestCommandLineIsMasked(t *testing.T) {
	s := &scenarios.Scenario{Secrets: []string{"s3cret"}}
	got := commandLine(s, []string{"run.yaml", "--tags", "s3cret", "--target", "http://me:hidden@127.0.0.1:1/a", "it's"})
	if want := `brink run.yaml --tags *** --target http://***@127.0.0.1:1/a 'it'\''s'`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
