package client

import (
	"context"
	"errors"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

// TestHosts allows the hosts named and no others.
func TestHosts(t *testing.T) {
	r, err := NewRules([]string{"api.test", "10.0.0.1:8000", "[::1]:9", "Other.Test:443"}, false)
	if err != nil {
		t.Fatal(err)
	}
	for url, want := range map[string]bool{
		"http://api.test": true, "https://API.test:99": true, "http://10.0.0.1:8000": true, "http://10.0.0.1": false,
		"http://[::1]:9": true, "http://[::1]": false, "https://other.test": true, "http://other.test": false,
		"http://evil.test": false, "http://api.test.evil": false, "http://xapi.test": false,
	} {
		if err := r.Host(originOf(t, url)); (err == nil) != want {
			t.Errorf("%s: %v", url, err)
		}
	}
	if err := (*Rules)(nil).Host(originOf(t, "http://anywhere")); err != nil {
		t.Error(err)
	}
	for _, bad := range []string{"", "a b", "a:port", "a:0", "a@b"} {
		if _, err := NewRules([]string{bad}, false); err == nil {
			t.Errorf("%q is taken for a host", bad)
		}
	}
}

// TestKinds knows every disguise of a link-local or metadata address.
func TestKinds(t *testing.T) {
	for addr, want := range map[string]kinds{
		"127.0.0.1": loopback, "127.9.9.9": loopback, "::1": loopback, "0.0.0.0": loopback, "::": loopback, "::ffff:127.0.0.1": loopback,
		"10.1.2.3": private, "192.168.0.1": private, "172.31.0.1": private, "fd12::1": private,
		"169.254.169.254": local, "fe80::1": local, "fe80::1%eth0": local, "::ffff:169.254.169.254": local, "64:ff9b::a9fe:a9fe": local,
		"fd00:ec2::254": local, "fd00:ec2::254%eth0": local, "100.100.100.200": local, "::ffff:100.100.100.200": local, "168.63.129.16": local, "192.0.0.192": local,
		"192.0.2.1": public, "2001:db8::1": public, "100.64.0.1": public,
	} {
		if got := kindOf(netip.MustParseAddr(addr)); got != want {
			t.Errorf("%s is %v address, want %v", addr, got, want)
		}
	}
}

// TestRebinding refuses a name that moves to another kind of address than it
// had at first, and a link-local one from the start.
func TestRebinding(t *testing.T) {
	addrs := func(s ...string) (a []netip.Addr) {
		for _, s := range s {
			a = append(a, netip.MustParseAddr(s))
		}
		return a
	}
	for _, c := range []struct {
		name          string
		first, second []netip.Addr
		linkLocal     bool
		want          string // of the second; what the error says, or empty
	}{
		{name: "public to loopback", first: addrs("192.0.2.1"), second: addrs("127.0.0.1"), want: "a loopback address, which it did not at first"},
		{name: "private to public", first: addrs("10.0.0.1"), second: addrs("192.0.2.1"), want: "a public address"},
		{name: "public to metadata", first: addrs("192.0.2.1"), second: addrs("169.254.169.254"), want: "link-local or metadata"},
		{name: "public to another public", first: addrs("192.0.2.1"), second: addrs("192.0.2.2")},
		{name: "both from the start", first: addrs("192.0.2.1", "10.0.0.1"), second: addrs("10.0.0.2")},
		{name: "some of them moved", first: addrs("192.0.2.1"), second: addrs("127.0.0.1", "192.0.2.2")},
		{name: "link-local allowed", first: addrs("169.254.1.1"), second: addrs("169.254.1.2"), linkLocal: true},
	} {
		t.Run(c.name, func(t *testing.T) {
			r, _ := NewRules([]string{"api.test"}, c.linkLocal)
			if err := r.AllowPublic("api.test:443"); err != nil {
				t.Fatal(err)
			}
			if _, err := r.addresses("api.test", c.first); err != nil {
				t.Fatal(err)
			}
			got, err := r.addresses("api.test", c.second)
			if c.want == "" && (err != nil || len(got) == 0) || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
				t.Errorf("%v, %v", got, err)
			}
			for _, a := range got {
				if kindOf(a) == loopback {
					t.Errorf("%v is allowed", a)
				}
			}
		})
	}
}

// TestPublic refuses a public address for a name that nobody has spoken for,
// also where only some of its addresses are public.
func TestPublic(t *testing.T) {
	r, _ := NewRules([]string{"api.test", "other.test"}, false)
	if err := r.AllowPublic("OTHER.test"); err != nil {
		t.Fatal(err)
	}
	public, private := netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("10.0.0.1")
	if _, err := r.addresses("api.test", []netip.Addr{public}); err == nil || !strings.Contains(err.Error(), "--yes-i-may-load api.test") {
		t.Errorf("a public address: %v", err)
	}
	fresh, _ := NewRules([]string{"api.test"}, false)
	if got, err := fresh.addresses("api.test", []netip.Addr{public, private}); err != nil || len(got) != 1 || got[0] != private {
		t.Errorf("one of two is public: %v, %v", got, err)
	}
	if got, err := r.addresses("other.test", []netip.Addr{public}); err != nil || len(got) != 1 {
		t.Errorf("a host that may be loaded: %v, %v", got, err)
	}
	if got, err := (*Rules)(nil).addresses("any.test", []netip.Addr{public}); err != nil || len(got) != 1 {
		t.Errorf("without rules: %v, %v", got, err)
	}
	if r.AllowPublic("a b") == nil {
		t.Error("no host, but allowed")
	}
}

// TestResolver asks once for many users, again when the answer is old, and
// again when the one who asked gave up.
func TestResolver(t *testing.T) {
	var asked atomic.Int64
	hold := make(chan struct{})
	r := resolver{ask: func(ctx context.Context, name string) ([]netip.Addr, error) {
		asked.Add(1)
		select {
		case <-hold:
			return []netip.Addr{netip.MustParseAddr("127.0.0.1")}, nil
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}}
	given, cancel := context.WithCancel(t.Context())
	gaveUp := make(chan error)
	go func() {
		_, err := r.lookup(given, "api.test")
		gaveUp <- err
	}()
	eventually(t, func() bool { return asked.Load() == 1 }, "nobody asked")
	var users sync.WaitGroup
	for range 100 {
		users.Go(func() {
			if a, err := r.lookup(t.Context(), "api.test"); err != nil || len(a) != 1 {
				t.Errorf("%v, %v", a, err)
			}
		})
	}
	cancel()
	if err := <-gaveUp; !errors.Is(err, context.Canceled) {
		t.Errorf("the first one: %v", err)
	}
	close(hold)
	users.Wait()
	if n := asked.Load(); n < 2 || n > 3 {
		t.Errorf("asked %d times", n)
	}
	if a, err := r.lookup(t.Context(), "192.0.2.7"); err != nil || a[0].String() != "192.0.2.7" || asked.Load() > 3 {
		t.Errorf("a literal address: %v, %v", a, err)
	}
}
