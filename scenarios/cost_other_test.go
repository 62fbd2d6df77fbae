//go:build !unix

package scenarios

import "time"

var began = time.Now()

// cost returns the time that has passed, where the processor's is not known.
func cost() time.Duration { return time.Since(began) }
