package cli

import (
	"github.com/charmbracelet/x/term"
)

// interactive reports whether there is a terminal to show the screen on and to
// read keys from.
func (p *program) interactive() bool {
	return term.IsTerminal(p.in.Fd()) && term.IsTerminal(p.out.Fd()) && p.getenv("TERM") != "dumb"
}

// colours reports whether text on stdout may have colours.
func (p *program) colours() bool {
	_, no := p.lookup("NO_COLOR")
	return !no && term.IsTerminal(p.out.Fd()) && p.getenv("TERM") != "dumb"
}
