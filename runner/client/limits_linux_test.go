package client

import (
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"unsafe"

	"brink/runner/stats"
)

// TestNoDescriptors meets the limit of open files: a failure that says so, and
// all is well when there is room again.
func TestNoDescriptors(t *testing.T) {
	onPaths(t, func(t *testing.T, path func(*Options) Client) {
		o := answering(t, plain)
		var limit syscall.Rlimit
		if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
			t.Fatal(err)
		}
		defer func() {
			if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
				t.Error(err)
			}
		}()
		client := path(&Options{})
		defer client.Close()
		none := syscall.Rlimit{Cur: 3, Max: limit.Max}
		if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &none); err != nil {
			t.Skip(err)
		}
		s, _ := do(t, client, get(o))
		if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
			t.Fatal(err)
		}
		if s.Failure.Class != stats.NoDescriptors || !strings.Contains(s.Failure.Text, "ulimit -n") {
			t.Errorf("%v: %s", s.Failure.Class, s.Failure.Text)
		}
		if s, _ := do(t, client, get(o)); s.Failure.Failed() {
			t.Errorf("%+v", s)
		}
	})
}

// TestNoPorts uses up the ephemeral ports of a network of its own, in a child
// process.
func TestNoPorts(t *testing.T) {
	if os.Getenv("BRINK_TEST_NO_PORTS") != "" {
		noPorts(t)
		return
	}
	cmd := exec.Command(os.Args[0], "-test.run=^TestNoPorts$", "-test.v")
	cmd.Env = append(os.Environ(), "BRINK_TEST_NO_PORTS=1")
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags:  syscall.CLONE_NEWNET | syscall.CLONE_NEWUSER,
		UidMappings: []syscall.SysProcIDMap{{HostID: os.Getuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{HostID: os.Getgid(), Size: 1}},
	}
	out, err := cmd.CombinedOutput()
	switch {
	case err != nil && len(out) == 0:
		t.Skip("needs a network namespace: ", err)
	case err != nil:
		t.Fatalf("%v\n%s", err, out)
	case strings.Contains(string(out), "--- SKIP"):
		t.Skipf("%s", out)
	}
}

func noPorts(t *testing.T) {
	if err := loopbackUp(); err != nil {
		t.Skip(err)
	}
	if err := os.WriteFile("/proc/sys/net/ipv4/ip_local_port_range", []byte("50000 50009"), 0); err != nil {
		t.Skip(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:8000")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		for {
			k, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer k.Close()
				for request(k) {
					io.WriteString(k, hello)
				}
			}()
		}
	}()
	o := originOf(t, "http://127.0.0.1:8000")
	// New connections one after the other do not use up the ports.
	c, req := NewRaw(&Options{}), get(o)
	req.NewConn = true
	for i := range 50 {
		if s, _ := do(t, c, req); s.Failure.Failed() {
			t.Fatalf("new connection %d: %+v", i, s)
		}
	}
	for _, path := range paths {
		var clients []Client
		for i := 0; ; i++ {
			c := path.new(&Options{})
			clients = append(clients, c)
			s, _ := do(t, c, get(o))
			if s.Failure.Class == stats.NoPorts && strings.Contains(s.Failure.Text, "no local port left") {
				break
			}
			if s.Failure.Failed() || i > 10 {
				t.Fatalf("%s, connection %d: %+v", path.name, i, s)
			}
		}
		for _, c := range clients {
			c.Close()
		}
	}
}

// loopbackUp starts the loopback interface of a new network namespace.
func loopbackUp() error {
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_DGRAM, 0)
	if err != nil {
		return err
	}
	defer syscall.Close(fd)
	var req struct {
		name  [16]byte
		flags uint16
		_     [22]byte
	}
	copy(req.name[:], "lo")
	req.flags = syscall.IFF_UP
	if _, _, e := syscall.Syscall(syscall.SYS_IOCTL, uintptr(fd), syscall.SIOCSIFFLAGS, uintptr(unsafe.Pointer(&req))); e != 0 {
		return fmt.Errorf("the loopback interface: %w", e)
	}
	return nil
}
