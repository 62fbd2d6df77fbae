package scenarios

import (
	"fmt"
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
