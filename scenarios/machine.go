package scenarios

import (
	"errors"
	"fmt"
	"math"
	"net/textproto"
	"strings"
	"sync"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/ast"
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
		return "there is no such value"
	case strings.Contains(message, "is nil, not"):
		return "a value is missing"
	}
	return strings.TrimPrefix(message, "interface conversion: interface {} is ")
}

// guard puts a count of the work before everything that takes more than a
// step, so that no expression runs for long or grows without bound.
type guard struct{}

// cheap functions take one step whatever they are given.
var cheap = map[string]bool{
	"len": true, "type": true, "abs": true, "ceil": true, "floor": true, "round": true, "int": true, "float": true,
	"first": true, "last": true, "get": true, "now": true, "duration": true, "hasPrefix": true, "hasSuffix": true,
}

// deep functions look at everything within what they are given.
var deepFunctions = map[string]bool{
	"string": true, "toJSON": true, "flatten": true, "uniq": true, "min": true, "max": true, "mean": true, "median": true, "sum": true,
}

func (guard) Visit(n *ast.Node) {
	switch n := (*n).(type) {
	case *ast.MemberNode:
		of, ok := n.Node.(*ast.IdentifierNode)
		if name, plain := n.Property.(*ast.StringNode); ok && plain && of.Value == "headers" {
			name.Value = textproto.CanonicalMIMEHeaderKey(name.Value)
		}
	case *ast.BinaryNode:
		switch n.Operator {
		case "==", "!=", "in", "not in":
			n.Left, n.Right = guarded(n.Left, deepName, 1), guarded(n.Right, deepName, 1)
		case "+", "contains", "startsWith", "endsWith", "matches":
			n.Left, n.Right = guarded(n.Left, useName, 1), guarded(n.Right, useName, 1)
		}
	case *ast.BuiltinNode:
		guardBuiltin(n)
	}
}

func guardBuiltin(n *ast.BuiltinNode) {
	if cheap[n.Name] {
		return
	}
	name, weight := useName, 1
	if deepFunctions[n.Name] {
		name = deepName
	}
	switch n.Name {
	case "uniq":
		weight = 100 // it compares each with each
	case "split", "splitAfter", "fromJSON", "fromBase64", "lower", "upper", "trim":
		weight = 32
	}
	for i, arg := range n.Arguments {
		if p, ok := arg.(*ast.PredicateNode); ok {
			weight = max(weight, countNodes(p.Node))
			n.Arguments[0] = guarded(n.Arguments[0], name, weight)
		} else if i > 0 || len(n.Arguments) == 1 || !isPredicate(n.Arguments[1]) {
			n.Arguments[i] = guarded(arg, name, weight)
		}
	}
}

func isPredicate(n ast.Node) bool { _, ok := n.(*ast.PredicateNode); return ok }

// counter counts nodes.
type counter int

func (c *counter) Visit(*ast.Node) { *c++ }

func countNodes(n ast.Node) int {
	var c counter
	ast.Walk(&n, &c)
	return int(c)
}

// guarded wraps n in a call that counts its size, weight times. What is small
// as written needs none.
func guarded(n ast.Node, name string, weight int) ast.Node {
	switch n.(type) {
	case *ast.NilNode, *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.StringNode:
		return n
	}
	call := &ast.CallNode{Callee: &ast.IdentifierNode{Value: name}, Arguments: []ast.Node{n, &ast.IntegerNode{Value: weight}}}
	call.SetLocation(n.Location())
	return call
}

// perUnit is how many bytes of text count as much as an item of a list.
const perUnit = 16

// use counts the size of v: items of a list or an object, bytes of text.
func (m *machine) use(v any, weight int) error {
	return m.spend(shallow(v), weight)
}

func (m *machine) spend(n, weight int) error {
	if n > math.MaxInt32/weight {
		n = math.MaxInt32 / weight
	}
	if m.u == nil {
		return nil
	}
	return m.u.spend(n * weight)
}

func shallow(v any) int {
	switch v := v.(type) {
	case string:
		return 1 + len(v)/perUnit
	case []any:
		return len(v)
	case []int:
		return len(v)
	case []string:
		return len(v)
	case []float64:
		return len(v)
	case map[string]any:
		return len(v)
	}
	return 1
}

// deep counts v with all that is in it; a list that holds the same list many
// times counts it as often.
func (m *machine) deep(v any, weight int) error {
	if err := m.spend(shallow(v)+1, weight); err != nil {
		return err
	}
	switch v := v.(type) {
	case []any:
		for _, item := range v {
			if err := m.deep(item, weight); err != nil {
				return err
			}
		}
	case []string:
		for _, item := range v {
			if err := m.spend(shallow(item), weight); err != nil {
				return err
			}
		}
	case map[string]any:
		for _, item := range v {
			if err := m.deep(item, weight); err != nil {
				return err
			}
		}
	}
	return nil
}

// grow counts text of n bytes that is about to be made.
func (m *machine) grow(name string, n int) error {
	if n < 0 || n > maxText {
		return fmt.Errorf("%s: the text would be longer than %d MiB", name, maxText>>20)
	}
	return m.spend(1+n/perUnit, 1)
}

// texts returns the arguments as text, which all must be.
func allText(name string, args []any) ([]string, error) {
	out := make([]string, len(args))
	for i, a := range args {
		s, ok := a.(string)
		if !ok {
			return nil, fmt.Errorf("%s needs text, not %s", name, typeWord(a))
		}
		out[i] = s
	}
	return out, nil
}

func (m *machine) replace(args []any) (any, error) {
	limit := -1
	if len(args) == 4 {
		n, err := toInt(args[3])
		if err != nil {
			return nil, err
		}
		limit, args = n, args[:3]
	}
	if len(args) != 3 {
		return nil, errors.New("replace takes a text, what to replace, and with what")
	}
	s, err := allText("replace", args)
	if err != nil {
		return nil, err
	}
	n := strings.Count(s[0], s[1])
	if limit >= 0 {
		n = min(n, limit)
	}
	if grown := max(0, len(s[2])-len(s[1])); grown > 0 && n > maxText/grown {
		return nil, m.grow("replace", maxText+1)
	}
	if err := m.grow("replace", len(s[0])+n*max(0, len(s[2])-len(s[1]))); err != nil {
		return nil, err
	}
	return strings.Replace(s[0], s[1], s[2], limit), nil
}

func (m *machine) repeat(args []any) (any, error) {
	if len(args) != 2 {
		return nil, errors.New("repeat takes a text and how often")
	}
	s, err := allText("repeat", args[:1])
	if err != nil {
		return nil, err
	}
	n, err := toInt(args[1])
	if err != nil || n < 0 || n > maxText {
		return nil, fmt.Errorf("repeat: how often must be 0 to %d", maxText)
	}
	if err := m.grow("repeat", len(s[0])*n); err != nil {
		return nil, err
	}
	return strings.Repeat(s[0], n), nil
}

func (m *machine) join(args []any) (any, error) {
	glue := ""
	if len(args) == 2 {
		g, err := allText("join", args[1:])
		if err != nil {
			return nil, err
		}
		glue, args = g[0], args[:1]
	}
	if len(args) != 1 {
		return nil, errors.New("join takes a list of text, and what to put between")
	}
	items, ok := asList(args[0])
	if !ok {
		return nil, fmt.Errorf("join needs a list of text, not %s", typeWord(args[0]))
	}
	list, err := allText("join", items)
	if err != nil {
		return nil, err
	}
	size := 0
	for _, s := range list {
		if size += len(s) + len(glue); size > maxText {
			break
		}
	}
	if err := m.grow("join", size); err != nil {
		return nil, err
	}
	return strings.Join(list, glue), nil
}
