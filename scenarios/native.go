package scenarios

import (
	"errors"

	"github.com/expr-lang/expr/ast"
)

// native compiles n to closures; nil where that is not done for such a node.
func (sc *scope) native(n ast.Node) (term, error) {
	switch n := n.(type) {
	case *ast.NilNode:
		return &constant{asJSON: []byte("null"), textFail: errors.New("there is no value")}, nil
	case *ast.IntegerNode:
		return newConstant(n.Value), nil
	case *ast.FloatNode:
		return newConstant(n.Value), nil
	case *ast.BoolNode:
		return newConstant(n.Value), nil
	case *ast.StringNode:
		return newConstant(n.Value), nil
	case *ast.UnaryNode:
		return sc.nativeSign(n)
	case *ast.IdentifierNode:
		return sc.binding(n.Value), nil
	case *ast.MemberNode:
		return sc.nativeMember(n), nil
	case *ast.ArrayNode:
		return sc.nativeList(n)
	case *ast.MapNode:
		return sc.nativeObject(n)
	case *ast.BuiltinNode:
		return sc.nativeBuiltin(n)
	case *ast.BinaryNode:
		return sc.nativeBinary(n)
	case *ast.CallNode:
		return sc.nativeCall(n)
	}
	return nil, nil
}

// natives compiles all of nodes, or none.
func (sc *scope) natives(nodes []ast.Node) ([]term, error) {
	out := make([]term, len(nodes))
	for i, n := range nodes {
		t, err := sc.native(n)
		if t == nil || err != nil {
			return nil, err
		}
		out[i] = t
	}
	return out, nil
}

func (sc *scope) nativeSign(n *ast.UnaryNode) (term, error) {
	t, err := sc.native(n.Node)
	if t != nil && err == nil && (n.Operator == "not" || n.Operator == "!") {
		return nativeNot(t), nil
	}
	c, ok := t.(*constant)
	if err != nil || !ok || n.Operator != "-" {
		return nil, err
	}
	switch v := c.v.(type) {
	case int:
		return newConstant(-v), nil
	case float64:
		return newConstant(-v), nil
	}
	return nil, nil
}

func (sc *scope) nativeMember(n *ast.MemberNode) term {
	if p, ok := jsonPathOf(n); ok && sc.response {
		return anyTerm(func(u *Session) (any, error) { return p.in(u.view.resp.Body) })
	}
	of, ok := n.Node.(*ast.IdentifierNode)
	property, plain := n.Property.(*ast.StringNode)
	if !ok || !plain || n.Method || n.Optional {
		return nil
	}
	if of.Value == "headers" && sc.response {
		return nativeHeader(property.Value)
	}
	for i, d := range sc.data {
		if d.Name != of.Value {
			continue
		}
		if col := d.column(property.Value); col >= 0 {
			sc.use(i)
			return column(i, col)
		}
		return nil
	}
	switch {
	case of.Value == "user" && property.Value == "id":
		return intTerm(func(u *Session) (int, error) { return u.id, nil })
	case of.Value == "user" && property.Value == "class":
		return textTerm{append: func(u *Session, dst []byte) ([]byte, error) { return append(dst, u.class.Name...), nil }}
	case of.Value == "run" && property.Value == "id":
		return textTerm{append: func(u *Session, dst []byte) ([]byte, error) { return append(dst, u.run.ID...), nil }}
	}
	return nil
}

func (sc *scope) nativeList(n *ast.ArrayNode) (term, error) {
	items, err := sc.natives(n.Nodes)
	if items == nil || err != nil {
		return nil, err
	}
	if !isConstant(items...) {
		return listTerm(items), nil
	}
	values := make([]any, len(items))
	for i, t := range items {
		values[i] = t.(*constant).v
	}
	return newConstant(values), nil
}

// nativeObject compiles an object of constants, as weighted_choice takes.
func (sc *scope) nativeObject(n *ast.MapNode) (term, error) {
	m := make(map[string]any, len(n.Pairs))
	for _, p := range n.Pairs {
		pair, ok := p.(*ast.PairNode)
		if !ok {
			return nil, nil
		}
		key, err := sc.native(pair.Key)
		if err != nil {
			return nil, err
		}
		value, err := sc.native(pair.Value)
		if err != nil {
			return nil, err
		}
		k, ok := key.(*constant)
		v, fixed := value.(*constant)
		if !ok || !fixed {
			return nil, nil
		}
		name, ok := k.v.(string)
		if !ok {
			return nil, nil
		}
		m[name] = v.v
	}
	return newConstant(m), nil
}

func (sc *scope) nativeBuiltin(n *ast.BuiltinNode) (term, error) {
	if n.Name == "len" && len(n.Arguments) == 1 && sc.response {
		if p, ok := jsonPathOf(n.Arguments[0]); ok {
			return anyTerm(func(u *Session) (any, error) { return p.lenIn(u.view.resp.Body) }), nil
		}
	}
	return sc.nativeMap(n)
}

// nativeMap compiles map(a..b, x) where x does not use the item.
func (sc *scope) nativeMap(n *ast.BuiltinNode) (term, error) {
	if n.Name != "map" || len(n.Arguments) != 2 {
		return nil, nil
	}
	numbers, ok := n.Arguments[0].(*ast.BinaryNode)
	if !ok || numbers.Operator != ".." {
		return nil, nil
	}
	predicate, ok := n.Arguments[1].(*ast.PredicateNode)
	if !ok {
		return nil, nil
	}
	ends, err := sc.natives([]ast.Node{numbers.Left, numbers.Right})
	if ends == nil || err != nil {
		return nil, err
	}
	each, err := sc.native(predicate.Node)
	if each == nil || err != nil {
		return nil, err
	}
	return mapped{whole(ends[0]), whole(ends[1]), each}, nil
}

func (sc *scope) nativeCall(n *ast.CallNode) (term, error) {
	callee, ok := n.Callee.(*ast.IdentifierNode)
	if !ok {
		return nil, nil
	}
	if callee.Value == "env" {
		return sc.nativeEnv(n)
	}
	f := findFunction(callee.Value)
	if f == nil {
		return nil, nil
	}
	args, err := sc.natives(n.Arguments)
	if err != nil || args == nil {
		return nil, err
	}
	t, err := f.build(args)
	if err != nil {
		return nil, &expressionError{offset: n.Location().From, message: err.Error(), hint: "for example " + f.usage}
	}
	return t, nil
}

func (sc *scope) nativeEnv(n *ast.CallNode) (term, error) {
	name := n.Arguments[0].(*ast.StringNode)
	if value, ok := sc.env(name.Value); ok {
		return newConstant(value), nil
	}
	return sc.native(n.Arguments[1])
}
