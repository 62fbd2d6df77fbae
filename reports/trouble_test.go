//go:build unix

package reports

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// putting writes the demo run's seconds into a new journal, calling between
// before second n, and returns the closed journal and its last error.
func putting(t *testing.T, between map[int]func(dir string)) (j *Journal, during []error, closing error) {
	t.Helper()
	j, err := Create(filepath.Join(t.TempDir(), "results", "run"), demoHeader())
	if err != nil {
		t.Fatal(err)
	}
	j.patience = time.Minute // these tests count what each second says, however busy the machine is
	for i, s := range demoRun() {
		if f := between[i]; f != nil {
			f(j.Dir())
		}
		if err := j.Put(s); err != nil {
			during = append(during, err)
		}
	}
	return j, during, j.Close()
}

// wantWhole reads the record of a journal and wants every second of the demo
// run in it.
func wantWhole(t *testing.T, j *Journal) *Record {
	t.Helper()
	rec, err := j.Record()
	if err != nil {
		t.Fatal(err)
	}
	if want := len(demoRun()); rec.Seconds != want || rec.Ending == nil || rec.Missing() != nil {
		t.Fatalf("%d seconds, ending %v, missing %q; want %d, one, nothing", rec.Seconds, rec.Ending, rec.Missing(), want)
	}
	return rec
}

func TestFolderDeletedInMidRun(t *testing.T) {
	j, during, closing := putting(t, map[int]func(string){
		10: func(dir string) {
			if err := os.RemoveAll(dir); err != nil {
				t.Fatal(err)
			}
		},
	})
	if closing == nil || !strings.Contains(closing.Error(), "was deleted") {
		t.Errorf("errors %v, at the end %v; want it to say that the folder was deleted", during, closing)
	}
	wantWhole(t, j)
	if _, err := Open(j.Dir()); err != nil {
		t.Errorf("the record is not in its folder again: %v", err)
	}
}

func TestFolderLostInMidRun(t *testing.T) {
	j, during, closing := putting(t, map[int]func(string){
		10: func(dir string) { // a file stands where the folder should
			if err := errors.Join(os.RemoveAll(filepath.Dir(dir)), os.WriteFile(filepath.Dir(dir), nil, 0o600)); err != nil {
				t.Fatal(err)
			}
		},
	})
	if len(during) != len(demoRun())-10 || closing == nil {
		t.Errorf("%d seconds had an error, at the end %v; want %d and one", len(during), closing, len(demoRun())-10)
	}
	// What is in memory, and in the file that has no name any more, can still
	// be reported elsewhere.
	rec := wantWhole(t, j)
	if paths, err := Write(rec, Output{}); err == nil || len(paths) > 0 {
		t.Errorf("reports were written into a folder that is not there: %v", paths)
	}
	t.Setenv("TMPDIR", t.TempDir())
	paths, err := Rescue(rec)
	if err != nil || len(paths) != 1+len(files) {
		t.Fatalf("%d files rescued, %v; want %d", len(paths), err, 1+len(files))
	}
	if info, err := os.Stat(filepath.Dir(paths[0])); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("the folder they are rescued to has mode %v, %v", info.Mode(), err)
	}
	rescued, err := Open(paths[0])
	if err != nil || rescued.Seconds != rec.Seconds || rescued.Partial() {
		t.Errorf("of %d seconds %d were rescued; %v", rec.Seconds, rescued.Seconds, err)
	}
}

// childTest names the test that a child process of the tests is for.
const childTest = "BRINK_TEST_CHILD"

// inChild runs the test that calls it in a process of its own, which prepare may
// change before it starts. It returns true in that process and false in the
// parent, when the child has passed.
func inChild(t *testing.T, prepare func(*exec.Cmd)) bool {
	t.Helper()
	if os.Getenv(childTest) == t.Name() {
		return true
	}
	// Not by its path: another user may not see the folder that it is in.
	child := exec.Command("/proc/self/exe", "-test.run=^"+t.Name()+"$", "-test.v")
	if runtime.GOOS != "linux" {
		child.Path, _ = os.Executable()
	}
	child.Env = append(os.Environ(), childTest+"="+t.Name())
	prepare(child)
	out, err := child.CombinedOutput()
	if err != nil || !bytes.Contains(out, []byte("--- PASS: "+t.Name())) {
		t.Fatalf("%v\n%s", err, out)
	}
	return false
}

func TestDiskFullInMidRun(t *testing.T) {
	// A limit on the size of files stands for a full disk, in a process of its
	// own: it holds for every file that the process writes.
	if !inChild(t, func(*exec.Cmd) {}) {
		return
	}
	signal.Ignore(syscall.SIGXFSZ)
	var free unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_FSIZE, &free); err != nil {
		t.Fatal(err)
	}
	limit := func(bytes uint64) {
		if err := unix.Setrlimit(unix.RLIMIT_FSIZE, &unix.Rlimit{Cur: bytes, Max: free.Max}); err != nil {
			t.Fatal(err)
		}
	}
	defer limit(free.Cur)
	full := func(dir string) {
		info, err := os.Stat(filepath.Join(dir, JournalName))
		if err != nil {
			t.Fatal(err)
		}
		limit(uint64(info.Size()))
	}

	j, during, closing := putting(t, map[int]func(string){
		10: full,
		20: func(string) { limit(free.Cur) },
	})
	if len(during) != 10 || !errors.Is(during[0], unix.EFBIG) {
		t.Errorf("%d seconds had an error, the first %v; want 10, %v", len(during), during, unix.EFBIG)
	}
	if !errors.Is(closing, unix.EFBIG) {
		t.Errorf("at the end %v; want it to say what went wrong", closing)
	}
	wantWhole(t, j)

	j, during, closing = putting(t, map[int]func(string){10: full})
	limit(free.Cur)
	if len(during) != 20 || closing == nil {
		t.Errorf("%d seconds had an error, at the end %v; want 20 and one", len(during), closing)
	}
	wantWhole(t, j) // the tail from memory
	cut, err := Open(j.Dir())
	if err != nil {
		t.Fatal(err)
	}
	if cut.Seconds != 10 || !cut.Partial() {
		t.Errorf("the file has %d seconds, partial %v; want 10, true", cut.Seconds, cut.Partial())
	}
}

// TestMemoryIsBounded wants seconds that find no room to be counted as lost, and
// said so in one sentence however many there are.
func TestMemoryIsBounded(t *testing.T) {
	j, err := Create(filepath.Join(t.TempDir(), "run"), demoHeader())
	if err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(j.Dir()); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(j.Dir(), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	j.patience = time.Minute
	run := demoRun()[:5]
	if err := j.Put(run[0]); err == nil {
		t.Fatal("no error without a folder")
	}
	j.mu.Lock()
	j.pending = append(j.pending, make([]byte, maxPending)...)
	j.mu.Unlock()
	for _, s := range run[1:] {
		err = j.Put(s)
	}
	if err == nil || !strings.HasPrefix(err.Error(), "the record lost 4 seconds") || strings.Count(err.Error(), "lost") != 1 {
		t.Errorf("after four lost seconds it says %v", err)
	}
	if err := j.Close(); err == nil {
		t.Error("no error at the end")
	}
}

func TestFolderReadOnlyInMidRun(t *testing.T) {
	// Root may write everywhere, so where root runs the tests it is nobody who
	// runs this one.
	if os.Geteuid() == 0 && !inChild(t, func(child *exec.Cmd) {
		const nobody = 65534
		child.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
		child.Dir, child.Env = "/", append(child.Env, "TMPDIR=/tmp", "HOME=/")
	}) {
		return
	}
	mode := func(mode os.FileMode) func(string) {
		return func(dir string) {
			if err := os.Chmod(dir, mode); err != nil {
				t.Fatal(err)
			}
		}
	}

	j, during, closing := putting(t, map[int]func(string){10: mode(0o500)})
	if want := len(demoRun()) - 10; len(during) != want || !errors.Is(during[0], fs.ErrPermission) {
		t.Errorf("%d seconds had an error, the first %v; want %d, %v", len(during), during, want, fs.ErrPermission)
	}
	if !errors.Is(closing, fs.ErrPermission) || !j.Whole() {
		t.Errorf("at the end %v, whole %v; the open journal can still be written", closing, j.Whole())
	}
	rec := wantWhole(t, j)
	if paths, err := Write(rec, Output{}); !errors.Is(err, fs.ErrPermission) || len(paths) > 0 {
		t.Errorf("reports in a read-only folder: %v, %v", paths, err)
	}
	t.Setenv("TMPDIR", t.TempDir())
	if paths, err := Rescue(rec); err != nil || len(paths) != 1+len(files) {
		t.Errorf("%d files rescued, %v; want %d", len(paths), err, 1+len(files))
	}
	mode(0o700)(j.Dir()) // for the test's own cleaning up

	j, during, closing = putting(t, map[int]func(string){10: mode(0o500), 20: mode(0o700)})
	if len(during) != 10 || closing == nil {
		t.Errorf("mended after ten seconds, %d had an error, at the end %v", len(during), closing)
	}
	if paths, err := Write(wantWhole(t, j), Output{}); err != nil || len(paths) != len(files) {
		t.Errorf("mended, %d reports are written, %v; want %d", len(paths), err, len(files))
	}
}

// TestRecordOfARunThatGoesOn wants a record that is read meanwhile to say so,
// and not to be taken for that of a crash.
func TestRecordOfARunThatGoesOn(t *testing.T) {
	j, err := Create(filepath.Join(t.TempDir(), "run"), demoHeader())
	if err != nil {
		t.Fatal(err)
	}
	if err := j.Put(demoRun()[0]); err != nil {
		t.Fatal(err)
	}
	said := func() string {
		rec, err := Open(j.Dir())
		if err != nil {
			t.Fatal(err)
		}
		return strings.Join(rec.Missing(), " ")
	}
	if got := said(); !strings.Contains(got, "still going on") || strings.Contains(got, "cut off") {
		t.Errorf("while the run goes on its record says %q", got)
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	if got := said(); got != "" {
		t.Errorf("afterwards it says %q", got)
	}
}

func TestCreateFailsWhereItCannotWrite(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Create(filepath.Join(path, "run"), demoHeader()); err == nil {
		t.Error("a journal was made below a file")
	}
	if err := (Output{Dir: filepath.Join(path, "run")}).Check(); err == nil {
		t.Error("Check found nothing wrong with a folder below a file")
	}
}
