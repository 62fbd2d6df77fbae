package tui

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/creack/pty"

	"brink/internal/emulator"
)

// terminal is a screen on a real pseudo-terminal: keys go in as bytes, and
// what is written comes back as a screen.
type terminal struct {
	t      *testing.T
	master *os.File
	screen *emulator.Screen
	stop   context.CancelFunc
	ended  chan struct{}
	result Result
	err    error
}

// openTerminal shows o on a terminal of w by h cells.
func openTerminal(ctx context.Context, t *testing.T, o Options, w, h int, env ...string) *terminal {
	t.Helper()
	master, slave, err := pty.Open()
	if err != nil {
		t.Skipf("no pseudo-terminal here: %v", err)
	}
	if err := pty.Setsize(slave, &pty.Winsize{Rows: uint16(h), Cols: uint16(w)}); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(ctx)
	tm := &terminal{t: t, master: master, screen: emulator.New(w, h), stop: stop, ended: make(chan struct{})}
	var reading sync.WaitGroup
	reading.Go(func() { io.Copy(tm.screen, master) })
	go func() {
		defer close(tm.ended)
		env := append([]string{"TERM=xterm-256color", "LANG=C.UTF-8", "SSH_TTY=/dev/pts/0"}, env...)
		tm.result, tm.err = Show(ctx, o, slave, slave, env)
	}()
	t.Cleanup(func() {
		tm.stop()
		<-tm.ended
		slave.Close() // the reading ends with it
		reading.Wait()
		master.Close()
	})
	return tm
}

// press types bytes.
func (tm *terminal) press(keys string) {
	tm.t.Helper()
	if _, err := io.WriteString(tm.master, keys); err != nil {
		tm.t.Fatal(err)
	}
}

// testPatience is how long a test waits for what should come at once.
const testPatience = time.Minute

// until waits for something to hold, and fails the test where it never does.
func (tm *terminal) until(what string, holds func() bool) {
	tm.t.Helper()
	tm.screen.Until(tm.t, testPatience, what, holds)
}

// sees waits until the screen shows every text, and none of those that begin
// with "!".
func (tm *terminal) sees(texts ...string) {
	tm.t.Helper()
	tm.screen.Sees(tm.t, testPatience, texts...)
}

// Every key through a pseudo-terminal: bytes in, screen out.
func TestAllKeysThroughTerminal(t *testing.T) {
	t.Parallel()
	run := newFakeRun(50)
	tm := openTerminal(t.Context(), t, options(t, run), 120, 36)
	tm.sees("which scenario?", "Heart-disease")
	tm.press("embed\r")
	tm.sees("run time", "spawn rate")
	tm.press("\x1b[A\x1b[D") // up, left: the profile before
	tm.press("\x1b[C\r")     // right, enter
	tm.sees("1 live", "the first second is on its way")
	seconds := 0
	step := func(n int) {
		t.Helper()
		for range n {
			run.step()
			seconds++
			tm.sees(clock(time.Duration(seconds)*time.Second) + " / 05:00")
		}
	}
	step(2)
	tm.sees("users 50", "● running")
	for _, c := range []struct{ keys, want string }{
		{"\x1b[A", "→ 51"}, {"\x1b[B", "users 50"}, {"\x1b[1;2A", "→ 60"}, {"\x1b[1;2B", "users 50"},
		{"K", "→ 60"}, {"J", "users 50"}, {">", "→ 100"}, {"<", "users 50"},
		{"u", "users:"}, {"80\r", "→ 80"},
	} {
		tm.press(c.keys)
		tm.sees(c.want)
	}
	step(1)
	tm.sees("users 80", "by hand (not sustained)")
	tm.press(" ")
	tm.until("the pause", func() bool { w := run.wished(); return w[len(w)-1].Pause != nil })
	step(1)
	tm.sees("‖ paused")
	tm.press(" ")
	tm.until("going on", func() bool { w := run.wished(); return w[len(w)-1].Pause != nil && !*w[len(w)-1].Pause })
	step(1)
	tm.sees("● running")
	tm.press("r")
	tm.sees("requests a second:")
	tm.press("200\r")
	tm.sees("rate 200/s")
	step(1)
	tm.press("b")
	tm.until("the hand-back", func() bool { w := run.wished(); return w[len(w)-1].HandBack })
	tm.press("m")
	tm.sees("mark:")
	tm.press("deployed v2\r")
	tm.until("the mark", func() bool { w := run.wished(); return w[len(w)-1].Mark == "deployed v2" })
	step(1)
	for _, c := range []struct{ keys, want string }{
		{"[", "last 60 s"}, {"]", "last 5 min"}, {"]", "whole run"}, {"c", "ROUTE last 10 s"}, {"c", "ROUTE       "},
		{"?", "keys: live"}, {"x", "!keys: live"},
		{"w", "weights of tasks"}, {"\x1b[B+", "25 %"}, {"\x1b", "!weights of tasks"},
		{"S", "save now"}, {"1", "written: results/report.html"},
		{"S", "save now"}, {"\x1b[B\r", "the disk is full"},
		{"R", "statistics shown count from now on"},
		{"\t", "percentiles of all requests"},
		{"\x1b[C", "ROUTE▲"}, {"\x1b[C", "REQS▼"}, {"o", "REQS▲"}, {"c", "last 10 s"}, {"c", "since 00:"},
		{"/", "filter:"}, {"bat", "!POST single"}, {"\x1b", "POST single"},
		{"C", "where room is short"}, {" ", "[ ] REQS"}, {" ", "[x] REQS"}, {"\x1b", "!where room is short"},
	} {
		tm.press(c.keys)
		tm.sees(c.want)
	}
	step(1)
	for _, c := range []struct{ keys, want string }{
		{"j\r", "last 10 s,"}, {"\x1b", "!last 10 s,"},
		{"3", "No failures so far"}, {"4", "No level yet"}, {"5", "mark      deployed v2"},
		{"\x1b[Z", "No level yet"}, {"1", "latency, ms"},
		{"q", "Stop and save?"}, {"n", "stop & save"}, {"qq", "waiting for"},
	} {
		tm.press(c.keys)
		tm.sees(c.want)
	}
	run.step()
	<-tm.ended
	if tm.err != nil || tm.result.Outcome == nil {
		t.Errorf("it ended with %v, %+v", tm.err, tm.result.Outcome)
	}
	tm.until("the old screen", func() bool { return strings.Contains(tm.screen.Written(), "\x1b[?1049l") })
}

// The live view at 120×36 writes at most 4 KB a second.
func TestBytesASecond(t *testing.T) {
	t.Parallel()
	run := newFakeRun(50)
	o := options(t, run)
	o.Setup = &Setup{Scenario: fakeScenario(), Profile: "sustained"}
	tm := openTerminal(t.Context(), t, o, 120, 36)
	tm.sees("1 live")
	const warm, counted = 10, 60
	begin := 0
	for n := range warm + counted {
		if n == warm {
			begin = tm.screen.Count()
		}
		run.step()
		tm.sees(clock(time.Duration(n+1)*time.Second) + " / 05:00")
	}
	each := (tm.screen.Count() - begin) / counted
	t.Logf("%d bytes a second", each)
	if each > 4096 {
		t.Errorf("the live view writes %d bytes a second; want at most 4096", each)
	}
	tm.press("X")
	tm.sees("finished")
	tm.press("q")
}

// queued returns how long this process's threads have waited for a processor,
// 0 where the system does not tell.
func queued(t *testing.T) (sum time.Duration) {
	t.Helper()
	threads, _ := filepath.Glob("/proc/self/task/*/schedstat")
	for _, thread := range threads {
		var ran, waited int64
		text, err := os.ReadFile(thread)
		if err != nil {
			continue // the thread has ended
		}
		if _, err := fmt.Sscan(string(text), &ran, &waited); err != nil {
			t.Fatalf("%s says %q", thread, text)
		}
		sum += time.Duration(waited)
	}
	return sum
}

// Typing is answered within 50 ms, mostly, besides the time for which others
// had the processors.
func TestTypingIsAnsweredSoon(t *testing.T) { // not beside others: it measures
	run := newFakeRun(50)
	o := options(t, run)
	o.Setup = &Setup{Scenario: fakeScenario(), Profile: "sustained"}
	tm := openTerminal(t.Context(), t, o, 120, 36)
	tm.sees("1 live")
	for range 20 {
		run.step()
	}
	tm.sees("00:20 / 05:00")
	tm.press("u")
	tm.sees("users:")
	var took, own []time.Duration
	for range 51 {
		began, before := time.Now(), queued(t)
		tm.press("1")
		tm.sees("users: 1")
		took = append(took, time.Since(began))
		own = append(own, time.Since(began)-(queued(t)-before))
		tm.press("\x7f")
		tm.sees("!users: 1")
	}
	slices.Sort(took)
	slices.Sort(own)
	t.Logf("answered within %s (median), %s of that its own", took[25], own[25])
	if own[25] > 50*time.Millisecond {
		t.Errorf("typing was answered within %s (median), %s of that its own; want 50 ms", took[25], own[25])
	}
	tm.press("\x1b")
	tm.sees("stop & save")
	tm.press("X")
	tm.sees("finished")
	tm.press("q")
}

// When the context ends the screen goes, and the terminal is as it was.
func TestContextEnds(t *testing.T) {
	t.Parallel()
	gone := errors.New("the connection has gone")
	ctx, cancel := context.WithCancelCause(t.Context())
	tm := openTerminal(ctx, t, options(t, newFakeRun(5)), 80, 24)
	tm.sees("which scenario?")
	cancel(gone)
	<-tm.ended
	if !errors.Is(tm.err, gone) {
		t.Errorf("error %v; want %v", tm.err, gone)
	}
	tm.until("the old screen", func() bool { return strings.Contains(tm.screen.Written(), "\x1b[?1049l") })
}

// After a panic the terminal is restored, and the panic is the error.
func TestPanicRestoresTheTerminal(t *testing.T) {
	t.Parallel()
	o := options(t, newFakeRun(5))
	o.Start = func(context.Context, Setup, func(string)) (*Started, error) { panic("no such luck") }
	tm := openTerminal(t.Context(), t, o, 80, 24)
	tm.sees("which scenario?")
	tm.press("\r")
	tm.sees("run time")
	tm.press("\r")
	<-tm.ended
	fault := new(Panic)
	if !errors.As(tm.err, &fault) || !strings.Contains(fault.Error(), "no such luck") || !strings.Contains(fault.Stack, "terminal_test.go") {
		t.Errorf("error %v; want the panic with its stack", tm.err)
	}
	tm.until("the old screen", func() bool { return strings.Contains(tm.screen.Written(), "\x1b[?1049l") })
}
