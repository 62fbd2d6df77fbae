//go:build unix

package cli

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/hinshun/vt10x"
)

// job is a brink that a shell on a terminal has started in its foreground.
type job struct {
	*terminal
	pid   int
	stops int // so far
}

// startJob opens a shell and has it run a script; `sh brink.sh` in it becomes
// brink.
func startJob(t *testing.T, script string, shell ...string) *job {
	t.Helper()
	needs(t, shell[0], "sh", "env", "stty", "ps")
	dir := t.TempDir()
	for name, text := range map[string]string{
		"script":   script,
		"brink.sh": "echo $$ >pid; exec " + brinkPath(t) + " " + calmScenario(t, dir, "Mine") + " -u 5 --accept-invalid --out out\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	tm := open(t, dir, 100, 30, "env", append([]string{"PS1=> "}, shell...)...)
	tm.sees("> ")
	tm.press("sh script\r")
	tm.sees("running", "POST predict")
	text, err := os.ReadFile(filepath.Join(dir, "pid"))
	if err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		t.Fatal(err)
	}
	return &job{tm, pid, 0}
}

// alone is a script that brink takes the place of.
const alone = "exec sh brink.sh\n"

// Two shells: the plain one leaves the terminal as the program left it, bash
// sets its own modes.
var (
	plainShell = []string{"sh", "-i"}
	bash       = []string{"bash", "--norc", "--noprofile", "-i"}
)

// signal sends brink a signal.
func (j *job) signal(sig syscall.Signal) {
	j.t.Helper()
	if err := syscall.Kill(j.pid, sig); err != nil {
		j.t.Fatal(err)
	}
}

// isStopped waits until the process is stopped.
func (j *job) isStopped() {
	j.t.Helper()
	err := eventually("it is stopped", func() bool {
		state, _ := exec.Command("ps", "-o", "stat=", "-p", strconv.Itoa(j.pid)).Output()
		return strings.HasPrefix(string(state), "T")
	})
	if err != nil {
		j.t.Fatalf("%v; the screen shows\n%s", err, j.screen)
	}
}

// isTheShells waits until the shell has taken its terminal back, and reports an
// error unless it got it as it had left it.
func (j *job) isTheShells() {
	j.t.Helper()
	j.isStopped()
	j.isRestored()
	j.stops++
	j.press(fmt.Sprintf("clear; stty -a; echo ready %d\r", j.stops))
	j.sees(fmt.Sprintf("\nready %d", j.stops))
	for _, mode := range []string{"icanon", "echo", "isig", "icrnl", "opost"} {
		if !strings.Contains(" "+strings.Join(strings.Fields(j.screen.String()), " ")+" ", " "+mode+" ") {
			j.t.Errorf("the shell's terminal has no %s:\n%s", mode, j.screen)
		}
	}
}

// comesBack has the shell continue brink.
func (j *job) comesBack(seen ...string) {
	j.t.Helper()
	j.press("fg\r")
	j.sees(append([]string{"running", "POST predict", "!ready"}, seen...)...)
	if j.mode()&vt10x.ModeAltScreen == 0 {
		j.t.Errorf("it shows itself on the shell's screen:\n%s", j.screen)
	}
}

// quits ends the run on the screen, and the shell.
func (j *job) quits() {
	j.t.Helper()
	j.press("q")
	j.sees("Stop and save?")
	j.press("q")
	j.sees("Saved:", "> ")
	j.press("exit 7\r")
	if code := j.ends(); code != 7 {
		j.t.Errorf("the shell ended with %d, not as it was told", code)
	}
}

// TestSuspend stops brink by its key and by the signal, twice, and with a prompt
// open: the shell finds its terminal as it was, and fg brings the screen back.
func TestSuspend(t *testing.T) {
	t.Parallel()
	j := startJob(t, alone, plainShell...)
	j.press("\x1a")
	j.isTheShells()
	j.comesBack()
	for range 2 {
		j.signal(syscall.SIGTSTP)
		j.isTheShells()
		j.comesBack()
	}
	j.press("u")
	j.sees("users: ")
	j.signal(syscall.SIGTSTP)
	j.signal(syscall.SIGTSTP) // twice is once
	j.isTheShells()
	j.comesBack("users: ")
	j.press("7\r")
	j.sees("users 7")
	j.quits()
}

// TestSuspendWithOthers stops brink where it is the child of a script: the key
// stops both, and so does a signal to both, for which the shell has taken its
// terminal before brink can give it back.
func TestSuspendWithOthers(t *testing.T) {
	t.Parallel()
	j := startJob(t, "sh brink.sh\necho the script goes on\n", bash...)
	group, err := syscall.Getpgid(j.pid)
	if err != nil || group == j.pid {
		t.Fatalf("brink %d is in the process group %d: %v", j.pid, group, err)
	}
	j.press("\x1a")
	j.isTheShells()
	j.comesBack()
	for range 3 {
		if err := syscall.Kill(-group, syscall.SIGTSTP); err != nil {
			t.Fatal(err)
		}
		j.isTheShells()
		j.comesBack()
	}
	j.press("qq")
	j.sees("the script goes on")
	j.press("exit 7\r")
	j.ends()
}

// TestSuspendUncaught stops brink by SIGSTOP, which nobody can catch: fg at
// least draws the screen anew.
func TestSuspendUncaught(t *testing.T) {
	t.Parallel()
	j := startJob(t, alone, plainShell...)
	j.signal(syscall.SIGSTOP)
	j.isStopped()
	j.press("clear\n") // brink's modes are still on: a line ends with \n
	j.sees("!POST predict")
	j.press("fg\n")
	j.sees("running", "POST predict")
	j.quits()
}

// TestSuspendWithoutAShell presses Ctrl+Z and sends SIGTSTP where no shell could
// bring brink back, as under `ssh -t host brink …`: it goes on.
func TestSuspendWithoutAShell(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	tm := open(t, dir, 100, 30, "brink", calmScenario(t, dir, "Mine"), "-u", "5")
	tm.sees("running", "POST predict")
	tm.press("\x1a")
	tm.press("K")
	tm.sees("users 15")
	if err := tm.cmd.Process.Signal(syscall.SIGTSTP); err != nil {
		t.Fatal(err)
	}
	tm.press("K")
	tm.sees("users 25")
	tm.press("q")
	tm.sees("Stop and save?")
	tm.press("q")
	if code := tm.ends(); code != 0 {
		t.Errorf("exit code %d; the screen shows\n%s", code, tm.screen)
	}
	tm.isRestored()
}
