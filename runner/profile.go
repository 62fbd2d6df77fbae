package runner

import (
	"math"
	"time"

	"brink/runner/stats"
	"brink/scenarios"
)

// Profile is wanted load over time: users in the closed model, arrivals a
// second in the open model. It is pure arithmetic over the profile's own time,
// which starts at 0, stops while a run is paused or driven by hand, and ends at
// End. A Profile is made by NewProfile or Hold, never changed, and safe for
// concurrent use.
//
// The level is piecewise linear, so arrivals are its integral, in closed form.
type Profile struct {
	model    stats.Model
	poisson  bool
	maxUsers int
	legs     []leg
	stages   []string      // a sentence each, as in "ramp 20 → 100 users over 10 s"
	end      time.Duration // 0: never
}

// DefaultMaxUsers bounds the users of the open model where the profile sets no
// bound.
const DefaultMaxUsers = 1000

// NewProfile returns the load that a scenario's profile asks for.
//
// Users are started at SpawnRate and then held; stages go from where the one
// before ended, the first from nothing. RunTime ends the profile, also in the
// middle of a stage; stages without it end with their last one.
func NewProfile(p *scenarios.Profile) *Profile {
	out := &Profile{poisson: p.Poisson, maxUsers: p.MaxUsers, end: p.RunTime}
	if p.Open() {
		out.model = stats.OpenModel
		if out.maxUsers <= 0 {
			out.maxUsers = DefaultMaxUsers
		}
	}
	switch {
	case len(p.Stages) > 0:
		out.addStages(p.Stages)
	case out.model == stats.OpenModel:
		out.add(p.Rate, p.Rate, forever, -1)
	default:
		users := float64(p.Users)
		if p.SpawnRate > 0 {
			out.add(0, users, seconds(users/p.SpawnRate), -1)
		}
		out.add(users, users, forever, -1)
	}
	return out
}

// addStages appends the stages; without a run time they end with the last.
func (p *Profile) addStages(stages []scenarios.Stage) {
	level := 0.0
	for i, s := range stages {
		to := float64(s.Users)
		if p.model == stats.OpenModel {
			to = s.Rate
		}
		p.stages = append(p.stages, p.stageText(s, level, to))
		p.add(level, to, s.Over, i)
		p.add(to, to, s.For, i)
		level = to
	}
	length := p.length()
	if p.end == 0 {
		// Stages that take no time at all still end: at once.
		p.end = max(length, 1)
	}
	p.add(level, level, forever-length, len(stages)-1)
}

// add appends a leg, unless it has no length.
func (p *Profile) add(from, to float64, over time.Duration, stage int) {
	if over <= 0 {
		return
	}
	l := leg{began: p.length(), over: over, from: from, to: to, stage: stage}
	if n := len(p.legs); n > 0 {
		l.before = p.legs[n-1].before + p.legs[n-1].area(p.legs[n-1].over)
	}
	p.legs = append(p.legs, l)
}

func (p *Profile) length() time.Duration {
	if len(p.legs) == 0 {
		return 0
	}
	last := p.legs[len(p.legs)-1]
	return last.began + last.over
}

// Hold returns the profile that stays at level, users or arrivals a second,
// from at on, for ever. Arrivals go on counting from p's where both are of the
// open model. Times before at are not asked of it.
func (p *Profile) Hold(at time.Duration, model stats.Model, level float64) *Profile {
	out := &Profile{model: model, poisson: p.poisson, maxUsers: p.maxUsers}
	if out.maxUsers <= 0 {
		out.maxUsers = max(DefaultMaxUsers, p.Users(at))
	}
	out.legs = []leg{{began: at, over: forever, from: level, to: level, before: p.Arrivals(at), stage: -1}}
	return out
}

// Model says whether the levels are users or arrivals a second.
func (p *Profile) Model() stats.Model { return p.model }

// MaxUsers bounds the users of the open model.
func (p *Profile) MaxUsers() int { return p.maxUsers }

// End returns when the profile is over, 0 if never.
func (p *Profile) End() time.Duration { return p.end }

// At returns the level at t: users or arrivals a second. It is 0 from the end
// on. At a jump it is the level after it.
func (p *Profile) At(t time.Duration) float64 {
	if p.over(t) {
		return 0
	}
	l := p.legAt(t)
	return l.level(t - l.began)
}

// Users returns how many users are wanted at t. A part of a user counts as a
// whole one, so that a ramp starts its first user at once.
func (p *Profile) Users(t time.Duration) int {
	if p.model == stats.OpenModel {
		return p.maxUsers
	}
	// Floating point may miss a whole number by a hair.
	return int(math.Ceil(p.At(t) - 1e-6))
}

// Peak returns the highest level there ever is.
func (p *Profile) Peak() float64 {
	peak := 0.0
	for _, l := range p.legs {
		if p.over(l.began) {
			break
		}
		// A leg that is cut off by the end does not reach its own.
		reached := l.over
		if p.end > 0 {
			reached = min(l.over, p.end-l.began)
		}
		peak = max(peak, l.from, l.level(reached))
	}
	return peak
}

// Arrivals returns how many arrivals are due before t, fractions included: the
// integral of the rate. It is 0 in the closed model.
func (p *Profile) Arrivals(t time.Duration) float64 {
	if p.model != stats.OpenModel || len(p.legs) == 0 {
		return 0
	}
	if p.over(t) {
		t = p.end
	}
	l := p.legAt(t)
	return l.before + l.area(t-l.began)
}

// When is the inverse of Arrivals: the first time at which n arrivals are due,
// rounded to nanoseconds. ok is false where there never are that many.
func (p *Profile) When(n float64) (t time.Duration, ok bool) {
	if p.model != stats.OpenModel {
		return 0, false
	}
	for i := range p.legs {
		l := &p.legs[i]
		if n > l.before+l.area(l.over) {
			continue
		}
		t := l.began + l.timeOf(n-l.before)
		return t, !p.over(t)
	}
	return 0, false
}

// NextChange returns the first time after t at which the level may differ, at
// most step later where it changes steadily; 0 if it never does.
func (p *Profile) NextChange(t, step time.Duration) time.Duration {
	if len(p.legs) == 0 || p.over(t) {
		return 0
	}
	l := p.legAt(t)
	next := l.began + l.over
	if l.from != l.to {
		next = min(next, max(t, l.began)+step)
	}
	if p.end > 0 {
		next = min(next, p.end)
	}
	if next >= forever {
		return 0
	}
	return next
}

// Stage returns which of how many stages runs at t, counted from 1, and its
// sentence. A profile without stages has 0 of them.
func (p *Profile) Stage(t time.Duration) (i, of int, text string) {
	if len(p.stages) == 0 || p.over(t) {
		return 0, len(p.stages), ""
	}
	s := p.legAt(t).stage
	return s + 1, len(p.stages), p.stages[s]
}

func (p *Profile) over(t time.Duration) bool { return p.end > 0 && t >= p.end }

// legAt returns the leg of t, the first for earlier times. There must be one.
func (p *Profile) legAt(t time.Duration) *leg {
	i := len(p.legs) - 1
	for i > 0 && t < p.legs[i].began {
		i--
	}
	return &p.legs[i]
}
