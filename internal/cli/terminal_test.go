package cli

import (
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/creack/pty"
	"github.com/hinshun/vt10x"

	"brink/internal/emulator"
)

// terminal is a command on a pseudo-terminal: keys go in, the screen is read
// back.
type terminal struct {
	t      *testing.T
	pty    *os.File
	cmd    *exec.Cmd
	screen *emulator.Screen
	read   sync.WaitGroup
	ended  chan struct{}
}

// open starts a command in dir on a terminal of a size.
func open(t *testing.T, dir string, columns, lines int, name string, args ...string) *terminal {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(name, args...)
	if name == "brink" {
		cmd = exec.Command(self, args...)
		cmd.Args[0] = "brink" // the test program is brink by this name
	}
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "TERM=xterm-256color", "LANG=C.UTF-8", "BRINK="+self, "XDG_STATE_HOME="+filepath.Join(dir, "state"))
	memory{filepath.Join(dir, "state", "brink")}.keep(rememberedStart, "screen") // no hints for beginners
	tm := &terminal{t: t, cmd: cmd, screen: emulator.New(columns, lines), ended: make(chan struct{})}
	tm.pty, err = pty.StartWithSize(cmd, &pty.Winsize{Rows: uint16(lines), Cols: uint16(columns)})
	if err != nil {
		t.Fatal(err)
	}
	tm.read.Go(func() { io.Copy(tm.screen, tm.pty) })
	go func() {
		cmd.Wait()
		close(tm.ended)
	}()
	t.Cleanup(func() {
		cmd.Process.Kill()
		<-tm.ended
		tm.pty.Close()
		tm.read.Wait()
	})
	return tm
}

// press types keys.
func (tm *terminal) press(keys string) {
	tm.t.Helper()
	if _, err := io.WriteString(tm.pty, keys); err != nil {
		tm.t.Fatalf("typing %q: %v", keys, err)
	}
}

// sees waits until the screen shows every text.
func (tm *terminal) sees(texts ...string) {
	tm.t.Helper()
	tm.screen.Sees(tm.t, patience, texts...)
}

// ends waits for the command and returns its exit code.
func (tm *terminal) ends() int {
	tm.t.Helper()
	select {
	case <-tm.ended:
	case <-time.After(patience):
		tm.t.Fatalf("it did not end; the screen shows\n%s", tm.screen)
	}
	return tm.cmd.ProcessState.ExitCode()
}

// isRestored reports an error unless the terminal is as it was found: on its
// normal screen, with a cursor, without mouse reports.
func (tm *terminal) isRestored() {
	tm.t.Helper()
	const set = vt10x.ModeAltScreen | vt10x.ModeMouseMask | vt10x.ModeHide
	err := eventually("the terminal is as it was", func() bool { return tm.mode()&set == 0 })
	if err != nil {
		tm.t.Errorf("%v: it has modes %b; it shows\n%s", err, tm.mode()&set, tm.screen)
	}
}

func (tm *terminal) mode() vt10x.ModeFlag {
	tm.screen.Lock()
	defer tm.screen.Unlock()
	return tm.screen.Mode()
}
