package scenarios

import (
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"sync/atomic"
)

// function is one that expressions have beside those of expr-lang. build makes
// a term of a call; it fails where constant arguments are no good.
type function struct {
	name     string
	min, max int // arguments; max -1: any number
	usage    string
	doc      string
	build    func(args []term) (term, error)
}

// maxText bounds, in bytes, what one function makes.
const maxText = 16 << 20

// functions are in the order of the documentation.
var functions = []function{
	{"randint", 2, 2, "randint(1, 6)", "a whole number, both ends included", buildRandint},
	{"uniform", 2, 3, "uniform(0, 6.2, 1)", "a number between the two, evenly; rounded to the digits of the third", buildUniform},
	{"normal", 2, 3, "normal(100, 15, 0)", "a number, normally distributed: mean, deviation, digits", buildNormal},
	{"lognormal", 2, 3, "lognormal(200, 0.8, 0)", "a number above 0 with a long tail: median, sigma, digits", buildLognormal},
	{"exponential", 1, 2, "exponential(30, 0)", "a number above 0, exponentially distributed: mean, digits", buildExponential},
	{"choice", 1, -1, `choice(["a", "b"])`, "one of a list, or of several arguments", buildChoice},
	{"weighted_choice", 1, 2, `weighted_choice({"a": 3, "b": 1})`, "one of the keys, by weight; or two lists: values, weights", buildWeighted},
	{"sentence", 0, 1, "sentence(12)", "a sentence of so many words (8)", buildSentence},
	{"words", 1, 1, "words(3)", "so many words", buildWords},
	{"text", 1, 1, "text(500)", "text of so many characters", buildText},
	{"uuid", 0, 0, "uuid()", "a random UUID (version 4)", buildUUID},
	{"seq", 0, 1, "seq()", "1, 2, 3 … over all users of the run; seq(\"name\") counts apart", buildSeq},
	{"base64", 1, 1, `base64("a:b")`, "text in base64", buildBase64},
}

func findFunction(name string) *function {
	for i := range functions {
		if functions[i].name == name {
			return &functions[i]
		}
	}
	return nil
}

// arity says what is wrong with n arguments; nil if nothing is.
func (f *function) arity(n int) error {
	if n >= f.min && (n <= f.max || f.max < 0) {
		return nil
	}
	return fmt.Errorf("%s does not take %d arguments; write for example %s", f.name, n, f.usage)
}

// call is the slow way: arguments known only now.
func (f *function) call(u *Session, args []any) (any, error) {
	if err := f.arity(len(args)); err != nil {
		return nil, err
	}
	terms := make([]term, len(args))
	for i, a := range args {
		terms[i] = &constant{v: a}
	}
	t, err := f.build(terms)
	if err != nil {
		return nil, err
	}
	return t.value(u)
}

func buildRandint(args []term) (term, error) {
	lo, hi := whole(args[0]), whole(args[1])
	draw := func(u *Session, lo, hi int) int { return lo + u.rng.IntN(hi-lo+1) }
	bounds := func(u *Session) (int, int, error) {
		a, err := lo(u)
		if err != nil {
			return 0, 0, fmt.Errorf("randint: %w", err)
		}
		b, err := hi(u)
		if err != nil {
			return 0, 0, fmt.Errorf("randint: %w", err)
		}
		if a > b {
			return 0, 0, fmt.Errorf("randint(%d, %d): the first is above the second", a, b)
		}
		return a, b, nil
	}
	if isConstant(args...) {
		a, b, err := bounds(nil)
		return intTerm(func(u *Session) (int, error) { return draw(u, a, b), nil }), err
	}
	return intTerm(func(u *Session) (int, error) {
		a, b, err := bounds(u)
		if err != nil {
			return 0, err
		}
		return draw(u, a, b), nil
	}), nil
}

// distribution makes a number of up to two parameters and, after them, digits
// to round to.
func distribution(name string, args []term, parameters int, check func(a, b float64) error, draw func(u *Session, a, b float64) float64) (term, error) {
	digits := -1
	if len(args) > parameters {
		c, ok := args[parameters].(*constant)
		if !ok {
			return nil, fmt.Errorf("%s: the digits must be a plain number", name)
		}
		var err error
		if digits, err = toInt(c.v); err != nil || digits < 0 || digits > maxDigits {
			return nil, fmt.Errorf("%s: the digits must be 0 to %d", name, maxDigits)
		}
	}
	a, b := real(args[0]), real(args[parameters-1])
	both := func(u *Session) (x, y float64, err error) {
		if x, err = a(u); err == nil {
			y, err = b(u)
		}
		if err == nil {
			err = check(x, y)
		}
		if err != nil {
			err = fmt.Errorf("%s: %w", name, err)
		}
		return x, y, err
	}
	if isConstant(args...) {
		x, y, err := both(nil)
		return floatTerm{func(u *Session) (float64, error) { return draw(u, x, y), nil }, digits}, err
	}
	return floatTerm{func(u *Session) (float64, error) {
		x, y, err := both(u)
		if err != nil {
			return 0, err
		}
		return draw(u, x, y), nil
	}, digits}, nil
}

func buildUniform(args []term) (term, error) {
	return distribution("uniform", args, 2, func(a, b float64) error {
		if !(a <= b) || math.IsInf(b-a, 0) {
			return fmt.Errorf("%g to %g is no range", a, b)
		}
		return nil
	}, func(u *Session, a, b float64) float64 { return a + u.rng.Float64()*(b-a) })
}

func buildNormal(args []term) (term, error) {
	return distribution("normal", args, 2, func(_, dev float64) error {
		if !(dev >= 0) {
			return fmt.Errorf("the deviation %g is below 0", dev)
		}
		return nil
	}, func(u *Session, mean, dev float64) float64 { return mean + u.rng.NormFloat64()*dev })
}

func buildLognormal(args []term) (term, error) {
	return distribution("lognormal", args, 2, func(median, sigma float64) error {
		if !(median > 0) || !(sigma >= 0 && sigma <= 10) {
			return errors.New("the median must be above 0 and sigma 0 to 10")
		}
		return nil
	}, func(u *Session, median, sigma float64) float64 { return median * math.Exp(u.rng.NormFloat64()*sigma) })
}

func buildExponential(args []term) (term, error) {
	return distribution("exponential", args, 1, func(mean, _ float64) error {
		if !(mean >= 0) {
			return fmt.Errorf("the mean %g is below 0", mean)
		}
		return nil
	}, func(u *Session, mean, _ float64) float64 { return u.rng.ExpFloat64() * mean })
}

// pick is one of several terms, by the number that next draws.
type pick struct {
	of   []term
	next func(u *Session) int
}

func (p pick) value(u *Session) (any, error) { return p.of[p.next(u)].value(u) }
func (p pick) text(u *Session, dst []byte) ([]byte, error) {
	return p.of[p.next(u)].text(u, dst)
}
func (p pick) json(u *Session, dst []byte) ([]byte, error) {
	return p.of[p.next(u)].json(u, dst)
}

func buildChoice(args []term) (term, error) {
	if len(args) > 1 {
		n := len(args)
		return pick{args, func(u *Session) int { return u.rng.IntN(n) }}, nil
	}
	if l, ok := args[0].(listTerm); ok && len(l) > 0 {
		n := len(l)
		return pick{l, func(u *Session) int { return u.rng.IntN(n) }}, nil
	}
	c, ok := args[0].(*constant)
	if !ok {
		list := args[0]
		return anyTerm(func(u *Session) (any, error) {
			v, err := list.value(u)
			if err != nil {
				return nil, err
			}
			items, err := anyList("choice", v)
			if err != nil {
				return nil, err
			}
			return items[u.rng.IntN(len(items))], nil
		}), nil
	}
	items, err := anyList("choice", c.v)
	if err != nil {
		return nil, err
	}
	terms := make([]term, len(items))
	for i, item := range items {
		terms[i] = newConstant(item)
	}
	return pick{terms, func(u *Session) int { return u.rng.IntN(len(terms)) }}, nil
}

// anyList returns the items of a list that has some.
func anyList(name string, v any) ([]any, error) {
	items, ok := asList(v)
	switch {
	case !ok:
		return nil, fmt.Errorf("%s needs a list, not %s", name, typeWord(v))
	case len(items) == 0:
		return nil, fmt.Errorf("%s: the list is empty", name)
	}
	return items, nil
}

func asList(v any) ([]any, bool) {
	switch v := v.(type) {
	case []any:
		return v, true
	case []int:
		return boxed(v), true
	case []string:
		return boxed(v), true
	case []float64:
		return boxed(v), true
	}
	return nil, false
}

func boxed[T any](list []T) []any {
	out := make([]any, len(list))
	for i, v := range list {
		out[i] = v
	}
	return out
}

func buildWeighted(args []term) (term, error) {
	if isConstant(args...) {
		values := make([]any, len(args))
		for i, a := range args {
			values[i] = a.(*constant).v
		}
		items, sums, err := weighted(values)
		terms := make([]term, len(items))
		for i, item := range items {
			terms[i] = newConstant(item)
		}
		return pick{terms, func(u *Session) int { return drawWeighted(u, sums) }}, err
	}
	return anyTerm(func(u *Session) (any, error) {
		values := make([]any, len(args))
		for i, a := range args {
			var err error
			if values[i], err = a.value(u); err != nil {
				return nil, err
			}
		}
		items, sums, err := weighted(values)
		if err != nil {
			return nil, err
		}
		return items[drawWeighted(u, sums)], nil
	}), nil
}

// weighted reads the arguments of weighted_choice into values and the sums of
// their weights so far.
func weighted(args []any) (items []any, sums []float64, err error) {
	var weights []any
	switch m := args[0].(type) {
	case map[string]any:
		if len(args) > 1 {
			return nil, nil, errors.New("weighted_choice takes an object of weights, or a list of values and a list of weights")
		}
		for _, key := range sortedKeys(m) {
			items, weights = append(items, key), append(weights, m[key])
		}
	default:
		var ok, okWeights bool
		if len(args) == 2 {
			items, ok = asList(args[0])
			weights, okWeights = asList(args[1])
		}
		if !ok || !okWeights {
			return nil, nil, errors.New("weighted_choice takes an object of weights, or a list of values and a list of weights")
		}
		if len(items) != len(weights) {
			return nil, nil, fmt.Errorf("weighted_choice: %d values and %d weights", len(items), len(weights))
		}
	}
	total := 0.0
	for _, w := range weights {
		f, err := toFloat(w)
		if err != nil || !(f >= 0) || math.IsInf(f, 0) {
			return nil, nil, errors.New("weighted_choice: a weight must be a number, 0 or more")
		}
		total += f
		sums = append(sums, total)
	}
	if !(total > 0) {
		return nil, nil, errors.New("weighted_choice: no weight is above 0")
	}
	return items, sums, nil
}

func sortedKeys(m map[string]any) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

func drawWeighted(u *Session, sums []float64) int {
	x := u.rng.Float64() * sums[len(sums)-1]
	for i, sum := range sums {
		if x < sum {
			return i
		}
	}
	return len(sums) - 1
}

// amount makes text of so many parts: at least least, at most limit.
func amount(name string, n term, least, limit int, plain func(u *Session, dst []byte, n int) []byte) (term, error) {
	next := whole(n)
	if c, ok := n.(*constant); ok {
		if v, err := toInt(c.v); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		} else if v < least || v > limit {
			return nil, fmt.Errorf("%s: %d is out of range, %d to %d", name, v, least, limit)
		}
	}
	return textTerm{func(u *Session, dst []byte) ([]byte, error) {
		v, err := next(u)
		if err != nil {
			return dst, fmt.Errorf("%s: %w", name, err)
		}
		// A distribution may reach below what makes sense; that is no mistake.
		v = max(v, least)
		if v > limit {
			return dst, fmt.Errorf("%s: %d is out of range, %d to %d", name, v, least, limit)
		}
		if err := u.spend(1 + v/4); err != nil {
			return dst, err
		}
		return plain(u, dst, v), nil
	}, true}, nil
}

func buildSentence(args []term) (term, error) {
	n := term(newConstant(8))
	if len(args) == 1 {
		n = args[0]
	}
	return amount("sentence", n, 1, maxText/16, func(u *Session, dst []byte, n int) []byte { return appendSentence(dst, u.rng, n) })
}

func buildWords(args []term) (term, error) {
	return amount("words", args[0], 1, maxText/16, func(u *Session, dst []byte, n int) []byte { return appendWords(dst, u.rng, n) })
}

func buildText(args []term) (term, error) {
	return amount("text", args[0], 0, maxText, func(u *Session, dst []byte, n int) []byte { return appendCharacters(dst, u.rng, n) })
}

func buildUUID([]term) (term, error) {
	return textTerm{func(u *Session, dst []byte) ([]byte, error) {
		var b [16]byte
		hi, lo := u.rng.Uint64(), u.rng.Uint64()
		for i := range 8 {
			b[i], b[8+i] = byte(hi>>(8*i)), byte(lo>>(8*i))
		}
		b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
		var out [36]byte
		hex.Encode(out[:8], b[:4])
		hex.Encode(out[9:13], b[4:6])
		hex.Encode(out[14:18], b[6:8])
		hex.Encode(out[19:23], b[8:10])
		hex.Encode(out[24:], b[10:])
		out[8], out[13], out[18], out[23] = '-', '-', '-', '-'
		return append(dst, out[:]...), nil
	}, true}, nil
}

// maxCounters bounds how many names seq can be asked for.
const maxCounters = 10_000

func buildSeq(args []term) (term, error) {
	if len(args) == 0 {
		return intTerm(func(u *Session) (int, error) { return int(u.run.count.Add(1)), nil }), nil
	}
	return intTerm(func(u *Session) (int, error) {
		v, err := args[0].value(u)
		if err != nil {
			return 0, err
		}
		name, ok := v.(string)
		if !ok {
			return 0, fmt.Errorf("seq: the name must be text, not %s", typeWord(v))
		}
		c, known := u.run.counters.Load(name)
		if !known {
			if u.run.numCounters.Add(1) > maxCounters {
				return 0, fmt.Errorf("seq: more than %d names", maxCounters)
			}
			c, _ = u.run.counters.LoadOrStore(strings.Clone(name), new(atomic.Int64))
		}
		return int(c.(*atomic.Int64).Add(1)), nil
	}), nil
}

func buildBase64(args []term) (term, error) {
	t := textTerm{func(u *Session, dst []byte) ([]byte, error) {
		start := len(dst)
		dst, err := args[0].text(u, dst)
		if err != nil {
			return dst, fmt.Errorf("base64: %w", err)
		}
		plain := string(dst[start:])
		return base64.StdEncoding.AppendEncode(dst[:start], []byte(plain)), nil
	}, true}
	if isConstant(args...) {
		b, err := t.append(nil, nil)
		return newConstant(string(b)), err
	}
	return t, nil
}
