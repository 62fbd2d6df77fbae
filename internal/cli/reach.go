package cli

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"time"
)

// reach fails where nothing can be reached at a target at all. It makes one
// connection and sends nothing; a scenario with a ready gate does not need it.
func reach(ctx context.Context, target *url.URL) error {
	network, addr := "tcp", target.Host
	switch {
	case target.Scheme == "unix":
		network, addr = "unix", target.Path
	case target.Port() == "":
		addr = net.JoinHostPort(target.Hostname(), map[string]string{"http": "80", "https": "443"}[target.Scheme])
	}
	dialer := net.Dialer{Timeout: 10 * time.Second}
	conn, err := dialer.DialContext(ctx, network, addr)
	if err == nil {
		return conn.Close()
	}
	if op := new(net.OpError); errors.As(err, &op) {
		err = op.Err // without the addresses, which are said already
	}
	return fmt.Errorf("%s cannot be reached: %w. Start the target, or give another with --target", target.Redacted(), err)
}
