package scenarios

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
)

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
		for _, key := range slices.Sorted(maps.Keys(m)) {
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

func drawWeighted(u *Session, sums []float64) int {
	x := u.rng.Float64() * sums[len(sums)-1]
	for i, sum := range sums {
		if x < sum {
			return i
		}
	}
	return len(sums) - 1
}
