package scenarios

import (
	"errors"
	"fmt"
	"math"
)

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
