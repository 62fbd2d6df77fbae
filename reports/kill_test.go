package reports

import (
	"bufio"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"
)

// childFolder tells a child process of the tests to be one that writes a
// journal until it is killed.
const childFolder = "BRINK_TEST_JOURNAL"

func TestMain(m *testing.M) {
	if dir := os.Getenv(childFolder); dir != "" {
		if err := writeForever(dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
		}
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// writeForever puts second after second, as fast as it can, and prints the
// number of each when it is finished.
func writeForever(dir string) error {
	h := demoHeader()
	j, err := Create(dir, h)
	if err != nil {
		return err
	}
	j.patience = time.Minute // a second is finished when it is written, however busy the machine is
	p := newPlayer(h.Routes)
	for {
		s := p.second(20, 100)
		if err := j.Put(s); err != nil {
			return err
		}
		fmt.Println(s.Seq)
	}
}

// TestKilled kills a process that writes a journal, with SIGKILL at a random
// moment, and wants every second that it had finished. BRINK_LONG=1, the long
// part of CI, does it 200 times.
func TestKilled(t *testing.T) {
	times := 8
	if os.Getenv("BRINK_LONG") != "" {
		times = 200
	}
	results := t.TempDir()
	seconds := 0
	for i := range times {
		dir := filepath.Join(results, strconv.Itoa(i))
		last := killOne(t, dir, time.Duration(rand.Int64N(int64(60*time.Millisecond))))
		rec, err := Open(dir)
		if err != nil {
			t.Fatalf("kill %d: %v", i, err)
		}
		next := 0
		for s, err := range rec.All() {
			if err != nil {
				t.Fatalf("kill %d: %v", i, err)
			}
			if s.Seq != next {
				t.Fatalf("kill %d: second %d is missing", i, next)
			}
			next++
		}
		if next <= last {
			t.Fatalf("kill %d: second %d was finished, the record ends with %d", i, last, next-1)
		}
		if rec.Ending != nil || !rec.Partial() {
			t.Fatalf("kill %d: the record does not say that it was cut off", i)
		}
		seconds += next
	}
	crashed, err := Unfinished(results)
	if err != nil || len(crashed) != times {
		t.Fatalf("%d crashed runs found, error %v; want %d", len(crashed), err, times)
	}
	if _, err := Write(crashed[0], Output{}); err != nil {
		t.Errorf("reports of a crashed run: %v", err)
	}
	if crashed, _ = Unfinished(results); len(crashed) != times-1 {
		t.Errorf("%d crashed runs found after one was reported; want %d", len(crashed), times-1)
	}
	t.Logf("%d kills, %d seconds written, none lost", times, seconds)
}

// killOne starts a child, kills it the given time after its first second, and
// returns the number of the last second that it had finished.
func killOne(t *testing.T, dir string, after time.Duration) (last int) {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	child := exec.Command(exe)
	child.Env = append(os.Environ(), childFolder+"="+dir)
	child.Stderr = os.Stderr
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	last = -1
	for lines.Scan() {
		if last < 0 {
			if runs, _ := Unfinished(filepath.Dir(dir)); len(runs) > 0 && runs[len(runs)-1].Dir == dir {
				t.Error("a run that goes on is offered as a crashed one")
			}
			time.AfterFunc(after, func() { child.Process.Kill() })
		}
		if last, err = strconv.Atoi(lines.Text()); err != nil {
			t.Fatalf("%q is no second", lines.Text())
		}
	}
	_ = child.Wait() // killed, as it should be
	if last < 0 {
		t.Fatal("the child finished no second")
	}
	return last
}
