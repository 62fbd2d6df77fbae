package scenarios

import (
	"fmt"
	"strings"
)

// Problem is one thing wrong with a scenario file.
type Problem struct {
	File    string
	Line    int // from 1; 0: the file as a whole
	Column  int // from 1, in characters
	Message string
	Hint    string // what to do; may be empty
	Source  string // the line's text, secrets are none in it
}

// Error returns "file:3:5: message (hint)".
func (p Problem) Error() string {
	var b strings.Builder
	b.WriteString(p.File)
	if p.Line > 0 {
		fmt.Fprintf(&b, ":%d:%d", p.Line, p.Column)
	}
	b.WriteString(": " + p.Message)
	if p.Hint != "" {
		b.WriteString(" (" + p.Hint + ")")
	}
	return b.String()
}

// Problems is everything wrong with a scenario file, in the file's order.
type Problems []Problem

// Error returns a line for each problem.
func (ps Problems) Error() string {
	lines := make([]string, len(ps))
	for i, p := range ps {
		lines[i] = p.Error()
	}
	return strings.Join(lines, "\n")
}
