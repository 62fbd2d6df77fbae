//go:build linux

package cli

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"brink/reports"
	"brink/runner/oracle"
	"brink/runner/stats"
)

// asRoot skips where a proof cannot make what it needs.
func asRoot(t *testing.T, programs ...string) {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("needs root, to make namespaces and control groups of its own")
	}
	needs(t, programs...)
}

// TestOutOfDescriptors gives brink 64 descriptors for 200 users: it says so
// beforehand, the requests without one have a class of their own, the run goes
// on, its results are saved, and they are not taken for good.
func TestOutOfDescriptors(t *testing.T) {
	t.Parallel()
	s := startOracle(t, oracle.Options{Plans: map[string]oracle.Plan{"slow": oracle.Constant(20 * time.Millisecond)}})
	p := headless(t, s.URL(), "tasks: [{ get: /plan/slow }]\n", "ulimit -n 64; exec", "-u", "200", "-t", "3s", "--accept-invalid=false")
	if code := p.ends(); code != int(ExitInvalid) {
		t.Errorf("exit code %d, not %d; it said\n%s", code, ExitInvalid, p.text())
	}
	if said := p.text(); !strings.Contains(said, "may open 64 files only") || !strings.Contains(said, "ulimit -n") {
		t.Errorf("it does not say what is missing:\n%s", said)
	}
	res := p.result()
	without := res.Total.Classes[stats.NoDescriptors.String()]
	t.Logf("%d requests, %d of them without a descriptor; verdict %s", res.Total.Requests, without, res.Verdict.Grade)
	if without == 0 || without != res.Total.Failures || res.Total.Requests == without {
		t.Errorf("%d requests, %d failed: %v", res.Total.Requests, res.Total.Failures, res.Total.Classes)
	}
	agreesWith(t, res, s)
}

// TestOutOfPorts runs brink in a network of its own that has ten local ports,
// with forty users.
func TestOutOfPorts(t *testing.T) {
	asRoot(t, "unshare", "nsenter", "ip")
	t.Parallel()
	pid := network(t, "20000 20009")
	s := oracleIn(t, pid, "", oracle.Options{})
	p := headless(t, s.URL(), calm, fmt.Sprintf("exec nsenter -t %d -n", pid), "-u", "40", "-t", "3s", "--accept-invalid=false")
	if code := p.ends(); code != int(ExitInvalid) {
		t.Errorf("exit code %d, not %d; it said\n%s", code, ExitInvalid, p.text())
	}
	if said := p.text(); !strings.Contains(said, "local ports") {
		t.Errorf("it does not say what is missing:\n%s", said)
	}
	res := p.result()
	without := res.Total.Classes[stats.NoPorts.String()]
	t.Logf("%d requests, %d of them without a port; verdict %s", res.Total.Requests, without, res.Verdict.Grade)
	if without == 0 || without != res.Total.Failures || res.Total.Requests == without {
		t.Errorf("%d requests, %d failed: %v", res.Total.Requests, res.Total.Failures, res.Total.Classes)
	}
	agreesWith(t, res, s)
}

// network makes a network with a loopback alone and so many local ports, and
// returns the id of a process in it.
func network(t *testing.T, ports string) int {
	t.Helper()
	holder := exec.Command("unshare", "-n", "sh", "-c", `ip link set lo up && echo "$0" > /proc/sys/net/ipv4/ip_local_port_range && echo up && exec cat`, ports)
	in, err := holder.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := holder.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := holder.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		in.Close()
		_ = holder.Wait()
	})
	if line, _ := bufio.NewReader(out).ReadString('\n'); line != "up\n" {
		t.Skip("this machine makes no network of its own")
	}
	return holder.Process.Pid
}

// oracleIn starts an oracle that listens in another process's network.
func oracleIn(t *testing.T, pid int, addr string, o oracle.Options) *oracle.Server {
	t.Helper()
	type started struct {
		server *oracle.Server
		err    error
	}
	done := make(chan started)
	go func() {
		// The thread is in that network now, so it ends with this goroutine.
		runtime.LockOSThread()
		f, err := os.Open(fmt.Sprintf("/proc/%d/ns/net", pid))
		if err == nil {
			defer f.Close()
			err = unix.Setns(int(f.Fd()), unix.CLONE_NEWNET)
		}
		if err != nil {
			done <- started{nil, err}
			return
		}
		s, err := oracle.Start(addr, o)
		done <- started{s, err}
	}()
	s := <-done
	if s.err != nil {
		t.Fatal(s.err)
	}
	t.Cleanup(s.server.Close)
	return s.server
}

// group makes a control group with a limit, and returns its folder and the shell
// command that joins it. The limit is a file and what to write, for both versions of cgroups.
func group(t *testing.T, controller, file1, limit1, file2, limit2 string) (dir, join string) {
	t.Helper()
	for _, g := range []struct{ root, file, limit string }{
		{"/sys/fs/cgroup/" + controller, file1, limit1},
		{"/sys/fs/cgroup", file2, limit2},
	} {
		dir = filepath.Join(g.root, "brink-proof-"+strconv.Itoa(os.Getpid()))
		if _, err := os.Stat(filepath.Join(g.root, "cgroup.procs")); err != nil || os.Mkdir(dir, 0o700) != nil {
			continue
		}
		t.Cleanup(func() { _ = os.Remove(dir) })
		if os.WriteFile(filepath.Join(dir, g.file), []byte(g.limit), 0o600) == nil {
			return dir, "echo $$ > " + dir + "/cgroup.procs && exec"
		}
	}
	t.Skip("this machine lets nobody make a control group with " + controller)
	return "", ""
}

// TestShortOfProcessor gives brink a tenth of a processor for a load that
// wants more: the run ends in time, and its numbers are not taken for good.
func TestShortOfProcessor(t *testing.T) {
	asRoot(t)
	t.Parallel()
	dir, join := group(t, "cpu", "cpu.cfs_quota_us", "10000", "cpu.max", "10000 100000")
	s := startOracle(t, oracle.Options{})
	p := headless(t, s.URL(), "tasks: [{ get: /a }]\n", join, "-u", "20", "-t", "4s")
	code := p.ends()
	res := p.result()
	t.Logf("exit code %d, verdict %s: %v", code, res.Verdict.Grade, res.Verdict.Reasons)
	agreesWith(t, res, s)
	if periods, held := throttled(t, dir); held < periods/2 {
		t.Skipf("the machine is so busy that brink did not use even that: held back in %d of %d periods", held, periods)
	}
	if res.Verdict.Grade == "VALID" {
		t.Error("numbers of a generator without a processor are VALID")
	}
	if !strings.Contains(strings.Join(res.Verdict.Reasons, " "), "cgroup") {
		t.Errorf("no reason names the control group: %v", res.Verdict.Reasons)
	}
}

// throttled returns how many periods a control group ran in, and in how many of
// them it was held back.
func throttled(t *testing.T, dir string) (periods, held int) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, "cpu.stat"))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		switch f := strings.Fields(line); f[0] {
		case "nr_periods":
			periods, _ = strconv.Atoi(f[1])
		case "nr_throttled":
			held, _ = strconv.Atoi(f[1])
		}
	}
	return periods, held
}

// TestShortOfMemory gives brink 64 MB and a server that sends bodies without
// end to 100 users.
func TestShortOfMemory(t *testing.T) {
	asRoot(t)
	if raced() {
		t.Skip("the race detector takes several times the memory")
	}
	t.Parallel()
	_, join := group(t, "memory", "memory.limit_in_bytes", "64M", "memory.max", "64M")
	s := startOracle(t, oracle.Options{Hostile: true})
	p := headless(t, s.URL(), "tasks:\n  - { get: /hostile/body-endless, timeout: 500ms }\n  - { get: /hostile/head-endless, timeout: 500ms }\n  - { get: /hostile/gzip-bomb, timeout: 500ms }\n  - { name: kept, get: /hostile/body-endless, timeout: 2s, expect: { contains: nothing } }\n  - { name: read, get: /hostile/json-lists, timeout: 2s, expect: { that: \"len(json) == 1\" } }\n  - { get: /a }\n",
		join, "-u", "100", "-t", "3s")
	if code := p.ends(); code != 0 {
		t.Errorf("exit code %d; it said\n%s", code, p.text())
	}
	res := p.result()
	peak := p.cmd.ProcessState.SysUsage().(*syscall.Rusage).Maxrss
	agreesWith(t, res, s)
	t.Logf("%d requests, %d failed; %d MB at most", res.Total.Requests, res.Total.Failures, peak>>10)
	if res.Total.Requests == 0 || res.Total.Failures == res.Total.Requests {
		t.Errorf("%d of %d requests failed", res.Total.Failures, res.Total.Requests)
	}
}

// TestStoppedClientIsNotValid stops brink for two seconds: response times show
// it, and so does the verdict.
func TestStoppedClientIsNotValid(t *testing.T) {
	t.Parallel()
	s := startOracle(t, oracle.Options{})
	p := headless(t, s.URL(), "tasks: [{ get: /a }]\nprofiles:\n  p: { rate: 100/s, max_users: 500, run_time: 8s }\nprofile: p\n", "", "--accept-invalid=false")
	p.hasRun(2)
	_ = p.cmd.Process.Signal(syscall.SIGSTOP)
	<-time.After(2 * time.Second)
	_ = p.cmd.Process.Signal(syscall.SIGCONT)
	code := p.ends()
	res := p.result()
	t.Logf("exit code %d, verdict %s: %v; response p90 %v ms, max %v ms", code, res.Verdict.Grade, res.Verdict.Reasons, res.Total.Response.P90, res.Total.Response.Max)
	if res.Verdict.Grade == "VALID" || code != int(ExitInvalid) {
		t.Errorf("exit code %d, verdict %s", code, res.Verdict.Grade)
	}
	// 200 of 800 arrivals came due while it was stopped: p90 is that of the
	// 80th latest of them.
	if res.Total.Response.P90 < 1000 || res.Total.Response.Max < 1800 {
		t.Errorf("response times do not show it: p90 %v ms, max %v ms", res.Total.Response.P90, res.Total.Response.Max)
	}
	// The last may still be on its way to a user as the profile ends.
	if a := res.Arrivals; a.Scheduled != a.Sent+a.Dropped+p.notYetSent() || a.Scheduled != 800 {
		t.Errorf("arrivals: %+v", *a)
	}
	agreesWith(t, res, s)
}

// TestShortStopShows stops brink for half a second, under users who ask one
// request after the other: no plan tells what came late, but brink knows that it
// stood still.
func TestShortStopShows(t *testing.T) {
	t.Parallel()
	s := startOracle(t, oracle.Options{})
	p := headless(t, s.URL(), calm, "", "-u", "3", "-t", "6s")
	p.hasRun(1)
	_ = p.cmd.Process.Signal(syscall.SIGSTOP)
	<-time.After(500 * time.Millisecond)
	_ = p.cmd.Process.Signal(syscall.SIGCONT)
	p.ends()
	if v := p.result().Verdict; v.Grade == "VALID" || !strings.Contains(strings.Join(v.Reasons, "\n"), "stood still for") {
		t.Errorf("verdict %s: %q", v.Grade, v.Reasons)
	}
}

// TestDiskFull fills the disk that brink writes to while a run goes on: the run
// ends as planned, says that its results are not saved there, and saves them
// elsewhere.
func TestDiskFull(t *testing.T) {
	asRoot(t, "unshare", "mount")
	t.Parallel()
	s := startOracle(t, oracle.Options{})
	disk, elsewhere := t.TempDir(), t.TempDir()
	p := headless(t, s.URL(), calm, "TMPDIR="+elsewhere+" exec unshare -m sh -c 'mount -t tmpfs -o size=256k none "+disk+` && exec "$0" "$@"'`,
		"-u", "3", "-t", "8s", "--out", disk+"/out")
	inside := filepath.Join("/proc", strconv.Itoa(p.cmd.Process.Pid), "root", disk)
	if err := eventually("a second is on record", func() bool {
		rec, err := reports.Open(inside + "/out")
		return err == nil && rec.Seconds >= 1
	}); err != nil {
		t.Fatalf("%v; it said\n%s", err, p.text())
	}
	full, err := os.Create(inside + "/full")
	if err != nil {
		t.Fatal(err)
	}
	for err == nil {
		_, err = full.Write(make([]byte, 4096))
	}
	full.Close()
	if code := p.ends(); code != int(ExitUnsaved) {
		t.Errorf("exit code %d, not %d; it said\n%s", code, ExitUnsaved, p.text())
	}
	said := p.text()
	if !strings.Contains(said, "no space left") {
		t.Errorf("it does not say why:\n%s", said)
	}
	if !strings.Contains(said, "Aggregated") {
		t.Errorf("the results are not shown at least:\n%s", said)
	}
	saved, _ := filepath.Glob(filepath.Join(elsewhere, "*", "run.brink"))
	if len(saved) != 1 {
		t.Fatalf("records saved elsewhere: %v", saved)
	}
	p.out = filepath.Dir(saved[0])
	agreesWith(t, p.result(), s)
	wantWholeRecord(t, p.out)
}

// TestFolderDeleted deletes the folder of the results while a run goes on: brink
// makes it again with all that was in it, says so, and does not pass it over in
// its exit code.
func TestFolderDeleted(t *testing.T) {
	t.Parallel()
	s := startOracle(t, oracle.Options{})
	p := headless(t, s.URL(), calm, "", "-u", "3", "-t", "6s")
	p.hasRun(1)
	if err := os.RemoveAll(p.out); err != nil {
		t.Fatal(err)
	}
	if code := p.ends(); code != int(ExitUnsaved) {
		t.Errorf("exit code %d, not %d; it said\n%s", code, ExitUnsaved, p.text())
	}
	if said := p.text(); !strings.Contains(said, "results are not written: ") || !strings.Contains(said, "all results are saved, but for a while they could not be") {
		t.Errorf("it does not say what happened:\n%s", said)
	}
	agreesWith(t, p.result(), s)
	wantWholeRecord(t, p.out)
}

// TestFolderReadOnly takes the right to write in the folder of the results away
// while a run goes on: the reports are saved elsewhere.
func TestFolderReadOnly(t *testing.T) {
	t.Parallel()
	elsewhere := t.TempDir()
	wrap := "TMPDIR=" + elsewhere + " exec"
	if os.Getuid() == 0 { // without the capability to write everywhere
		asRoot(t, "setpriv")
		wrap += " setpriv --bounding-set=-dac_override"
	}
	s := startOracle(t, oracle.Options{})
	p := headless(t, s.URL(), calm, wrap, "-u", "3", "-t", "6s")
	p.hasRun(1)
	if err := os.Chmod(p.out, 0o500); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.Chmod(p.out, 0o700) })
	if code := p.ends(); code != int(ExitUnsaved) {
		t.Errorf("exit code %d, not %d; it said\n%s", code, ExitUnsaved, p.text())
	}
	said := p.text()
	if !strings.Contains(said, "results are not written: ") || !strings.Contains(said, "writing the results went wrong") || !strings.Contains(said, "permission denied") {
		t.Errorf("it does not say what happened:\n%s", said)
	}
	saved, err := filepath.Glob(filepath.Join(elsewhere, "*", "*"))
	if err != nil || len(saved) < 12 {
		t.Fatalf("saved elsewhere: %v, %v", saved, err)
	}
	for _, path := range saved {
		if !strings.Contains(said, "  "+path+"\n") {
			t.Errorf("it does not name %s", path)
		}
	}
	p.out = filepath.Dir(saved[0])
	agreesWith(t, p.result(), s)
	wantWholeRecord(t, p.out)
}

// wantWholeRecord wants every second of a run in its record, from the first on.
func wantWholeRecord(t *testing.T, dir string) {
	t.Helper()
	rec, err := reports.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	next := 0
	for s, err := range rec.All() {
		if err != nil || s.Seq != next {
			t.Fatalf("second %d: %v, %v", next, s, err)
		}
		next++
	}
	if rec.Partial() || next < 4 {
		t.Errorf("%d seconds on record, missing: %q", next, rec.Missing())
	}
}
