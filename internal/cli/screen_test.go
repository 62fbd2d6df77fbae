package cli

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"brink/reports"
	"brink/scenarios/demo"
)

// demoTarget starts a demo target that is ready at once and returns its URL.
func demoTarget(t *testing.T) string {
	t.Helper()
	s, err := demo.Start("", demo.Options{Loading: -1, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close(t.Context()) })
	return s.URL()
}

// calmScenario writes the demo's scenario without its thresholds into dir: a
// short run is too few requests for them, and a slow machine is no failed test.
func calmScenario(t *testing.T, dir, name string) (path string) {
	t.Helper()
	calm, _, _ := strings.Cut(string(demo.Scenario), "thresholds:")
	calm = strings.NewReplacer("Demo model API", name, "${TARGET:-http://127.0.0.1:8000}", demoTarget(t)).Replace(calm)
	path = filepath.Join(dir, "api.yaml")
	if err := os.WriteFile(path, []byte(calm), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// theRecord opens the one record under dir/results.
func theRecord(t *testing.T, dir string) *reports.Record {
	t.Helper()
	found, _ := filepath.Glob(filepath.Join(dir, "results", "*"))
	if len(found) != 1 {
		t.Fatalf("there are %d runs in results, want 1: %v", len(found), found)
	}
	rec, err := reports.Open(found[0])
	if err != nil {
		t.Fatal(err)
	}
	return rec
}

// The main job: the load is driven by hand, and on quitting all is saved and a
// summary is left on the normal screen.
func TestDriveByHand(t *testing.T) {
	for _, size := range []struct{ columns, lines int }{{80, 24}, {120, 36}} {
		t.Run(fmt.Sprintf("%dx%d", size.columns, size.lines), func(t *testing.T) {
			t.Parallel()
			driveByHand(t, size.columns, size.lines)
		})
	}
}

func driveByHand(t *testing.T, columns, lines int) {
	dir := t.TempDir()
	tm := open(t, dir, columns, lines, "brink", calmScenario(t, dir, "Mine"), "-u", "5", "--accept-invalid")
	tm.sees("running", "users 5", "POST predict")
	tm.press("\x1b[A")
	tm.sees("users 6")
	tm.press("K")
	tm.sees("users 16")
	tm.press("\x1b[B")
	tm.sees("users 15")
	tm.press("J")
	tm.sees("users 5")
	tm.press("u")
	tm.press("25\r")
	tm.sees("users 25")
	tm.press(" ")
	tm.sees("paused")
	tm.press(" ")
	tm.sees("running")
	tm.press("q")
	tm.sees("Stop and save?")
	tm.press("q")
	if code := tm.ends(); code != 0 {
		t.Errorf("exit code %d", code)
	}
	tm.isRestored()
	tm.sees("Saved:", "run_stats.csv")
	rec := theRecord(t, dir)
	result, err := rec.Result()
	if err != nil {
		t.Fatal(err)
	}
	if rec.Partial() || result.Run.PeakUsers != 25 || result.Total.Requests == 0 {
		t.Errorf("partial: %t, users at most: %d, requests: %d", rec.Partial(), result.Run.PeakUsers, result.Total.Requests)
	}
	var said []string
	for _, e := range result.Events {
		said = append(said, e.Text)
	}
	if all := strings.Join(said, "\n"); !strings.Contains(all, "users set to 25 by hand") || !strings.Contains(all, "paused by hand") {
		t.Errorf("the record does not tell what was done:\n%s", all)
	}
}

// The scenario is picked from a list and set up in a form. A broken one is
// listed with what is wrong.
func TestPickAndSetUp(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	calmScenario(t, dir, "My own API")
	broken := filepath.Join(dir, "scenarios", "broken.yaml")
	err := errors.Join(os.Mkdir(filepath.Dir(broken), 0o700), os.WriteFile(broken, []byte("name: Broken one\ntarget: http://127.0.0.1:1\ntasks: 7\n"), 0o600))
	if err != nil {
		t.Fatal(err)
	}
	tm := open(t, dir, 100, 30, "brink", "--accept-invalid")
	tm.sees("My own API", "broken.yaml", "Demo model API")
	tm.press("own")
	tm.sees("My own API")
	tm.press("\r")
	tm.sees("users", "run time")
	tm.press("\r")
	tm.sees("running", "POST predict")
	tm.press("q")
	tm.sees("Stop and save?")
	tm.press("q")
	if code := tm.ends(); code != 0 {
		t.Errorf("exit code %d; the screen shows\n%s", code, tm.screen)
	}
	if rec := theRecord(t, dir); rec.Header.Scenario != "My own API" || rec.Header.File != "api.yaml" {
		t.Errorf("the record is of %q from %q", rec.Header.Scenario, rec.Header.File)
	}
}

// A public host is asked for by its name. It is never typed here: nothing may be
// sent there.
func TestPublicHostOnScreen(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	tm := open(t, dir, 80, 24, "brink", "http://192.0.2.7/")
	tm.sees("192.0.2.7 is a public address", "Type its name")
	tm.press("192.0.2.8\r")
	tm.sees("That is not 192.0.2.7")
	tm.press("\x1b")
	if code := tm.ends(); code != int(ExitUsage) {
		t.Errorf("exit code %d, want %d", code, ExitUsage)
	}
	tm.isRestored()
	tm.sees("--yes-i-may-load 192.0.2.7")
	if _, err := os.Stat(filepath.Join(dir, "results")); err == nil {
		t.Error("a folder for results was made")
	}
}

// A run that crashed is offered at the next start: an empty answer makes its
// reports.
func TestCrashedRunIsOffered(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := calmScenario(t, dir, "Mine")
	tm := open(t, dir, 80, 24, "brink", path, "-u", "5")
	tm.sees("running", "POST predict")
	tm.cmd.Process.Kill()
	tm.ends()
	crashed := theRecord(t, dir).Dir

	tm = open(t, dir, 80, 24, "brink", path, "-u", "5")
	tm.sees("A run was cut off after 00:", "Make them now? [Y/n]")
	tm.press("\r")
	tm.sees("running")
	tm.press("q")
	tm.sees("Stop and save?")
	tm.press("q")
	tm.ends()
	if _, err := os.Stat(filepath.Join(crashed, "run_stats.csv")); err != nil {
		t.Errorf("the crashed run has no reports: %v", err)
	}
}

// The first start says what to do, once.
func TestFirstStart(t *testing.T) {
	needs(t, "env")
	t.Parallel()
	dir := t.TempDir()
	path := calmScenario(t, dir, "Mine")
	for _, first := range []bool{true, false} {
		tm := open(t, dir, 100, 30, "env", "XDG_STATE_HOME="+filepath.Join(dir, "new"), brinkPath(t), path, "-u", "5", "--threshold", "count > 0")
		tm.sees("running", "users 5")
		if welcome := strings.Contains(tm.screen.String(), "welcome"); welcome != first {
			t.Errorf("welcomed: %t, first start: %t\n%s", welcome, first, tm.screen)
		}
		tm.press("q")
		tm.sees("Stop and save?")
		tm.press("q")
		tm.ends()
	}
	runs, _ := filepath.Glob(filepath.Join(dir, "results", "*"))
	for _, run := range runs {
		rec, err := reports.Open(run)
		if err != nil {
			t.Fatal(err)
		}
		if got := rec.Header.Thresholds; len(got) != 1 || got[0] != "count > 0" {
			t.Errorf("thresholds of the run: %q", got)
		}
	}
	if len(runs) != 2 {
		t.Errorf("runs: %v", runs)
	}
}

// A connection that is cut ends the run gracefully; nothing is lost.
func TestHangup(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	tm := open(t, dir, 80, 24, "brink", calmScenario(t, dir, "Mine"), "-u", "5")
	tm.sees("running", "POST predict")
	tm.pty.Close() // the kernel sends SIGHUP
	if code := tm.ends(); code != int(ExitHangup) {
		t.Errorf("exit code %d, want %d", code, ExitHangup)
	}
	rec := theRecord(t, dir)
	if rec.Ending == nil || !rec.Ending.Partial || len(rec.Missing()) > 0 {
		t.Errorf("ending %+v, missing %v", rec.Ending, rec.Missing())
	}
	files, _ := filepath.Glob(filepath.Join(dir, "results", "*", "run_*.csv"))
	if len(files) != 4 {
		t.Errorf("CSV files: %v", files)
	}
}

// With --on-hangup continue the run goes on to its end without the terminal.
func TestHangupContinue(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	tm := open(t, dir, 80, 24, "brink", calmScenario(t, dir, "Mine"), "-u", "5", "-t", "4s", "--on-hangup", "continue", "--accept-invalid")
	tm.sees("running", "POST predict")
	tm.pty.Close()
	if code := tm.ends(); code != 0 {
		t.Errorf("exit code %d", code)
	}
	rec := theRecord(t, dir)
	result, err := rec.Result()
	if err != nil {
		t.Fatal(err)
	}
	if rec.Partial() || result.Run.Duration < 4 {
		t.Errorf("partial: %t, after %v s", rec.Partial(), result.Run.Duration)
	}
}

// SIGTERM closes the screen when all is saved, and the terminal is as before.
func TestTerminateOnScreen(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	tm := open(t, dir, 80, 24, "brink", calmScenario(t, dir, "Mine"), "-u", "5", "--keys", "locust")
	tm.sees("running", "POST predict")
	tm.press("w") // Locust's key for one user more
	tm.sees("users 6")
	tm.cmd.Process.Signal(syscall.SIGTERM)
	if code := tm.ends(); code != int(ExitTerminate) {
		t.Errorf("exit code %d, want %d", code, ExitTerminate)
	}
	tm.sees("Saved:", "stopped by SIGTERM")
	tm.isRestored()
}

// The same when the run is over and only its screen is left.
func TestTerminateAfterTheRun(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	tm := open(t, dir, 80, 24, "brink", calmScenario(t, dir, "Mine"), "-u", "5", "-t", "1s", "--accept-invalid")
	tm.sees("finished")
	tm.cmd.Process.Signal(syscall.SIGTERM)
	if code := tm.ends(); code != 0 {
		t.Errorf("exit code %d", code)
	}
	tm.isRestored()
	if rec := theRecord(t, dir); rec.Partial() {
		t.Errorf("a whole run is marked as partial: %+v", rec.Ending)
	}
}
