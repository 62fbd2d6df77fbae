package scenarios

import (
	"slices"

	"github.com/expr-lang/expr/builtin"
)

// scope is what names mean where an expression stands.
type scope struct {
	data     []*Data        // rows, by name
	values   map[string]int // extracted values: their slot in a session
	response bool           // status, headers, body, json, time and size are there
	env      func(name string) (string, bool)
	used     map[int]bool // data files that expressions use; may be nil
}

// use notes that data file i is used.
func (sc *scope) use(i int) {
	if sc.used != nil {
		sc.used[i] = true
	}
}

// taken reports whether a name means something already.
func (sc *scope) taken(name string) bool {
	_, std := builtin.Index[name]
	return std || findFunction(name) != nil || isHelper(name) || sc.find(name) != nil ||
		slices.Contains(responseNames, name) || slices.Contains([]string{"user", "run", "iteration", "env"}, name)
}

// responseNames are the names that only exist when there is a response.
var responseNames = []string{"status", "headers", "body", "json", "time", "size"}

// find returns the data of that name, nil if there is none.
func (sc *scope) find(name string) *Data {
	for _, d := range sc.data {
		if d.Name == name {
			return d
		}
	}
	return nil
}

// names are all that could be meant.
func (sc *scope) names() []string {
	names := []string{"user", "run", "iteration"}
	for _, d := range sc.data {
		names = append(names, d.Name)
	}
	for name := range sc.values {
		names = append(names, name)
	}
	if sc.response {
		names = append(names, responseNames...)
	}
	for i := range functions {
		names = append(names, functions[i].name)
	}
	return names
}

// binding returns what makes the value of a name, nil for an unknown one.
func (sc *scope) binding(name string) term {
	if slot, ok := sc.values[name]; ok {
		return extracted{name, slot}
	}
	for i, d := range sc.data {
		if d.Name == name {
			sc.use(i)
			return anyTerm(func(u *Session) (any, error) { return u.row(i, d) })
		}
	}
	switch name {
	case "iteration":
		return intTerm(func(u *Session) (int, error) { return u.iteration, nil })
	case "user":
		return anyTerm(func(u *Session) (any, error) {
			return map[string]any{"id": u.id, "class": u.class.Name}, nil
		})
	case "run":
		return anyTerm(func(u *Session) (any, error) { return map[string]any{"id": u.run.ID}, nil })
	}
	if sc.response {
		return responseTerm(name)
	}
	return nil
}
