package scenarios

import (
	"fmt"
	"net/textproto"
	"strings"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/vm/runtime"
)

// nativeBinary compiles comparisons and what joins them: what expectations are
// mostly made of.
func (sc *scope) nativeBinary(n *ast.BinaryNode) (term, error) {
	switch n.Operator {
	case "and", "&&", "or", "||", "==", "!=", "<", "<=", ">", ">=":
	default:
		return nil, nil
	}
	sides, err := sc.natives([]ast.Node{n.Left, n.Right})
	if sides == nil || err != nil {
		return nil, err
	}
	l, r, op := sides[0], sides[1], n.Operator
	switch op {
	case "and", "&&", "or", "||":
		decides := op == "or" || op == "||"
		return anyTerm(func(u *Session) (any, error) {
			if v, err := truth(l, u); err != nil || v == decides {
				return v, err
			}
			v, err := truth(r, u)
			return v, err
		}), nil
	}
	return anyTerm(func(u *Session) (any, error) {
		a, err := l.value(u)
		if err != nil {
			return nil, err
		}
		b, err := r.value(u)
		if err != nil {
			return nil, err
		}
		return compare(op, a, b)
	}), nil
}

// truth evaluates what must be true or false.
func truth(t term, u *Session) (bool, error) {
	v, err := t.value(u)
	if err != nil {
		return false, err
	}
	if b, ok := v.(bool); ok {
		return b, nil
	}
	return false, fmt.Errorf("true or false is needed, not %s", typeWord(v))
}

// compare compares two values as expr-lang does.
func compare(op string, a, b any) (result bool, err error) {
	if x, ok := a.(int); ok {
		if y, ok := b.(int); ok {
			return ordered(op, x, y), nil
		}
	}
	x, errX := toFloat(a)
	y, errY := toFloat(b)
	if errX == nil && errY == nil {
		return ordered(op, x, y), nil
	}
	if x, ok := a.(string); ok {
		if y, ok := b.(string); ok {
			return ordered(op, x, y), nil
		}
	}
	defer func() {
		if recover() != nil {
			result, err = false, fmt.Errorf("%s cannot be compared with %s", typeWord(a), typeWord(b))
		}
	}()
	switch op {
	case "==":
		return runtime.Equal(a, b), nil
	case "!=":
		return !runtime.Equal(a, b), nil
	case "<":
		return runtime.Less(a, b), nil
	case "<=":
		return runtime.LessOrEqual(a, b), nil
	case ">":
		return runtime.More(a, b), nil
	}
	return runtime.MoreOrEqual(a, b), nil
}

func ordered[T int | float64 | string](op string, a, b T) bool {
	switch op {
	case "==":
		return a == b
	case "!=":
		return a != b
	case "<":
		return a < b
	case "<=":
		return a <= b
	case ">":
		return a > b
	}
	return a >= b
}

// nativeNot compiles `not x` and `!x`.
func nativeNot(t term) term {
	return anyTerm(func(u *Session) (any, error) {
		v, err := truth(t, u)
		return !v, err
	})
}

// nativeHeader compiles headers["Name"] and headers.name.
func nativeHeader(name string) term {
	name = textproto.CanonicalMIMEHeaderKey(name)
	return anyTerm(func(u *Session) (any, error) {
		var values []string
		for n, v := range headerLines(u.view.resp.Head) {
			if len(n) == len(name) && strings.EqualFold(string(n), name) {
				values = append(values, string(v))
			}
		}
		if values == nil {
			return nil, nil
		}
		return strings.Join(values, ", "), nil
	})
}
