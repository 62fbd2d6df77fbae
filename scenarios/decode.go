package scenarios

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// maxProblems is how many problems of a file are told.
const maxProblems = 100

// decoder reads one file and collects everything that is wrong with it.
type decoder struct {
	options  Options
	file     string
	lines    []string
	problems Problems
	nodes    int
	tooBig   bool
	secrets  secrets
	folder   folder
	scenario *Scenario
}

// fail notes a problem, once.
func (d *decoder) fail(at position, hint, format string, args ...any) {
	p := Problem{
		File: d.file, Line: at.line, Column: at.column,
		Message: fmt.Sprintf(format, args...), Hint: hint, Source: d.source(at),
	}
	if len(d.problems) < maxProblems && !slices.Contains(d.problems, p) {
		d.problems = append(d.problems, p)
	}
}

// source returns the line of a place.
func (d *decoder) source(at position) string {
	if at.line < 1 || at.line > len(d.lines) {
		return ""
	}
	return d.lines[at.line-1]
}

// err returns the problems in the file's order, secrets masked; nil if there
// are none.
func (d *decoder) err() error {
	if len(d.problems) == 0 {
		return nil
	}
	slices.SortStableFunc(d.problems, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	for i := range d.problems {
		p := &d.problems[i]
		p.Message, p.Hint, p.Source = mask(p.Message, d.secrets), mask(p.Hint, d.secrets), mask(p.Source, d.secrets)
	}
	return d.problems
}

// fields are the values of an object whose keys were checked.
type fields struct{ *node }

// get returns the value of key; nothing written there is nothing.
func (f fields) get(key string) *node {
	if f.node == nil {
		return nil
	}
	if n := f.node.get(key); n != nil && n.kind != kindNull {
		return n
	}
	return nil
}

// keys reads n as an object that has only keys of sh.
func (d *decoder) keys(n *node, sh *shape) (fields, bool) {
	if n.kind != kindObject {
		d.fail(n.pos, "", "%s must be an object, not %s", sh.name, kindWords[n.kind])
		return fields{}, false
	}
	for _, p := range n.pairs {
		if sh.has(p.key) {
			continue
		}
		d.fail(p.pos, suggest(p.key, sh.names()), "unknown key %q in %s", p.key, sh.name)
	}
	return fields{n}, true
}

// str reads text; numbers and true or false are taken as written.
func (d *decoder) str(n *node) string {
	if n == nil {
		return ""
	}
	if n.kind >= kindList {
		d.fail(n.pos, "", "text is needed here, not %s", kindWords[n.kind])
		return ""
	}
	return n.text
}

// whole reads an integer from lo to hi.
func (d *decoder) whole(n *node, lo, hi int) int {
	if n == nil {
		return 0
	}
	v, err := strconv.Atoi(n.text)
	if err != nil || n.kind >= kindList {
		d.fail(n.pos, "", "a whole number is needed here, not %s", d.shown(n))
		return 0
	}
	if v < lo || v > hi {
		d.fail(n.pos, "", "%d is out of range: %d to %d", v, lo, hi)
		return 0
	}
	return v
}

// number reads a number from lo to hi.
func (d *decoder) number(n *node, lo, hi float64) float64 {
	if n == nil {
		return 0
	}
	v, err := strconv.ParseFloat(n.text, 64)
	if err != nil || n.kind >= kindList || math.IsNaN(v) {
		d.fail(n.pos, "", "a number is needed here, not %s", d.shown(n))
		return 0
	}
	if v < lo || v > hi {
		d.fail(n.pos, "", "%s is out of range: %g to %g", n.text, lo, hi)
		return 0
	}
	return v
}

// yes reads true or false.
func (d *decoder) yes(n *node) bool {
	if n == nil {
		return false
	}
	switch n.text {
	case "true", "True", "TRUE":
		return true
	case "false", "False", "FALSE":
		return false
	}
	d.fail(n.pos, "", "true or false is needed here, not %s", d.shown(n))
	return false
}

// maxDuration bounds every time in a file.
const maxDuration = 30 * 24 * time.Hour

// duration reads "500ms", "1m30s"; 0 needs no unit.
func (d *decoder) duration(n *node) time.Duration {
	if n == nil {
		return 0
	}
	if n.kind >= kindList {
		d.fail(n.pos, "for example 500ms, 10s, 1m30s", "a time is needed here, not %s", kindWords[n.kind])
		return 0
	}
	v, message := parseDuration(n.text)
	if message != "" {
		d.fail(n.pos, "for example 500ms, 10s, 1m30s", "%s", message)
	}
	return v
}

// parseDuration reads a time; message says what is wrong with it.
func parseDuration(text string) (v time.Duration, message string) {
	text = strings.TrimSpace(text)
	v, err := time.ParseDuration(text)
	switch {
	case err != nil && isNumber(text):
		return 0, fmt.Sprintf("%s has no unit", text)
	case err != nil:
		return 0, fmt.Sprintf("%q is no time", text)
	case v < 0:
		return 0, fmt.Sprintf("%s is negative", text)
	case v > maxDuration:
		return 0, fmt.Sprintf("%s is more than 30 days", text)
	}
	return v, ""
}

func isNumber(s string) bool {
	_, err := strconv.ParseFloat(s, 64)
	return err == nil
}

var sizeUnits = []struct {
	unit  string
	bytes int64
}{
	{"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30}, {"KB", 1e3}, {"kB", 1e3}, {"MB", 1e6}, {"GB", 1e9}, {"B", 1},
}

// bytes reads a size: "10KB", "1 MiB", or a number of bytes.
func (d *decoder) bytes(n *node) int64 {
	if n == nil {
		return 0
	}
	text, factor := strings.TrimSpace(n.text), int64(1)
	for _, u := range sizeUnits {
		if number, ok := strings.CutSuffix(text, u.unit); ok {
			text, factor = strings.TrimSpace(number), u.bytes
			break
		}
	}
	v, err := strconv.ParseFloat(text, 64)
	if err != nil || n.kind >= kindList || v < 0 || v > 1e15 || math.IsNaN(v) {
		d.fail(n.pos, "for example 512B, 10KB, 1MiB", "a size is needed here, not %s", d.shown(n))
		return 0
	}
	return int64(v * float64(factor))
}

// oneOf reads one of the words.
func (d *decoder) oneOf(n *node, words ...string) string {
	text := d.str(n)
	if n == nil || n.kind >= kindList || slices.Contains(words, text) {
		return text
	}
	d.fail(n.pos, suggest(text, words), "%q is none of %s", text, strings.Join(words, ", "))
	return ""
}

// list returns the items of a list; a single value is a list of one.
func list(n *node) []*node {
	switch {
	case n == nil:
		return nil
	case n.kind == kindList:
		return n.items
	}
	return []*node{n}
}

// shown names a value in a problem.
func (d *decoder) shown(n *node) string {
	if n.kind == kindText || n.kind == kindInt || n.kind == kindFloat {
		return strconv.Quote(short(n.text, 40))
	}
	return kindWords[n.kind]
}

// short cuts text to n characters.
func short(text string, n int) string {
	r := []rune(text)
	if len(r) <= n {
		return text
	}
	return string(r[:n-1]) + "…"
}

// suggest names the word that was probably meant, or all where they are few.
func suggest(got string, words []string) string {
	best, distance := "", min(1+max(2, len(got)/3), len(got))
	for _, w := range words {
		if n := edits(strings.ToLower(got), strings.ToLower(w)); n < distance {
			best, distance = w, n
		}
	}
	switch {
	case best != "":
		return fmt.Sprintf("did you mean %q?", best)
	case len(words) > 0 && len(words) <= 12:
		return "there are " + strings.Join(words, ", ")
	}
	return ""
}

// edits is the number of single-letter changes, swaps of neighbours included,
// between a and b (optimal string alignment).
func edits(a, b string) int {
	x, y := []rune(a), []rune(b)
	if len(x) > 64 || len(y) > 64 {
		return 64
	}
	var d [65][65]int
	for i := range len(x) + 1 {
		for j := range len(y) + 1 {
			if i == 0 || j == 0 {
				d[i][j] = i + j
				continue
			}
			cost := 1
			if x[i-1] == y[j-1] {
				cost = 0
			}
			d[i][j] = min(d[i-1][j]+1, d[i][j-1]+1, d[i-1][j-1]+cost)
			if i > 1 && j > 1 && x[i-1] == y[j-2] && x[i-2] == y[j-1] {
				d[i][j] = min(d[i][j], d[i-2][j-2]+1)
			}
		}
	}
	return d[len(x)][len(y)]
}
