package scenarios

import (
	"fmt"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/builtin"
)

// declared tells a resolver the names that `let` declares, and those that are
// called.
type declared struct{ *resolver }

func (d declared) Visit(n *ast.Node) {
	switch n := (*n).(type) {
	case *ast.VariableDeclaratorNode:
		d.locals[n.Name] = true
	case *ast.CallNode:
		d.callees[n.Callee] = true
	}
}

// resolver checks every name and call of an expression.
type resolver struct {
	scope   *scope
	locals  map[string]bool
	callees map[ast.Node]bool
	err     error
	uses    []string // names that must be given to the virtual machine
}

func (r *resolver) fail(n ast.Node, hint, format string, args ...any) {
	if r.err == nil {
		r.err = &expressionError{n.Location().From, fmt.Sprintf(format, args...), hint}
	}
}

func (r *resolver) Visit(n *ast.Node) {
	switch n := (*n).(type) {
	case *ast.IdentifierNode:
		if !r.callees[n] {
			r.name(n)
		}
	case *ast.MemberNode:
		r.member(n)
	case *ast.CallNode:
		r.call(n)
	}
}

func (r *resolver) name(n *ast.IdentifierNode) {
	sc := r.scope
	switch {
	case r.locals[n.Value]:
		return
	case findFunction(n.Value) != nil:
		r.fail(n, "write for example "+findFunction(n.Value).usage, "%s is a function", n.Value)
		return
	case sc.binding(n.Value) != nil:
		r.uses = append(r.uses, n.Value)
		return
	}
	for _, name := range responseNames {
		if name == n.Value {
			r.fail(n, "it can be used in `expect` and `extract`", "%q is only known when there is a response", name)
			return
		}
	}
	r.fail(n, suggest(n.Value, sc.names()), "unknown name %q", n.Value)
}

// member checks columns that can be known before the run.
func (r *resolver) member(n *ast.MemberNode) {
	of, ok := n.Node.(*ast.IdentifierNode)
	property, constant := n.Property.(*ast.StringNode)
	if !ok || !constant || r.locals[of.Value] {
		return
	}
	switch d := r.scope.find(of.Value); {
	case d != nil && d.columns != nil && d.column(property.Value) < 0:
		r.fail(n.Property, suggest(property.Value, d.columns), "%s has no column %q", d.File, property.Value)
	case d != nil:
	case of.Value == "user" && property.Value != "id" && property.Value != "class",
		of.Value == "run" && property.Value != "id":
		r.fail(n.Property, "there are user.id, user.class and run.id", "unknown name \"%s.%s\"", of.Value, property.Value)
	}
}

func (r *resolver) call(n *ast.CallNode) {
	callee, ok := n.Callee.(*ast.IdentifierNode)
	if !ok {
		return
	}
	f := findFunction(callee.Value)
	switch {
	case f != nil:
		if err := f.arity(len(n.Arguments)); err != nil {
			r.fail(n, "", "%v", err)
		}
	case callee.Value == "env":
		r.env(n)
	case isHelper(callee.Value):
	default:
		var known []string
		for i := range functions {
			known = append(known, functions[i].name)
		}
		r.fail(n, suggest(callee.Value, append(known, builtin.Names...)), "unknown function %q", callee.Value)
	}
}

// env checks env("NAME") and env("NAME", "default").
func (r *resolver) env(n *ast.CallNode) {
	if len(n.Arguments) < 1 || len(n.Arguments) > 2 {
		r.fail(n, "", `env takes a name and perhaps a default; write for example env("TOKEN")`)
		return
	}
	name, ok := n.Arguments[0].(*ast.StringNode)
	if !ok {
		r.fail(n, "", "the name given to env must be plain text")
		return
	}
	if _, found := r.scope.env(name.Value); !found && len(n.Arguments) == 1 {
		r.fail(n, fmt.Sprintf("set it, or give a default: env(%q, \"…\")", name.Value), "the environment variable %s is not set", name.Value)
	}
}
