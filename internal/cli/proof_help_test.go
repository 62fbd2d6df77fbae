package cli

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"testing"

	"brink/reports"
	"brink/runner/oracle"
	"brink/runner/stats"
)

// long skips a proof that takes minutes unless it was asked for.
func long(t *testing.T) {
	t.Helper()
	if os.Getenv("BRINK_LONG") != "1" {
		t.Skip("takes minutes: runs where BRINK_LONG=1")
	}
}

// needs skips a test on a machine without a program.
func needs(t *testing.T, programs ...string) {
	t.Helper()
	for _, p := range programs {
		if _, err := exec.LookPath(p); err != nil {
			t.Skipf("needs %s", p)
		}
	}
}

// raced reports whether the race detector is in this program.
func raced() bool {
	info, ok := debug.ReadBuildInfo()
	return ok && slices.Contains(info.Settings, debug.BuildSetting{Key: "-race", Value: "true"})
}

// brinkPath returns a path at which this test program is brink, for shells and
// other programs to start.
func brinkPath(t *testing.T) string {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "brink")
	if err := os.Symlink(self, path); err != nil {
		t.Fatal(err)
	}
	return path
}

// process is a brink that runs headless in a process of its own. Its results
// go to out.
type process struct {
	t     *testing.T
	cmd   *exec.Cmd
	out   string
	mu    sync.Mutex
	said  bytes.Buffer // on stdout and stderr
	ended chan struct{}
}

// Write takes what the process says.
func (p *process) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.said.Write(b)
}

func (p *process) text() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.said.String()
}

// scenarioFile writes a scenario on a target and returns its path.
func scenarioFile(t *testing.T, target, scenario string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "proof.yaml")
	if err := os.WriteFile(file, []byte("name: Proof\ntarget: "+target+"\n"+scenario), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// headless starts a brink with a scenario on a target. wrap, if any, is a
// shell command that begins it: "ulimit -n 64; exec". A verdict of INVALID sets
// its exit code only with --accept-invalid=false: most proofs are not about how
// busy this machine is.
func headless(t *testing.T, target, scenario, wrap string, args ...string) *process {
	t.Helper()
	dir := t.TempDir()
	file := scenarioFile(t, target, scenario)
	p := &process{t: t, out: filepath.Join(dir, "out"), ended: make(chan struct{})}
	line := append([]string{brinkPath(t), file, "--headless", "--accept-invalid", "--out", p.out}, args...)
	if wrap != "" {
		needs(t, "sh")
		line = append([]string{"sh", "-c", wrap + ` "$0" "$@"`}, line...)
	}
	p.cmd = exec.Command(line[0], line[1:]...)
	p.cmd.Dir = dir
	p.cmd.Stdout, p.cmd.Stderr = p, p
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		p.cmd.Wait()
		close(p.ended)
	}()
	t.Cleanup(func() {
		p.cmd.Process.Kill()
		<-p.ended
	})
	return p
}

// says waits until the process has said something.
func (p *process) says(text string) {
	p.t.Helper()
	if err := eventually("it says "+text, func() bool { return strings.Contains(p.text(), text) }); err != nil {
		p.t.Fatalf("%v; it said\n%s", err, p.text())
	}
}

// hasRun waits until so many seconds are in the record.
func (p *process) hasRun(seconds int) {
	p.t.Helper()
	err := eventually("some seconds are on record", func() bool {
		rec, err := reports.Open(p.out)
		return err == nil && rec.Seconds >= seconds
	})
	if err != nil {
		p.t.Fatalf("%v; it said\n%s", err, p.text())
	}
}

// hasMet waits until so many routes are in the record.
func (p *process) hasMet(routes int) {
	p.t.Helper()
	err := eventually("some routes are on record", func() bool {
		rec, err := reports.Open(p.out)
		if err != nil {
			return false
		}
		res, err := rec.Result()
		return err == nil && len(res.Routes) >= routes
	})
	if err != nil {
		p.t.Fatal(err)
	}
}

// ends waits for the end and returns the exit code.
func (p *process) ends() int {
	p.t.Helper()
	if err := eventually("it ends", func() bool {
		select {
		case <-p.ended:
			return true
		default:
			return false
		}
	}); err != nil {
		p.t.Fatalf("%v; it said\n%s", err, p.text())
	}
	return p.cmd.ProcessState.ExitCode()
}

// result returns what the record comes to, and checks that the reports are
// there.
func (p *process) result() *reports.Result {
	p.t.Helper()
	names := []string{"summary.json", "report.html"}
	if p.cmd == nil || !slices.Contains(p.cmd.Args, "--csv") {
		names = append(names, "run_stats.csv", "run_stats_history.csv", "run_failures.csv", "seconds.csv")
	}
	for _, name := range names {
		if _, err := os.Stat(filepath.Join(p.out, name)); err != nil {
			p.t.Errorf("a report is missing: %v; it said\n%s", err, p.text())
		}
	}
	rec, err := reports.Open(p.out)
	if err != nil {
		p.t.Fatal(err)
	}
	res, err := rec.Result()
	if err != nil {
		p.t.Fatal(err)
	}
	return res
}

// notYetSent returns how many arrivals waited at the end of the record.
func (p *process) notYetSent() (n int64) {
	p.t.Helper()
	rec, err := reports.Open(p.out)
	if err != nil {
		p.t.Fatal(err)
	}
	for s, err := range rec.All() {
		if err != nil {
			p.t.Fatal(err)
		}
		n = s.Load.NotYetSent
	}
	return n
}

func startOracle(t *testing.T, o oracle.Options) *oracle.Server {
	t.Helper()
	s, err := oracle.Start("", o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

// agreesWith holds the counts of a result against what an oracle read: each
// request that was sent, and once more where it was sent again. Of the
// unfinished, cut off in the middle, some may not have been sent.
func agreesWith(t *testing.T, res *reports.Result, s *oracle.Server) {
	t.Helper()
	total := &res.Total
	sent := total.Requests + total.Retries
	for class := range stats.NumClasses {
		if !class.Sent() {
			sent -= total.Classes[class.String()]
		}
	}
	err := eventually("the server has read all", func() bool { return s.Received() >= sent })
	if n := s.Received(); err != nil || n > sent+total.Unfinished {
		t.Errorf("the server read %d requests, the report has %d that were sent and %d unfinished (%d finished, %d retries, %v)",
			n, sent, total.Unfinished, total.Requests, total.Retries, total.Classes)
	}
}
