package cli

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"

	"brink/runner"
)

// reach fails, in words for a user, where nothing can be reached at the run's
// target at all.
func reach(ctx context.Context, r *runner.Runner, target *url.URL) error {
	err := r.Reach(ctx)
	if err == nil {
		return nil
	}
	if op := new(net.OpError); errors.As(err, &op) {
		err = op.Err // without the addresses, which are said already
	}
	return fmt.Errorf("%s cannot be reached: %w. Start the target, or give another with --target", target.Redacted(), err)
}
