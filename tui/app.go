package tui

import (
	"context"
	"fmt"
	"io"
)

func show(ctx context.Context, o Options, in io.Reader, out io.Writer, env []string) (Result, error) {
	return Result{}, ctx.Err()
}

func panicText(v any) string { return fmt.Sprint(v) }
