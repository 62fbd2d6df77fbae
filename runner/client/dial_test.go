package client

import (
	"context"
	"errors"
	"io"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"brink/runner/stats"
)

// TestFamilies reaches a server at one of a name's addresses where those of
// the other family, or the first ones, do not answer.
func TestFamilies(t *testing.T) {
	onPaths(t, func(t *testing.T, path func(*Options) Client) {
		o := serve(t, func(k *net.TCPConn, _ int) {
			for request(k) {
				io.WriteString(k, hello)
			}
		})
		_, port, _ := net.SplitHostPort(o.Addr)
		for _, c := range []struct {
			addrs string
			class stats.Class
		}{
			{"::1 127.0.0.1", stats.OK},
			{"127.0.0.2 127.0.0.1", stats.OK},
			{"127.0.0.1 ::1", stats.OK},
			{"::1 127.0.0.2 127.0.0.1", stats.OK},
			{"127.0.0.2 ::1", stats.Refused},
		} {
			var addrs []netip.Addr
			for _, a := range strings.Fields(c.addrs) {
				addrs = append(addrs, netip.MustParseAddr(a))
			}
			client := path(&Options{resolver: resolver{ask: func(context.Context, string) ([]netip.Addr, error) { return addrs, nil }}})
			s, _ := do(t, client, get(originOf(t, "http://api.test:"+port)))
			client.Close()
			if s.Failure.Class != c.class {
				t.Errorf("%s: %+v", c.addrs, s.Failure)
			}
		}
	})
}

// TestHeadStart does not wait for an address that is silent: after a moment the
// other family is tried beside it.
func TestHeadStart(t *testing.T) {
	silent, err := netip.ParseAddrPort(blackHole(t))
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", netip.AddrPortFrom(netip.IPv6Loopback(), silent.Port()).String())
	if err != nil {
		t.Skip(err)
	}
	defer l.Close()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	began := time.Now()
	k, err := dialAny(ctx, []netip.Addr{silent.Addr(), netip.IPv6Loopback()}, silent.Port())
	if err != nil {
		t.Fatal(err)
	}
	k.Close()
	if took := time.Since(began); took < headStart || took > 20*time.Second {
		t.Errorf("it took %v", took)
	}
	ctx, cancel = context.WithTimeout(t.Context(), 400*time.Millisecond)
	defer cancel()
	if _, err := dialAny(ctx, []netip.Addr{silent.Addr(), netip.MustParseAddr("::ffff:127.0.0.1")}, silent.Port()); !errors.Is(err, context.DeadlineExceeded) && !isTimeout(err) {
		t.Errorf("both silent: %v", err)
	}
}

// TestReach connects to where the rules allow and sends nothing. It connects
// neither to a host that is not named nor to a public address that nobody was
// asked about.
func TestReach(t *testing.T) {
	got := make(chan []byte, 1)
	o := serve(t, func(k *net.TCPConn, _ int) {
		all, _ := io.ReadAll(k)
		got <- all
	})
	named, _ := NewRules([]string{o.Addr}, false)
	if err := Reach(t.Context(), &Options{Allow: named}, o); err != nil {
		t.Error(err)
	}
	if sent := <-got; len(sent) > 0 {
		t.Errorf("%q was sent", sent)
	}
	elsewhere, _ := NewRules([]string{"elsewhere.test"}, false)
	forbidden := new(forbiddenError)
	if err := Reach(t.Context(), &Options{Allow: elsewhere}, o); !errors.As(err, &forbidden) {
		t.Errorf("a host that is not named: %v", err)
	}
	to, _ := NewOrigin("http", "elsewhere.test", "")
	options := &Options{Allow: elsewhere, resolver: resolver{ask: func(context.Context, string) ([]netip.Addr, error) {
		return []netip.Addr{netip.MustParseAddr("192.0.2.1")}, nil
	}}}
	if err := Reach(t.Context(), options, to); !errors.As(err, &forbidden) {
		t.Errorf("a public address that nobody was asked about: %v", err)
	}
}
