package scenarios

import (
	"fmt"
)

// Expected says what Check holds a response against, a line for each: "status
// 200", "json.dim == 384".
func (st *Step) Expected() []string {
	e := st.expects
	out := []string{e.wanted}
	if e.maxTime > 0 {
		out = append(out, "an answer within "+e.maxTime.String())
	}
	if e.maxSize >= 0 {
		out = append(out, fmt.Sprintf("a body of at most %d bytes", e.maxSize))
	}
	for _, c := range e.contains {
		out = append(out, fmt.Sprintf("%q in the body", short(c, 60)))
	}
	for _, a := range e.that {
		out = append(out, a.words())
	}
	return out
}

// Extracted says which values of u the step takes from its response, a line
// for each: "token = abc".
func (st *Step) Extracted(u *Session) []string {
	var out []string
	for _, x := range st.extracts {
		if b, err := appendText(nil, u.values[x.slot]); err == nil {
			out = append(out, x.name+" = "+u.scenario.Mask(short(string(b), 80)))
		}
	}
	return out
}
