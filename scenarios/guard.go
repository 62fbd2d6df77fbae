package scenarios

import (
	"net/textproto"

	"github.com/expr-lang/expr/ast"
)

// guard puts a count of the work before everything that takes more than a
// step, so that no expression runs for long or grows without bound.
type guard struct{}

// cheap functions take one step whatever they are given.
var cheap = map[string]bool{
	"len": true, "type": true, "abs": true, "ceil": true, "floor": true, "round": true, "int": true, "float": true,
	"first": true, "last": true, "get": true, "now": true, "duration": true, "hasPrefix": true, "hasSuffix": true,
}

// deepFunctions look at everything within what they are given.
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
