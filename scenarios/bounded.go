package scenarios

import (
	"errors"
	"fmt"
	"math"
	"strings"
)

// perUnit is how many bytes of text count as much as an item of a list.
const perUnit = 16

// use counts the size of v: items of a list or an object, bytes of text.
func (m *machine) use(v any, weight int) error {
	return m.spend(shallow(v), weight)
}

func (m *machine) spend(n, weight int) error {
	if n > math.MaxInt32/weight {
		n = math.MaxInt32 / weight
	}
	if m.u == nil {
		return nil
	}
	return m.u.spend(n * weight)
}

func shallow(v any) int {
	switch v := v.(type) {
	case string:
		return 1 + len(v)/perUnit
	case []any:
		return len(v)
	case []int:
		return len(v)
	case []string:
		return len(v)
	case []float64:
		return len(v)
	case map[string]any:
		return len(v)
	}
	return 1
}

// deep counts v with all that is in it; a list that holds the same list many
// times counts it as often.
func (m *machine) deep(v any, weight int) error {
	if err := m.spend(shallow(v)+1, weight); err != nil {
		return err
	}
	switch v := v.(type) {
	case []any:
		for _, item := range v {
			if err := m.deep(item, weight); err != nil {
				return err
			}
		}
	case []string:
		for _, item := range v {
			if err := m.spend(shallow(item), weight); err != nil {
				return err
			}
		}
	case map[string]any:
		for _, item := range v {
			if err := m.deep(item, weight); err != nil {
				return err
			}
		}
	}
	return nil
}

// grow counts text of n bytes that is about to be made.
func (m *machine) grow(name string, n int) error {
	if n < 0 || n > maxText {
		return fmt.Errorf("%s: the text would be longer than %d MiB", name, maxText>>20)
	}
	return m.spend(1+n/perUnit, 1)
}

// allText returns the arguments as text, which all must be.
func allText(name string, args []any) ([]string, error) {
	out := make([]string, len(args))
	for i, a := range args {
		s, ok := a.(string)
		if !ok {
			return nil, fmt.Errorf("%s needs text, not %s", name, typeWord(a))
		}
		out[i] = s
	}
	return out, nil
}

func (m *machine) replace(args []any) (any, error) {
	limit := -1
	if len(args) == 4 {
		n, err := toInt(args[3])
		if err != nil {
			return nil, err
		}
		limit, args = n, args[:3]
	}
	if len(args) != 3 {
		return nil, errors.New("replace takes a text, what to replace, and with what")
	}
	s, err := allText("replace", args)
	if err != nil {
		return nil, err
	}
	n := strings.Count(s[0], s[1])
	if limit >= 0 {
		n = min(n, limit)
	}
	if grown := max(0, len(s[2])-len(s[1])); grown > 0 && n > maxText/grown {
		return nil, m.grow("replace", maxText+1)
	}
	if err := m.grow("replace", len(s[0])+n*max(0, len(s[2])-len(s[1]))); err != nil {
		return nil, err
	}
	return strings.Replace(s[0], s[1], s[2], limit), nil
}

func (m *machine) repeat(args []any) (any, error) {
	if len(args) != 2 {
		return nil, errors.New("repeat takes a text and how often")
	}
	s, err := allText("repeat", args[:1])
	if err != nil {
		return nil, err
	}
	n, err := toInt(args[1])
	if err != nil || n < 0 || n > maxText {
		return nil, fmt.Errorf("repeat: how often must be 0 to %d", maxText)
	}
	if err := m.grow("repeat", len(s[0])*n); err != nil {
		return nil, err
	}
	return strings.Repeat(s[0], n), nil
}

func (m *machine) join(args []any) (any, error) {
	glue := ""
	if len(args) == 2 {
		g, err := allText("join", args[1:])
		if err != nil {
			return nil, err
		}
		glue, args = g[0], args[:1]
	}
	if len(args) != 1 {
		return nil, errors.New("join takes a list of text, and what to put between")
	}
	items, ok := asList(args[0])
	if !ok {
		return nil, fmt.Errorf("join needs a list of text, not %s", typeWord(args[0]))
	}
	list, err := allText("join", items)
	if err != nil {
		return nil, err
	}
	size := 0
	for _, s := range list {
		if size += len(s) + len(glue); size > maxText {
			break
		}
	}
	if err := m.grow("join", size); err != nil {
		return nil, err
	}
	return strings.Join(list, glue), nil
}
