package scenarios

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"
)

// The limits of a scenario file: far above any honest one, low enough that a
// hostile one costs neither time nor memory.
const (
	maxFile  = 1 << 20 // bytes
	maxNodes = 100_000 // values, every use of an alias counted
	maxDepth = 100     // lists and objects within each other
)

// position is a place in a file, counted from 1; column in characters.
type position struct{ line, column int }

// kind is what a value of a file is.
type kind uint8

const (
	kindNull kind = iota
	kindBool
	kindInt
	kindFloat
	kindText
	kindList
	kindObject
)

var kindWords = [...]string{"nothing", "true or false", "a number", "a number", "text", "a list", "an object"}

// node is a value of a scenario file: aliases followed, merges done, ${VAR}
// put in.
type node struct {
	kind  kind
	raw   string // a scalar as written
	text  string // a scalar with its variables put in
	pos   position
	items []*node
	pairs []pair
}

type pair struct {
	key   string
	pos   position
	value *node
}

// get returns the value of key, nil if there is none.
func (n *node) get(key string) *node {
	for _, p := range n.pairs {
		if p.key == key {
			return p.value
		}
	}
	return nil
}

// deep refuses nesting beyond maxDepth while the file is read.
type deep struct{}

func (deep) CheckDepth(depth int, _ *yaml.DepthContext) error {
	if depth > maxDepth {
		return fmt.Errorf("nested more than %d deep", maxDepth)
	}
	return nil
}

func (deep) CheckAlias(int, int) error { return nil }

// tree reads text into a node, nil where nothing can be made of it.
func (d *decoder) tree(text string) *node {
	if !d.isText() {
		return nil
	}
	loader, err := yaml.NewLoader(strings.NewReader(text), yaml.WithPlugin(deep{}), yaml.WithUniqueKeys(false))
	if err != nil {
		d.fail(position{}, "", "%v", err)
		return nil
	}
	var doc, more yaml.Node
	if err := loader.Load(&doc); errors.Is(err, io.EOF) {
		d.fail(position{}, "`brink init` writes a first scenario", "the file is empty")
		return nil
	} else if err != nil {
		d.syntax(err)
		return nil
	}
	if err := loader.Load(&more); err == nil {
		d.fail(position{more.Line, more.Column}, "put the other one into a file of its own", "the file has a second document")
		return nil
	} else if !errors.Is(err, io.EOF) {
		d.syntax(err)
		return nil
	}
	if doc.Kind == yaml.DocumentNode && len(doc.Content) == 1 {
		return d.convert(doc.Content[0], 0)
	}
	return d.convert(&doc, 0)
}

// isText refuses what is no text before YAML sees it.
func (d *decoder) isText() bool {
	for i, line := range d.lines {
		bad := strings.IndexFunc(line, func(r rune) bool { return r == utf8.RuneError || r < ' ' && r != '\t' || r == 0x7f })
		if bad < 0 {
			continue
		}
		r, size := utf8.DecodeRuneInString(line[bad:])
		at := position{i + 1, utf8.RuneCountInString(line[:bad]) + 1}
		if r == utf8.RuneError && size <= 1 {
			d.fail(at, "save the file as UTF-8", "the file is not UTF-8 text")
		} else {
			d.fail(at, "remove it, or write it as an escape in double quotes", "a control character (%U)", r)
		}
		return false
	}
	return true
}

// syntax reports what YAML itself found wrong.
func (d *decoder) syntax(err error) {
	at, message, hint := position{}, err.Error(), ""
	var load *yaml.LoadError
	if errors.As(err, &load) {
		at, message = position{max(load.Mark.Line, 1), max(load.Mark.Column, 1)}, load.Message
	}
	if at.line > 0 && at.line <= len(d.lines) {
		at.column = min(at.column, utf8.RuneCountInString(d.lines[at.line-1])+1)
	}
	line := d.source(at)
	switch {
	case strings.Contains(line[:len(line)-len(strings.TrimLeft(line, " \t"))], "\t"):
		message, hint = "a tab in the indentation", "indent with spaces"
	case strings.Contains(message, "expected ','") && (strings.Contains(line, "${") || strings.Contains(line, "{{")):
		hint = "within { } and [ ] put ${…} and {{ … }} into quotes"
	case strings.Contains(message, "mapping values are not allowed"):
		hint = "put text that has a colon into quotes"
	case strings.Contains(message, "cannot start any token"):
		hint = "put the text into quotes"
	}
	d.fail(at, hint, "%s", message)
}

// convert turns a YAML node into a node, nil where a limit was passed.
func (d *decoder) convert(y *yaml.Node, depth int) *node {
	if d.tooBig {
		return nil
	}
	pos := at(y)
	if d.nodes++; d.nodes > maxNodes || depth > maxDepth {
		d.tooBig = true
		if depth > maxDepth {
			d.fail(pos, "an alias may not contain itself", "nested more than %d deep", maxDepth)
		} else {
			d.fail(pos, "put data into .csv or .jsonl files", "more than %d values, aliases counted each time they are used", maxNodes)
		}
		return nil
	}
	switch y.Kind {
	case yaml.AliasNode:
		return d.convert(y.Alias, depth+1)
	case yaml.MappingNode:
		return d.object(y, pos, depth)
	case yaml.SequenceNode:
		n := &node{kind: kindList, pos: pos}
		for _, c := range y.Content {
			if item := d.convert(c, depth+1); item != nil {
				n.items = append(n.items, item)
			}
		}
		return n
	default:
		return d.scalar(y, pos)
	}
}

// object converts a mapping: keys are text and unique, << merges.
func (d *decoder) object(y *yaml.Node, pos position, depth int) *node {
	n := &node{kind: kindObject, pos: pos}
	seen := make(map[string]position, len(y.Content)/2)
	var merged []pair
	for i := 0; i+1 < len(y.Content); i += 2 {
		k, pos := y.Content[i], at(y.Content[i])
		if k.Kind == yaml.AliasNode {
			k = k.Alias
		}
		if k.Kind != yaml.ScalarNode {
			d.fail(pos, "", "a key must be text")
			continue
		}
		value := d.convert(y.Content[i+1], depth+1)
		if value == nil {
			continue
		}
		if k.Tag == "!!merge" {
			merged = append(merged, d.merge(value)...)
			continue
		}
		if first, twice := seen[k.Value]; twice {
			d.fail(pos, "keep one of them", "%q is there twice, first in line %d", k.Value, first.line)
			continue
		}
		seen[k.Value] = pos
		n.pairs = append(n.pairs, pair{k.Value, pos, value})
	}
	for _, p := range merged {
		if _, own := seen[p.key]; !own {
			seen[p.key] = p.pos
			n.pairs = append(n.pairs, p)
		}
	}
	return n
}

// merge returns the pairs that `<<: value` brings in.
func (d *decoder) merge(value *node) []pair {
	switch value.kind {
	case kindObject:
		return value.pairs
	case kindList:
		var all []pair
		for _, item := range value.items {
			all = append(all, d.merge(item)...)
		}
		if d.nodes += len(all); d.nodes > maxNodes {
			return nil
		}
		return all
	}
	d.fail(value.pos, "write <<: *name", "<< takes an object to merge, not %s", kindWords[value.kind])
	return nil
}

var tagKinds = map[string]kind{"!!null": kindNull, "!!bool": kindBool, "!!int": kindInt, "!!float": kindFloat}

// scalar converts a scalar and puts its variables in; a plain one that had
// some is what it then looks like.
func (d *decoder) scalar(y *yaml.Node, pos position) *node {
	plain := y.Style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle|yaml.LiteralStyle|yaml.FoldedStyle) == 0
	n := &node{kind: kindText, raw: y.Value, text: y.Value, pos: pos}
	if k, ok := tagKinds[y.Tag]; ok {
		n.kind = k
	}
	if strings.Contains(y.Value, "$") {
		n.text = d.expand(y.Value, pos, false)
		if plain && n.text != y.Value {
			again := yaml.Node{Kind: yaml.ScalarNode, Value: n.text}
			if k, ok := tagKinds[again.ShortTag()]; ok && k != kindNull {
				n.kind = k
			}
		}
	}
	return n
}

// at returns where y stands.
func at(y *yaml.Node) position { return position{y.Line, y.Column} }
