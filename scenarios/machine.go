package scenarios

import (
	"errors"
	"strings"
	"sync"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/conf"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/vm"
)

// machine runs compiled expressions of expr-lang: one at a time, for one
// session at a time. Machines are shared by all users, so that a user costs
// none of it.
type machine struct {
	vm  vm.VM
	env map[string]any
	u   *Session
}

// machines are those that wait.
var machines = sync.Pool{New: func() any { return newMachine() }}

// The names of what guards a program; no source can spell them.
const (
	useName  = "·use"
	deepName = "·deep"
)

func newMachine() *machine {
	m := &machine{env: make(map[string]any, 32)}
	for i := range functions {
		f := &functions[i]
		m.env[f.name] = m.wrap(func(args []any) (any, error) { return f.call(m.u, args) })
	}
	m.env["replace"] = m.wrap(m.replace)
	m.env["repeat"] = m.wrap(m.repeat)
	m.env["join"] = m.wrap(m.join)
	m.env[useName] = m.wrap(func(args []any) (any, error) { return args[0], m.use(args[0], args[1].(int)) })
	m.env[deepName] = m.wrap(func(args []any) (any, error) { return args[0], m.deep(args[0], args[1].(int)) })
	return m
}

// isHelper reports whether expr-lang's function of that name is replaced by
// one that is bounded.
func isHelper(name string) bool { return name == "replace" || name == "repeat" || name == "join" }

// wrap makes f callable by the virtual machine, which takes errors as panics
// and returns them from Run.
func (m *machine) wrap(f func(args []any) (any, error)) func(...any) any {
	return func(args ...any) any {
		v, err := f(args)
		if err != nil {
			panic(err)
		}
		return v
	}
}

// baseConfig is what expressions are parsed with.
func baseConfig() *conf.Config {
	config := conf.New(newMachine().env)
	config.Strict = false
	config.MaxNodes = 1000
	return config
}

// program is an expression for the virtual machine.
type program struct {
	code  *vm.Program
	binds []bind
}

// bind is a name that the program uses.
type bind struct {
	name string
	from term
}

// program compiles source for the virtual machine.
func (sc *scope) program(source string, names *resolver) (term, error) {
	code, err := expr.Compile(source, expr.Env(newMachine().env), expr.AllowUndefinedVariables(), expr.MaxNodes(4000), expr.Patch(guard{}))
	if err != nil {
		return nil, syntaxError(err)
	}
	p := &program{code: code}
	seen := map[string]bool{}
	for _, name := range names.uses {
		if !seen[name] {
			seen[name] = true
			p.binds = append(p.binds, bind{name, sc.binding(name)})
		}
	}
	return anyTerm(p.run), nil
}

// run evaluates the program for u.
func (p *program) run(u *Session) (any, error) {
	m := machines.Get().(*machine)
	defer machines.Put(m)
	m.u = u
	defer func() {
		for _, b := range p.binds {
			m.env[b.name] = nil
		}
		m.u = nil
	}()
	for _, b := range p.binds {
		v, err := b.from.value(u)
		if x, ok := b.from.(extracted); ok {
			v, err = u.values[x.slot], nil // so that ?? can stand in for it
		}
		if err != nil {
			return nil, err
		}
		m.env[b.name] = v
	}
	v, err := m.vm.Run(p.code, m.env)
	if err == nil {
		return v, nil
	}
	var e *file.Error
	if !errors.As(err, &e) {
		return nil, err
	}
	if e.Prev != nil {
		return nil, e.Prev
	}
	return nil, errors.New(plainError(e.Message))
}

// plainError says in words what the virtual machine says in Go.
func plainError(message string) string {
	switch {
	case strings.Contains(message, "cannot fetch") && strings.Contains(message, "from <nil>"):
		return errNoValue.Error()
	case strings.Contains(message, "is nil, not"):
		return "a value is missing"
	}
	return strings.TrimPrefix(message, "interface conversion: interface {} is ")
}
