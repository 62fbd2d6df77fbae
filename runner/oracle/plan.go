package oracle

import (
	"math"
	"time"
)

// Plan is how long a server takes over its requests: a distribution, and a
// seed that says in which order its values come. The zero value takes no time.
// A Plan is plain data and safe for concurrent use.
//
// The n-th request takes Quantile(u), where u walks through 0 to 1 in steps of
// the golden ratio (a Weyl sequence). Unlike random numbers these fill the
// range evenly at any length, so that already some thousand requests have the
// distribution's own percentiles, and a test can hold a measured p99.9 against
// the formula.
type Plan struct {
	seed     uint64
	quantile func(p float64) float64 // seconds, for 0 < p < 1
}

// Constant takes the same time for each request.
func Constant(d time.Duration) Plan {
	return Plan{quantile: func(float64) float64 { return d.Seconds() }}
}

// Uniform takes any time from lo to hi, each as likely.
func Uniform(lo, hi time.Duration) Plan {
	return Plan{quantile: func(p float64) float64 { return lo.Seconds() + p*(hi-lo).Seconds() }}
}

// Bimodal takes slow for a share of the requests, 0 to 1, and fast for the
// others.
func Bimodal(fast, slow time.Duration, share float64) Plan {
	return Plan{quantile: func(p float64) float64 {
		if p > 1-share {
			return slow.Seconds()
		}
		return fast.Seconds()
	}}
}

// LogNormal takes times whose logarithm is normally distributed with the
// standard deviation sigma: most are near the median, some far above.
func LogNormal(median time.Duration, sigma float64) Plan {
	return Plan{quantile: func(p float64) float64 {
		return median.Seconds() * math.Exp(sigma*math.Sqrt2*math.Erfinv(2*p-1))
	}}
}

// Pareto takes at least lo and at most hi, with a tail that falls as the
// power -alpha (a bounded Pareto distribution).
func Pareto(lo, hi time.Duration, alpha float64) Plan {
	cut := 1 - math.Pow(lo.Seconds()/hi.Seconds(), alpha)
	return Plan{quantile: func(p float64) float64 {
		return lo.Seconds() * math.Pow(1-p*cut, -1/alpha)
	}}
}

// Seeded returns the same distribution in another order.
func (p Plan) Seeded(seed uint64) Plan {
	p.seed = seed
	return p
}

// Quantile returns the time that a share q of the requests, 0 to 1, do not
// exceed.
func (p Plan) Quantile(q float64) time.Duration {
	if p.quantile == nil {
		return 0
	}
	const hair = 1e-9 // the ends themselves may be infinite
	q = min(max(q, hair), 1-hair)
	return time.Duration(p.quantile(q) * float64(time.Second))
}

// At returns how long the n-th request takes, from 0.
func (p Plan) At(n int64) time.Duration {
	const golden = 0x9E3779B97F4A7C15 // 2^64 divided by the golden ratio
	x := (p.seed + 1) * 0xD1342543DE82EF95
	x ^= x >> 32
	x += uint64(n) * golden
	return p.Quantile((float64(x>>11) + 0.5) / (1 << 53))
}
