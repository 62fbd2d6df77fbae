//go:build !unix

package cli

// suspending does nothing where no shell stops a program.
func suspending() (resumed func()) { return func() {} }
