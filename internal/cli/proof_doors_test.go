//go:build linux

package cli

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"brink/runner/oracle"
	"brink/runner/stats"
)

// TestRedirectsLeaveNoScenario: a redirect to a host that the scenario does not
// name is a failure that says where it led, and nothing goes there. Where the
// scenario allows the host it is followed, without the credentials.
func TestRedirectsLeaveNoScenario(t *testing.T) {
	t.Parallel()
	for _, client := range []string{"raw", "std"} {
		here, there := startOracle(t, oracle.Options{Hostile: true, Log: 10000}), startOracle(t, oracle.Options{Log: 10000})
		scenario := "wait: 20ms\nclient: " + client + "\nheaders: { Authorization: Bearer s3same, Cookie: a=b, X-Run-Seq: \"" + there.Addr() + "\" }\nfollow_redirects: true\ntasks: [{ get: /hostile/redirect-tag }]\n"

		p := headless(t, here.URL(), scenario, "", "-u", "2", "-t", "1s")
		if code := p.ends(); code != int(ExitFailed) {
			t.Errorf("%s: exit code %d; it said\n%s", client, code, p.text())
		}
		res := p.result()
		if n := there.Received(); n > 0 {
			t.Errorf("%s: %d requests went to a host that the scenario does not name", client, n)
		}
		if f := res.Failures; len(f) != 1 || !strings.Contains(f[0].Text, there.Addr()) || f[0].Class != stats.RedirectRefused.String() {
			t.Errorf("%s: failures are %+v", client, f)
		}
		agreesWith(t, res, here)

		p = headless(t, here.URL(), "allow_hosts: [\""+there.Addr()+"\"]\n"+scenario, "", "-u", "2", "-t", "1s")
		if code := p.ends(); code != 0 {
			t.Errorf("%s: exit code %d; it said\n%s", client, code, p.text())
		}
		if there.Received() == 0 {
			t.Errorf("%s: nothing went to a host that the scenario allows", client)
		}
		for _, e := range there.Log() {
			if e.Credentials {
				t.Fatalf("%s: credentials crossed to another host", client)
			}
		}
		if log := here.Log(); len(log) == 0 || !log[0].Credentials {
			t.Errorf("%s: the credentials did not go to their own host either", client)
		}
	}
}

// TestNoSecretIsInAnyOutput has a target give a secret back in every way: in
// headers, bodies, and the host of a redirect. It is in no file and not said.
func TestNoSecretIsInAnyOutput(t *testing.T) {
	t.Parallel()
	const secret, core = `T0p-"S3cret"<&>\value`, "s3cret"
	s := startOracle(t, oracle.Options{Hostile: true})
	p := headless(t, s.URL(), "headers: { Authorization: \"Bearer ${PROOF_TOKEN}\", X-Run-Seq: \"${PROOF_TOKEN}\" }\nfollow_redirects: true\nwait: 10ms\ntasks:\n"+
		"  - { name: echoed, get: /status/500 }\n"+
		"  - { name: redirected, get: /hostile/redirect-tag, headers: { X-Run-Seq: \"${PROOF_HOST}\" } }\n"+
		"  - { name: unexpected, post: /a, body: \"${PROOF_TOKEN}\", expect: { that: \"json.tag == 'x'\" } }\n"+
		"  - { name: not there, get: /b, expect: { contains: nothing }, extract: { v: { regex: \"zzz(.*)\" } } }\n"+
		"  - { name: in the path, get: \"/status/404?key=${PROOF_TOKEN}\" }\n"+
		"  - { get: \"/bot${PROOF_TOKEN}/without/a/name\" }\n"+
		"  - { name: \"${PROOF_TOKEN} in its own name\", post: /a, body: x, expect: { contains: \"${PROOF_TOKEN}\" } }\n",
		"PROOF_TOKEN='"+secret+"' PROOF_HOST=S3cret.Host exec", "-u", "5", "-t", "2s", "--csv", filepath.Join(t.TempDir(), "csv", "run"))
	p.ends()
	if res := p.result(); len(res.Failures) < 5 {
		t.Errorf("only %d kinds of failures: %+v", len(res.Failures), res.Failures)
	}
	shows := func(text string) bool {
		return strings.Contains(strings.ToLower(text), core) || strings.Contains(text, base64.StdEncoding.EncodeToString([]byte(secret)))
	}
	if shows(p.text()) {
		t.Errorf("it said the secret:\n%s", p.text())
	}
	each(t, filepath.Dir(p.out), func(path string, d fs.DirEntry) {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if shows(string(text)) {
			t.Errorf("the secret is in %s", path)
		}
	})
}

// each calls f for every file below a folder.
func each(t *testing.T, dir string, f func(path string, d fs.DirEntry)) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			f(path, d)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestWhatIsWrittenIsPrivate: files 0600, folders 0700, whatever the umask.
func TestWhatIsWrittenIsPrivate(t *testing.T) {
	t.Parallel()
	s := startOracle(t, oracle.Options{})
	p := headless(t, s.URL(), calm, "umask 0; exec", "-u", "2", "-t", "1s", "--csv", "deep/down/run")
	if code := p.ends(); code != 0 {
		t.Errorf("exit code %d; it said\n%s", code, p.text())
	}
	// So are the small files beside runs: what brink remembers, and what it begins.
	memory{filepath.Join(p.cmd.Dir, "state")}.keep(rememberedHosts, "example.org")
	for _, args := range []string{"init first.yaml", "man pages"} {
		cmd := exec.Command("sh", "-c", "umask 0; exec \"$0\" "+args, brinkPath(t))
		cmd.Dir = p.cmd.Dir
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%s: %v: %s", args, err, out)
		}
	}
	files := 0
	for _, dir := range []string{p.out, filepath.Join(p.cmd.Dir, "deep"), filepath.Join(p.cmd.Dir, "state"), filepath.Join(p.cmd.Dir, "first.yaml"), filepath.Join(p.cmd.Dir, "pages")} {
		err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			info, err := d.Info()
			if err != nil {
				return err
			}
			want := fs.FileMode(0o600)
			if d.IsDir() {
				want = 0o700
			}
			if files++; info.Mode().Perm() != want {
				t.Errorf("%s has mode %o, not %o", path, info.Mode().Perm(), want)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if files < 25 {
		t.Errorf("only %d files and folders", files)
	}
}

// listens returns the addresses at which a process listens, by /proc.
func listens(t *testing.T, pid int) (addresses []string) {
	t.Helper()
	sockets := map[string]bool{}
	fds, err := filepath.Glob(fmt.Sprintf("/proc/%d/fd/*", pid))
	if err != nil || len(fds) == 0 {
		t.Fatalf("process %d has no descriptors to look at: %v", pid, err)
	}
	for _, fd := range fds {
		to, _ := os.Readlink(fd)
		if inode, ok := strings.CutPrefix(to, "socket:["); ok {
			sockets[strings.TrimSuffix(inode, "]")] = true
		}
	}
	for _, table := range []string{"tcp", "tcp6", "udp", "udp6"} {
		text, err := os.ReadFile(fmt.Sprintf("/proc/%d/net/%s", pid, table))
		if err != nil {
			continue
		}
		for line := range strings.Lines(string(text)) {
			f := strings.Fields(line)
			const listening = "0A"
			if len(f) > 9 && sockets[f[9]] && (f[3] == listening || strings.HasPrefix(table, "udp")) {
				addresses = append(addresses, table+" "+f[1])
			}
		}
	}
	return addresses
}

// TestListensOnNothing: a run opens no port.
func TestListensOnNothing(t *testing.T) {
	t.Parallel()
	s := startOracle(t, oracle.Options{})
	p := headless(t, s.URL(), calm, "", "-u", "2", "-t", "5m")
	p.hasRun(1)
	if at := listens(t, p.cmd.Process.Pid); len(at) > 0 {
		t.Errorf("brink listens on %v", at)
	}
	_ = p.cmd.Process.Signal(os.Interrupt)
	p.ends()
}

// TestServesLoopbackAlone: what serves does so on 127.0.0.1, also where an
// address has a port alone.
func TestServesLoopbackAlone(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"--serve", ":0"}, {"--hostile"}, {"--hostile", "--serve", ":0"}} {
		cmd := exec.Command(brinkPath(t), append([]string{"demo"}, args...)...)
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		line := make([]byte, 100)
		n, _ := out.Read(line)
		if !bytes.Contains(line[:n], []byte("listens on http://127.0.0.1:")) {
			t.Errorf("%v said %q", args, line[:n])
		}
		at := listens(t, cmd.Process.Pid)
		if len(at) == 0 {
			t.Errorf("%v listens on nothing", args)
		}
		for _, a := range at {
			if !strings.HasPrefix(a, "tcp 0100007F:") {
				t.Errorf("%v listens on %s", args, a)
			}
		}
		_ = cmd.Process.Signal(os.Interrupt)
		_, _ = io.Copy(io.Discard, out)
		if err := cmd.Wait(); err != nil {
			t.Errorf("%v: %v", args, err)
		}
	}
}

// watched starts a brink on a scenario with the screen. What is written to the
// terminal goes to the file that tee names, too.
func watched(t *testing.T, target, scenario string, args ...string) (tm *terminal, out string, written func() []byte) {
	t.Helper()
	needs(t, "script")
	dir := t.TempDir()
	out = filepath.Join(dir, "out")
	log := filepath.Join(dir, "typescript")
	words := append([]string{brinkPath(t), scenarioFile(t, target, scenario), "--accept-invalid", "--out", out}, args...)
	tm = open(t, dir, 120, 36, "script", "-qefc", strings.Join(words, " "), log)
	return tm, out, func() []byte {
		b, err := os.ReadFile(log)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
}

// TestWhatATargetSendsStaysText has a target send escape sequences, marks that
// reverse text, and HTML. None of it reaches the terminal, the page or the
// tables as more than text; the screen goes on.
func TestWhatATargetSendsStaysText(t *testing.T) {
	t.Parallel()
	s := startOracle(t, oracle.Options{Hostile: true})
	tm, out, written := watched(t, s.URL(), "wait: 20ms\nfollow_redirects: true\ntimeout: 2s\ntasks:\n"+
		"  - { name: escapes, get: /hostile/escapes }\n"+
		"  - { name: escapes redirect, get: /hostile/escapes-redirect }\n"+
		"  - { name: long, get: /hostile/redirect-long }\n"+
		"  - { name: garbage, get: /hostile/garbage }\n"+
		"  - { name: fine, get: /fine }\n", "-u", "4", "-t", "10m")
	tm.sees("running", "GET fine")
	tm.press("3")
	tm.sees("escapes", "garbage")
	tm.press("\r") // one failure in full
	tm.sees("HTTP/1.1")
	tm.press("\x1b")
	tm.sees("COUNT", "garbage")
	tm.press("1")
	tm.sees("GET fine")
	tm.press("qq")
	if code := tm.ends(); code != 0 {
		t.Errorf("exit code %d; the screen shows\n%s", code, tm.screen)
	}
	raw := written()
	for _, bad := range []string{"\x1b]52;c", "\x1b[2J\x1b[31m\u202e", "\u202e", "\u009b", "\x00\xff\x13\x37"} {
		if bytes.Contains(raw, []byte(bad)) {
			t.Errorf("%q reached the terminal", bad)
		}
	}
	if !bytes.Contains(raw, []byte("u202e")) {
		t.Error("what was sent is not even shown as text")
	}
	each(t, out, func(path string, _ fs.DirEntry) {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, bad := range []string{"\x1b", "\u202e", "\u009b"} {
			if filepath.Ext(path) != ".brink" && bytes.Contains(text, []byte(bad)) {
				t.Errorf("%q is in %s", bad, filepath.Base(path))
			}
		}
		if ext := filepath.Ext(path); (ext == ".html" || ext == ".md") && bytes.Contains(text, []byte("<script>alert(1)")) {
			t.Errorf("a script of the target's is in %s", filepath.Base(path))
		}
		if filepath.Ext(path) == ".csv" && regexp.MustCompile(`(?m)(^|,)"?[=@+]`).Match(text) {
			t.Errorf("a cell of %s begins a formula", filepath.Base(path))
		}
	})
}

// TestReadyGateSaysItAsText: what keeps a run from beginning is said as text as
// well, and without secrets.
func TestReadyGateSaysItAsText(t *testing.T) {
	t.Parallel()
	s := startOracle(t, oracle.Options{Hostile: true})
	for path, tells := range map[string]string{
		"/hostile/escapes": `\u202ereversed`, "/hostile/escapes-redirect": `\u202e<script>`, "/hostile/redirect-tag": "http://***",
		"/status/500?key=${PROOF_TOKEN}": `"tag":"***"`,
	} {
		p := headless(t, s.URL(), "headers: { X-Run-Seq: \"${PROOF_TOKEN}\" }\ntasks: [{ get: /a }]\n"+
			"ready: { get: \""+path+"\", timeout: 1s, follow_redirects: true }\n", "PROOF_TOKEN=S3cret.Host exec", "-u", "1", "-t", "1s")
		if code := p.ends(); code != int(ExitNotReady) {
			t.Errorf("%s: exit code %d", path, code)
		}
		said := p.text()
		if !strings.Contains(said, tells) {
			t.Errorf("%s: it does not say what came:\n%s", path, said)
		}
		if strings.ContainsFunc(said, func(r rune) bool { return r != '\n' && stats.Unsafe(r) }) || strings.Contains(strings.ToLower(said), "s3cret") {
			t.Errorf("%s: it said %q", path, said)
		}
	}
}

// TestScreenLivesThroughEveryMisbehaviour runs all misbehaviours of the plain
// port at once below the screen, which answers keys all the while.
func TestScreenLivesThroughEveryMisbehaviour(t *testing.T) {
	t.Parallel()
	s := startOracle(t, oracle.Options{Hostile: true, Drip: 50 * time.Millisecond, Hold: 5 * time.Second})
	var tasks strings.Builder
	for _, b := range s.Behaviours() {
		if path, plain := strings.CutPrefix(b.URL, s.URL()); plain {
			fmt.Fprintf(&tasks, "  - { name: %s, get: %s }\n", b.Name, path)
		}
	}
	dir := t.TempDir()
	tm := open(t, dir, 120, 36, "brink", scenarioFile(t, s.URL(), "wait: 30ms\nfollow_redirects: true\ntimeout: 300ms\ntasks:\n"+tasks.String()), "-u", "20", "--accept-invalid", "--out", dir+"/out")
	tm.sees("running")
	for _, key := range []string{"2", "3", "4", "5", "1"} {
		tm.press(key)
	}
	tm.press("\x1b[A")
	tm.sees("users 21")
	p := &process{t: t, out: dir + "/out"}
	p.hasRun(4)
	p.hasMet(60)
	tm.press("\x1b[A")
	tm.sees("users 22")
	tm.press("qq")
	if code := tm.ends(); code != 0 {
		t.Errorf("exit code %d; the screen shows\n%s", code, tm.screen)
	}
	tm.isRestored()
	res := p.result()
	t.Logf("%d requests to %d routes: %v", res.Total.Requests, len(res.Routes), res.Total.Classes)
	if len(res.Routes) < 60 || len(res.Total.Classes) < 6 {
		t.Errorf("%d routes, classes %v", len(res.Routes), res.Total.Classes)
	}
}

// TestXStopsAllLoadAtOnce presses X while requests are in flight that would
// take half a minute.
func TestXStopsAllLoadAtOnce(t *testing.T) {
	t.Parallel()
	s := startOracle(t, oracle.Options{Hostile: true})
	dir := t.TempDir()
	tm := open(t, dir, 100, 30, "brink", scenarioFile(t, s.URL(), "wait: 5ms\ntasks:\n  - { get: /a }\n  - { get: /hostile/silent, timeout: 30s }\n"), "-u", "30", "--accept-invalid", "--out", dir+"/out")
	tm.sees("running")
	p := &process{t: t, out: dir + "/out"}
	p.hasRun(2)
	began := time.Now()
	tm.press("X")
	tm.sees("finished", "saved")
	if took := time.Since(began); took > 15*time.Second {
		t.Errorf("it took %v to end", took)
	} else {
		t.Logf("all load had ended and was saved after %v", took)
	}
	sent := s.Received()
	tm.press("q")
	if code := tm.ends(); code != 0 && code != int(ExitInterrupt) {
		t.Errorf("exit code %d; the screen shows\n%s", code, tm.screen)
	}
	if s.Received() != sent {
		t.Errorf("%d requests came after it had ended", s.Received()-sent)
	}
	tm.isRestored()
	res := p.result()
	if res.Total.Unfinished == 0 {
		t.Error("no request was in flight")
	}
	agreesWith(t, res, s)
}

// TestForgottenRunEndsByItself: --max-run-time, and a run that only fails.
func TestForgottenRunEndsByItself(t *testing.T) {
	t.Parallel()
	s := startOracle(t, oracle.Options{})
	p := headless(t, s.URL(), calm, "", "-u", "2", "--max-run-time", "1s")
	if code := p.ends(); code != int(ExitFailed) {
		t.Errorf("exit code %d; it said\n%s", code, p.text())
	}
	if res := p.result(); !res.Run.Partial || !strings.Contains(res.Run.Ending, "--max-run-time") {
		t.Errorf("partial %v, because %q", res.Run.Partial, res.Run.Ending)
	}
}

// TestFailingRunEndsByItself: more than 90 % failures for a minute.
func TestFailingRunEndsByItself(t *testing.T) {
	long(t)
	s := startOracle(t, oracle.Options{})
	// Rarely enough that no second has a tenth of them, however few it has.
	p := headless(t, s.URL(), "wait: 50ms\ntasks:\n  - { get: /status/500, weight: 999 }\n  - { get: /a }\n", "", "-u", "10", "-t", "110s")
	code := p.ends()
	res := p.result()
	if took := res.Run.Duration; code != int(ExitFailed) || took < 60 || took > 75 {
		t.Errorf("exit code %d after %v s; it said\n%s", code, took, p.text())
	}
	t.Logf("ended after %v s: %s", res.Run.Duration, res.Run.Ending)
	agreesWith(t, res, s)
}

// TestPublicHostIsAskedFor loads a public address, which is this machine's own
// in a network of its own: not before somebody says that it may be, and never
// faster than the ceiling.
func TestPublicHostIsAskedFor(t *testing.T) {
	asRoot(t, "unshare", "nsenter", "ip")
	t.Parallel()
	const public = "198.51.100.7"
	pid := network(t, "20000 60000")
	join := fmt.Sprintf("exec nsenter -t %d -n", pid)
	if out, err := exec.Command("nsenter", "-t", strconv.Itoa(pid), "-n", "ip", "addr", "add", public+"/32", "dev", "lo").CombinedOutput(); err != nil {
		t.Skipf("no address can be added: %s", out)
	}
	s := oracleIn(t, pid, public+":0", oracle.Options{Log: 1_000_000})
	fast := "tasks: [{ get: /a }]\n"
	home := "HOME=" + t.TempDir() + " XDG_STATE_HOME= XDG_CONFIG_HOME= XDG_CACHE_HOME= "

	p := headless(t, s.URL(), fast, home+join, "-u", "1", "-t", "1s")
	if code := p.ends(); code != int(ExitUsage) || !strings.Contains(p.text(), "--yes-i-may-load "+public) {
		t.Errorf("exit code %d; it said\n%s", code, p.text())
	}
	if s.Received() > 0 || s.Connections() > 0 {
		t.Errorf("%d requests on %d connections went out before that", s.Received(), s.Connections())
	}
	p = headless(t, s.URL(), fast, home+join, "-u", "600", "-t", "1s", "--yes-i-may-load", public)
	if code := p.ends(); code != int(ExitUsage) || !strings.Contains(p.text(), "500") {
		t.Errorf("600 users: exit code %d; it said\n%s", code, p.text())
	}
	p = headless(t, s.URL(), fast, home+join, "-u", "20", "-t", "3s", "--yes-i-may-load", public)
	if code := p.ends(); code != 0 {
		t.Errorf("exit code %d; it said\n%s", code, p.text())
	}
	agreesWith(t, p.result(), s)
	// Each user may bring one that was let through before and comes late.
	if most := busiestSecond(s.Log()); most > 1000+20+1 {
		t.Errorf("%d requests in a second, the ceiling is 1000", most)
	} else {
		t.Logf("the busiest second had %d requests", most)
	}
	// With a ceiling of its own it may.
	p = headless(t, s.URL(), calm, home+join, "-u", "501", "-r", "400", "-t", "1s", "--yes-i-may-load", public, "--ceiling", "3000,600")
	if code := p.ends(); code == int(ExitUsage) {
		t.Errorf("a raised ceiling is not; it said\n%s", p.text())
	}
}

// busiestSecond returns the most requests that were read within a second.
func busiestSecond(log []oracle.Entry) (most int) {
	slices.SortFunc(log, func(a, b oracle.Entry) int { return int(a.At - b.At) })
	first := 0
	for i := range log {
		for log[i].At-log[first].At >= time.Second {
			first++
		}
		most = max(most, i-first+1)
	}
	return most
}
