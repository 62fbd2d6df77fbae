//go:build !unix

package cli

// suspender does nothing where no shell stops a program.
type suspender struct{ aside chan func() }

func suspendable() *suspender { return new(suspender) }

func (*suspender) suspend()    {}
func (*suspender) screenGone() {}
func (*suspender) release()    {}
