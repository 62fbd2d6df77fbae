package cli

import (
	"strings"

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

// columns returns how wide the terminal on stdout is, 0 where there is none.
func (p *program) columns() int {
	width, _, err := term.GetSize(p.out.Fd())
	if err != nil {
		return 0
	}
	return width
}

// answer reads a line that the user types, without the spaces around it; false
// where there is none. It takes no more than the line, so that the keys after it
// go to the screen.
func (p *program) answer() (string, bool) {
	var line []byte
	for one := make([]byte, 1); ; line = append(line, one...) {
		if n, err := p.in.Read(one); n == 0 || err != nil {
			return "", false
		}
		if one[0] == '\n' {
			return strings.TrimSpace(string(line)), true
		}
	}
}
