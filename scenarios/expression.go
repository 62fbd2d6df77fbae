package scenarios

import (
	"errors"
	"fmt"
	"math"
	"strings"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/parser"
)

// maxExpression is the longest expression, in bytes.
const maxExpression = 4096

// expressionError says where in an expression something is wrong.
type expressionError struct {
	offset  int // characters from its start
	message string
	hint    string
}

func (e *expressionError) Error() string { return e.message }

// compile turns source into a term. What is common is compiled to closures
// that do not allocate; the rest runs on the virtual machine of expr-lang.
func (sc *scope) compile(source string) (term, error) {
	if len(source) > maxExpression {
		return nil, &expressionError{message: fmt.Sprintf("the expression has %d bytes; at most %d are allowed", len(source), maxExpression)}
	}
	if strings.TrimSpace(source) == "" {
		return nil, &expressionError{message: "the expression is empty"}
	}
	config := baseConfig()
	tree, err := parser.ParseWithConfig(source, config)
	if err != nil {
		return nil, syntaxError(err)
	}
	names := &resolver{scope: sc, locals: map[string]bool{}, callees: map[ast.Node]bool{}}
	ast.Walk(&tree.Node, declared{names})
	ast.Walk(&tree.Node, names)
	if names.err != nil {
		return nil, names.err
	}
	t, err := sc.native(tree.Node)
	if t != nil || err != nil {
		return t, err
	}
	return sc.program(source, names)
}

// syntaxError takes the place and the words out of an error of expr-lang.
func syntaxError(err error) error {
	var e *file.Error
	if !errors.As(err, &e) {
		return &expressionError{message: err.Error()}
	}
	message := e.Message
	if strings.HasPrefix(message, "unexpected token EOF") {
		message = "the expression ends too early"
	}
	return &expressionError{offset: e.From, message: message}
}

// maxSpend bounds the work of making one request: items of lists, words, bytes
// of text by perUnit.
const maxSpend = 4_000_000

var errSpent = errors.New("the expression takes too much work; it is bounded, use smaller numbers")

// spend counts work of the request being made.
func (u *Session) spend(n int) error {
	if u.spent > maxSpend || n > maxSpend {
		u.spent = math.MaxInt32
		return errSpent
	}
	if u.spent += n; u.spent > maxSpend {
		return errSpent
	}
	return nil
}

// conjuncts cuts an expression at the `and`s between its parts.
func conjuncts(source string) []string {
	tree, err := parser.ParseWithConfig(source, baseConfig())
	if err != nil {
		return []string{source}
	}
	var out []string
	var cut func(n ast.Node)
	cut = func(n ast.Node) {
		if b, ok := n.(*ast.BinaryNode); ok && (b.Operator == "and" || b.Operator == "&&") {
			cut(b.Left)
			cut(b.Right)
			return
		}
		out = append(out, n.String())
	}
	cut(tree.Node)
	if len(out) == 1 {
		return []string{source}
	}
	return out
}
