package cli

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"flag"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"brink/reports"
	"brink/scenarios/demo"
)

func TestMain(m *testing.M) {
	// These tests wait for other processes most of the time, so more of them
	// than there are processors may run at once. The command line overrides it.
	flag.Set("test.parallel", "6")
	testscript.Main(m, map[string]func(){
		"brink": func() { os.Exit(Main(os.Args[1:], os.Stdin, os.Stdout, os.Stderr, os.Environ())) },
	})
}

// TestScript runs the scripts, each the manual of a part of the command line.
func TestScript(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(e *testscript.Env) error {
			e.Setenv("TERM", "xterm-256color")
			e.Values[background{}] = new(*exec.Cmd)
			// The demo's scenario without thresholds: a short run is too few
			// requests for them, and a slow machine is no failed test.
			calm, _, _ := bytes.Cut(demo.Scenario, []byte("thresholds:"))
			e.Setenv("API", filepath.Join(e.WorkDir, "api.yaml"))
			return os.WriteFile(e.Getenv("API"), calm, 0o600)
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits":  exits,
			"target": target,
			"agrees": agrees,
			"asked":  asked,
			"loaded": loaded,
			"signal": sendSignal,
			"code":   code,
		},
	})
}

// patience is how long a script waits for what must come, on a machine that
// others use, too.
const patience = 2 * time.Minute

// eventually waits until done, looking often.
func eventually(what string, done func() bool) error {
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(patience); !done(); <-tick.C {
		if time.Now().After(deadline) {
			return errors.New("it never came to this: " + what)
		}
	}
	return nil
}

// exits CODE COMMAND… runs a command that must end with the exit code.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE COMMAND…")
	}
	got := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		failed := new(exec.ExitError)
		if !errors.As(err, &failed) {
			ts.Fatalf("%v", err)
		}
		got = failed.ExitCode()
	}
	if strconv.Itoa(got) != args[0] {
		ts.Fatalf("exit code %d, want %s", got, args[0])
	}
}

// target [loading] starts a demo target and puts its address into $TARGET.
// With loading it is not ready for a minute.
func target(ts *testscript.TestScript, _ bool, args []string) {
	o := demo.Options{Loading: -1, Seed: 1}
	if len(args) == 1 && args[0] == "loading" {
		o.Loading = time.Minute
	}
	s, err := demo.Start("", o)
	ts.Check(err)
	ts.Defer(func() {
		over, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		s.Close(over)
	})
	ts.Setenv("TARGET", s.URL())
}

// agrees GLOB holds the one _stats.csv that matches against what $TARGET
// counted itself: the same number of requests to each address, to the last one.
func agrees(ts *testscript.TestScript, _ bool, args []string) {
	resp, err := http.Get(ts.Getenv("TARGET") + "/metrics")
	ts.Check(err)
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	ts.Check(err)
	counted := map[string]int{}
	for _, m := range regexp.MustCompile(`demo_requests_total\{route="POST (\S+)",status="\d+"\} (\d+)`).FindAllStringSubmatch(string(text), -1) {
		n, _ := strconv.Atoi(m[2])
		counted[m[1]] += n
	}
	reported := map[string]int{}
	for _, row := range readCSV(ts, args[0]) {
		address := map[string]string{"predict": "/predict", "missing field": "/predict", "embed": "/embed", "embed batch": "/embed"}[row["Name"]]
		if address != "" {
			n, err := strconv.Atoi(row["Request Count"])
			ts.Check(err)
			reported[address] += n
		}
	}
	for _, address := range []string{"/predict", "/embed"} {
		if counted[address] == 0 || counted[address] != reported[address] {
			ts.Fatalf("POST %s: the target counted %d, the report %d", address, counted[address], reported[address])
		}
	}
}

// readCSV returns the rows of the one file that matches, by their headings.
func readCSV(ts *testscript.TestScript, glob string) []map[string]string {
	paths, err := filepath.Glob(ts.MkAbs(glob))
	ts.Check(err)
	if len(paths) != 1 {
		ts.Fatalf("%d files match %s, want 1", len(paths), glob)
	}
	f, err := os.Open(paths[0])
	ts.Check(err)
	defer f.Close()
	all, err := csv.NewReader(f).ReadAll()
	ts.Check(err)
	var rows []map[string]string
	for _, cells := range all[1:] {
		row := map[string]string{}
		for i, cell := range cells {
			row[all[0][i]] = cell
		}
		rows = append(rows, row)
	}
	return rows
}

// loaded [SECONDS] waits until a run in results has written so many seconds, 1
// if not said otherwise.
func loaded(ts *testscript.TestScript, _ bool, args []string) {
	want := 1
	if len(args) > 0 {
		want, _ = strconv.Atoi(args[0])
	}
	ts.Check(eventually("a run has written its seconds", func() bool {
		dirs, _ := filepath.Glob(ts.MkAbs("results/*"))
		for _, dir := range dirs {
			if rec, err := reports.Open(dir); err == nil && rec.Seconds >= want {
				return true
			}
		}
		return false
	}))
}

// asked waits until $TARGET was asked whether it is ready.
func asked(ts *testscript.TestScript, _ bool, _ []string) {
	ts.Check(eventually("the target was asked for its health", func() bool {
		resp, err := http.Get(ts.Getenv("TARGET") + "/metrics")
		if err != nil {
			return false
		}
		defer resp.Body.Close()
		text, err := io.ReadAll(resp.Body)
		return err == nil && strings.Contains(string(text), "GET /health")
	}))
}

// background is the key of the command that got a signal.
type background struct{}

// signal NAME sends a signal to the command that runs in the background.
func sendSignal(ts *testscript.TestScript, _ bool, args []string) {
	signals := map[string]syscall.Signal{"INT": syscall.SIGINT, "TERM": syscall.SIGTERM, "HUP": syscall.SIGHUP, "KILL": syscall.SIGKILL}
	running := ts.BackgroundCmds()
	if len(args) != 1 || len(running) == 0 {
		ts.Fatalf("usage: signal NAME, while a command runs in the background")
	}
	last := running[len(running)-1]
	*ts.Value(background{}).(**exec.Cmd) = last
	ts.Check(last.Process.Signal(signals[strings.TrimPrefix(args[0], "SIG")]))
}

// code CODE: the command that got a signal, and was waited for, must have ended
// with the exit code.
func code(ts *testscript.TestScript, _ bool, args []string) {
	cmd := *ts.Value(background{}).(**exec.Cmd)
	if got := cmd.ProcessState.ExitCode(); strconv.Itoa(got) != args[0] {
		ts.Fatalf("exit code %d, want %s", got, args[0])
	}
}
