//go:build unix

package cli

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"testing"
)

// A session over a real ssh that is cut in the middle: the run stops by
// itself, and every file is whole.
func TestSSHSessionIsCut(t *testing.T) {
	dir := t.TempDir()
	server := startSSHD(t, dir)
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	remote := fmt.Sprintf("cd '%s' && XDG_STATE_HOME='%s/state' LANG=C.UTF-8 exec bash -c 'exec -a brink \"%s\" demo'", dir, dir, self)
	tm := open(t, dir, 120, 36, "ssh", append(server, "-tt", remote)...)
	tm.sees("running", "by hand")
	tm.press("u30\r")
	tm.sees("users 30")
	if err := tm.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}

	// Each file is renamed into place once it is whole.
	missing := ""
	err = eventually("every report is written", func() bool {
		for _, name := range []string{"run_stats.csv", "run_stats_history.csv", "run_failures.csv", "run_exceptions.csv", "levels.csv", "events.csv",
			"seconds.csv", "report.html", "summary.json", "summary.md", "junit.xml", "latency.hlog", "session-profile.yaml"} {
			if found, _ := filepath.Glob(filepath.Join(dir, "results", "*", name)); len(found) != 1 {
				missing = name
				return false
			}
		}
		return true
	})
	if err != nil {
		t.Fatalf("%v; %s is missing", err, missing)
	}
	rec := theRecord(t, dir)
	if !rec.Partial() || len(rec.Missing()) > 1 {
		t.Errorf("partial %v, missing %q; want a partial record that misses nothing else", rec.Partial(), rec.Missing())
	}
	res, err := rec.Result()
	if err != nil {
		t.Fatal(err)
	}
	if res.Run.PeakUsers != 30 || res.Total.Requests == 0 {
		t.Errorf("%d users at most, %d requests; want 30 and some", res.Run.PeakUsers, res.Total.Requests)
	}
}

// startSSHD starts an ssh server on a free loopback port, with keys of its own,
// and returns the arguments with which ssh gets in.
func startSSHD(t *testing.T, dir string) (args []string) {
	t.Helper()
	sshd, err := exec.LookPath("sshd")
	if err != nil {
		sshd = "/usr/sbin/sshd"
	}
	if _, err := os.Stat(sshd); err != nil {
		t.Skip("sshd is not installed (Debian's openssh-server)")
	}
	if _, err := exec.LookPath("ssh"); err != nil {
		t.Skip("ssh is not installed (Debian's openssh-client)")
	}
	needs(t, "bash", "ssh-keygen")
	if os.Getuid() == 0 {
		// Where sshd puts itself away from what it serves.
		if err := os.MkdirAll("/run/sshd", 0o755); err != nil {
			t.Skip("sshd cannot run here: ", err)
		}
	}
	who, err := user.Current()
	if err != nil {
		t.Fatal(err)
	}
	host, key := sshKey(t, dir, "host"), sshKey(t, dir, "key")
	port := freePort(t)
	cmd := exec.Command(sshd, "-D", "-e", "-f", "/dev/null", "-h", host, "-p", port,
		"-o", "ListenAddress=127.0.0.1", "-o", "AuthorizedKeysFile="+key+".pub", "-o", "StrictModes=no",
		"-o", "UsePAM=no", "-o", "PidFile=none", "-o", "PermitRootLogin=yes", "-o", "PasswordAuthentication=no")
	log := filepath.Join(dir, "sshd.log")
	out, err := os.Create(log)
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stderr = out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Kill()
		cmd.Wait()
		out.Close()
		if text, err := os.ReadFile(log); err == nil && t.Failed() {
			t.Logf("sshd says\n%s", text)
		}
	})
	err = eventually("sshd listens", func() bool {
		c, err := net.Dial("tcp", "127.0.0.1:"+port)
		if err == nil {
			c.Close()
		}
		return err == nil
	})
	if err != nil {
		t.Fatal(err)
	}
	args = []string{"-F", "none", "-i", key, "-p", port, "-o", "StrictHostKeyChecking=no",
		"-o", "UserKnownHostsFile=" + filepath.Join(dir, "known"), "-o", "IdentitiesOnly=yes", who.Username + "@127.0.0.1"}
	if out, err := exec.Command("ssh", append(args, "-o", "BatchMode=yes", "exit")...).CombinedOutput(); err != nil {
		t.Skipf("ssh lets %s not in, whose account may be locked or without a shell: %s", who.Username, out)
	}
	return args
}

// sshKey makes a key pair and returns the private key's path; the public one is
// beside it, with .pub.
func sshKey(t *testing.T, dir, name string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if out, err := exec.Command("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", path).CombinedOutput(); err != nil {
		t.Fatalf("ssh-keygen: %v: %s", err, out)
	}
	return path
}

func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return port
}
