package scenarios

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/builtin"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/parser"
)

// maxExpression is the longest expression, in bytes.
const maxExpression = 4096

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

// listTerm is a list whose items are made anew each time.
type listTerm []term

func (l listTerm) value(u *Session) (any, error) {
	out := make([]any, len(l))
	for i, t := range l {
		var err error
		if out[i], err = t.value(u); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (l listTerm) json(u *Session, dst []byte) ([]byte, error) {
	dst = append(dst, '[')
	for i, t := range l {
		if i > 0 {
			dst = append(dst, ',')
		}
		var err error
		if dst, err = t.json(u, dst); err != nil {
			return dst, err
		}
	}
	return append(dst, ']'), nil
}

func (l listTerm) text(u *Session, dst []byte) ([]byte, error) { return l.json(u, dst) }

// mapped is `map(from..to, each)` with an each that does not look at the item.
type mapped struct {
	from, to func(u *Session) (int, error)
	each     term
}

func (m mapped) count(u *Session) (int, error) {
	a, err := m.from(u)
	if err != nil {
		return 0, err
	}
	b, err := m.to(u)
	if err != nil {
		return 0, err
	}
	n := max(0, b-a+1)
	return n, u.spend(n)
}

func (m mapped) value(u *Session) (any, error) {
	n, err := m.count(u)
	if err != nil {
		return nil, err
	}
	out := make([]any, n)
	for i := range out {
		if out[i], err = m.each.value(u); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (m mapped) json(u *Session, dst []byte) ([]byte, error) {
	n, err := m.count(u)
	if err != nil {
		return dst, err
	}
	dst = append(dst, '[')
	for i := range n {
		if i > 0 {
			dst = append(dst, ',')
		}
		if dst, err = m.each.json(u, dst); err != nil {
			return dst, err
		}
		if len(dst) > maxBody {
			return dst, errTooLarge
		}
	}
	return append(dst, ']'), nil
}

func (m mapped) text(u *Session, dst []byte) ([]byte, error) { return m.json(u, dst) }

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
		return p
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
			return column{i, d, col}
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
			return nativeLen(p), nil
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
