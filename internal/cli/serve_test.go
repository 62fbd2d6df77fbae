package cli

import (
	"bufio"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
)

// brink demo --serve prints its address, answers there, and ends on a signal. A
// second one on the same address says what to do.
func TestServe(t *testing.T) {
	t.Parallel()
	first := serve(t, "127.0.0.1:0")
	out, err := first.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := first.Start(); err != nil {
		t.Fatal(err)
	}
	defer first.Process.Kill()
	line, err := bufio.NewReader(out).ReadString('\n')
	url, found := strings.CutPrefix(strings.TrimSpace(line), "The demo API listens on ")
	if err != nil || !found || !strings.HasPrefix(url, "http://127.0.0.1:") {
		t.Fatalf("it printed %q: %v", line, err)
	}
	resp, err := http.Get(url + "/health")
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusServiceUnavailable && resp.StatusCode != http.StatusOK {
		t.Errorf("GET /health: %s", resp.Status)
	}

	said, _ := serve(t, strings.TrimPrefix(url, "http://")).CombinedOutput()
	if text := string(said); !strings.Contains(text, "address already in use") || !strings.Contains(text, "choose another port, or port 0") || strings.Count(text, "\n") != 1 {
		t.Errorf("the second said %q", text)
	}

	first.Process.Signal(syscall.SIGTERM)
	if err := first.Wait(); err != nil {
		t.Errorf("after SIGTERM: %v", err)
	}
}

// serve returns brink demo --serve, to be started.
func serve(t *testing.T, addr string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self, "demo", "--serve", addr)
	cmd.Args[0] = "brink"
	return cmd
}
