//go:build unix

package cli

import (
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"

	"brink/reports"
	"brink/runner/oracle"
)

// phase is a part of a run, and how a test waits until a process is in it. TIME
// in its scenario and its arguments is short, or a minute for a signal that ends
// it before.
type phase struct {
	name     string
	scenario string
	args     []string
	short    string
	reached  func(*process, *oracle.Server)
}

// calm is a scenario that leaves the machine to others.
const calm = "wait: 10ms\ntasks: [{ get: /a }]\n"

var phases = []phase{
	{"start", "ready: { get: /status/503, timeout: TIME, every: 50ms }\ntasks: [{ get: /a }]\n", []string{"-u", "3", "-t", "2s"}, "3s",
		func(p *process, s *oracle.Server) {
			if err := eventually("it asks for readiness", func() bool { return s.Received() > 0 }); err != nil {
				p.t.Fatal(err)
			}
		}},
	{"ramp", calm, []string{"-u", "100", "-r", "1", "-t", "TIME"}, "4s",
		func(p *process, _ *oracle.Server) { p.hasRun(1) }},
	{"steady", calm, []string{"-u", "5", "-t", "TIME"}, "4s",
		func(p *process, _ *oracle.Server) { p.hasRun(2) }},
	{"drain", "tasks: [{ name: slow, get: /plan/slow, timeout: 20s }]\n", []string{"-u", "5", "-t", "1s"}, "",
		func(p *process, _ *oracle.Server) { p.says("stopping") }},
	{"report", calm, []string{"-u", "5", "-t", "1s"}, "",
		func(p *process, _ *oracle.Server) {
			err := eventually("its load is over", func() bool {
				rec, err := reports.Open(p.out)
				return err == nil && rec.Ending != nil
			})
			if err != nil {
				p.t.Fatal(err)
			}
		}},
}

// lasting fills in how long a phase lasts, by the exit code of the signal.
func (p *phase) lasting(text string, code int) string {
	if code != 0 {
		return strings.ReplaceAll(text, "TIME", "1m")
	}
	return strings.ReplaceAll(text, "TIME", p.short)
}

// TestSignalsInEveryPhase sends every signal that a run can meet in every
// phase of it. A run that is ended by one says so by its exit code and has
// written everything; others go on as if nothing had been.
func TestSignalsInEveryPhase(t *testing.T) {
	long(t)
	turns := make(chan struct{}, 6)
	var wait sync.WaitGroup
	for _, ph := range phases {
		for _, sig := range []struct {
			name  string
			code  int // of a run that it ends; 0: none
			send  []syscall.Signal
			pause time.Duration // between two of them
		}{
			{"INT", 130, []syscall.Signal{syscall.SIGINT}, 0},
			{"INT twice", 130, []syscall.Signal{syscall.SIGINT, syscall.SIGINT}, 100 * time.Millisecond},
			{"TERM", 143, []syscall.Signal{syscall.SIGTERM}, 0},
			{"HUP", 129, []syscall.Signal{syscall.SIGHUP}, 0},
			{"TSTP and CONT", 0, []syscall.Signal{syscall.SIGTSTP, syscall.SIGCONT}, 300 * time.Millisecond},
			{"STOP and CONT", 0, []syscall.Signal{syscall.SIGSTOP, syscall.SIGCONT}, 300 * time.Millisecond},
			{"WINCH", 0, []syscall.Signal{syscall.SIGWINCH}, 0},
			{"PIPE", 0, []syscall.Signal{syscall.SIGPIPE}, 0},
		} {
			wait.Go(func() {
				turns <- struct{}{}
				defer func() { <-turns }()
				t.Run(fmt.Sprintf("%s in %s", sig.name, ph.name), func(t *testing.T) {
					s := startOracle(t, oracle.Options{Plans: map[string]oracle.Plan{"slow": oracle.Constant(3 * time.Second)}})
					p := headless(t, s.URL(), ph.lasting(ph.scenario, sig.code), "", strings.Fields(ph.lasting(strings.Join(ph.args, " "), sig.code))...)
					ph.reached(p, s)
					for i, one := range sig.send {
						if i > 0 {
							<-time.After(sig.pause)
						}
						_ = p.cmd.Process.Signal(one)
					}
					p.isRight(s, ph.name, sig.code, len(sig.send) == 2 && sig.code != 0)
				})
			})
		}
	}
	wait.Wait()
}

// isRight checks how a process ended that was sent a signal in a phase; code
// is the signal's, 0 where it ends nothing.
func (p *process) isRight(s *oracle.Server, phase string, code int, twice bool) {
	t := p.t
	t.Helper()
	got := p.ends()
	if phase == "start" {
		want := code
		if code == 0 {
			want = int(ExitNotReady)
		}
		if got != want {
			t.Errorf("exit code %d, not %d; it said\n%s", got, want, p.text())
		}
		if files, _ := os.ReadDir(p.out); len(files) > 0 {
			t.Errorf("there are results of a run that did not begin: %v", files)
		}
		return
	}
	// Once the plan has ended by itself, the end is as planned.
	planned := phase == "drain" || phase == "report"
	if got != code && !(planned && got == 0) {
		t.Errorf("exit code %d, not %d; it said\n%s", got, code, p.text())
	}
	res := p.result()
	if res.Total.Requests+res.Total.Unfinished == 0 {
		t.Error("nothing is in the results")
	}
	if res.Run.Partial != (got != 0) {
		t.Errorf("exit code %d, but partial is %v", got, res.Run.Partial)
	}
	if phase == "drain" && !twice && res.Total.Unfinished > 0 {
		t.Errorf("%d requests in flight were not waited for", res.Total.Unfinished)
	}
	agreesWith(t, res, s)
}

// TestClosedPipeEndsNoRun is `brink … | head`: who reads goes away.
func TestClosedPipeEndsNoRun(t *testing.T) {
	needs(t, "head")
	s := startOracle(t, oracle.Options{})
	p := headless(t, s.URL(), calm, `exec "$0" "$@" 2>&1 | head -c 1; true`, "-u", "2", "-t", "2s")
	p.ends()
	res := p.result()
	if res.Total.Requests == 0 || res.Run.Partial {
		t.Errorf("%d requests, partial %v", res.Total.Requests, res.Run.Partial)
	}
	agreesWith(t, res, s)
}

// TestLostTerminalSavesTheRun takes the terminal away from the screen.
func TestLostTerminalSavesTheRun(t *testing.T) {
	s := startOracle(t, oracle.Options{})
	dir := t.TempDir()
	tm := open(t, dir, 100, 30, "brink", scenarioFile(t, s.URL(), calm), "-u", "3", "--out", dir+"/out")
	tm.sees("running")
	p := &process{t: t, out: dir + "/out"}
	p.hasRun(1)
	_ = tm.pty.Close()
	if code := tm.ends(); code != int(ExitHangup) {
		t.Errorf("exit code %d, not %d", code, ExitHangup)
	}
	agreesWith(t, p.result(), s)
}

// TestTerminalOfAnySize runs the screen on terminals from 1×1 to 500×200, and
// through a storm of resizes.
func TestTerminalOfAnySize(t *testing.T) {
	s := startOracle(t, oracle.Options{})
	dir := t.TempDir()
	tm := open(t, dir, 80, 24, "brink", scenarioFile(t, s.URL(), calm), "-u", "2", "--accept-invalid", "--out", dir+"/out")
	tm.sees("running")
	for i := range 60 {
		size := &pty.Winsize{Rows: uint16(1 + i*37%60), Cols: uint16(1 + i*53%180)}
		if i == 10 {
			size = &pty.Winsize{Rows: 1, Cols: 1}
		}
		if i == 20 {
			size = &pty.Winsize{Rows: 200, Cols: 500}
		}
		if err := pty.Setsize(tm.pty, size); err != nil {
			t.Fatal(err)
		}
	}
	tm.screen.Resize(80, 24)
	if err := pty.Setsize(tm.pty, &pty.Winsize{Rows: 24, Cols: 80}); err != nil {
		t.Fatal(err)
	}
	tm.sees("running", "GET /a")
	if _, err := io.WriteString(tm.pty, "qq"); err != nil {
		t.Fatal(err)
	}
	if code := tm.ends(); code != 0 {
		t.Errorf("exit code %d; the screen shows\n%s", code, tm.screen)
	}
	tm.isRestored()
	if strings.Contains(tm.screen.String(), "panic") {
		t.Error("it panicked")
	}
}
