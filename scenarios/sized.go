package scenarios

import (
	"fmt"
	"math"
	"slices"
	"time"
)

// Sized returns a copy of the profile with other numbers, each where it is not
// 0.
//
// users becomes the highest number of users: stages are scaled to it, and in
// the open model it is the bound of users. spawnRate is for profiles without
// stages, which have no rate of their own. runTime is when the profile ends:
// the stages of a built-in profile are stretched to it, those of a file keep
// their times and are cut off, or go on with the last level.
func (p *Profile) Sized(users int, spawnRate float64, runTime time.Duration) (*Profile, error) {
	s := *p
	s.Stages = slices.Clone(p.Stages)
	switch {
	case users == 0:
	case s.Open():
		s.MaxUsers = users
	case len(s.Stages) > 0:
		s.scaleUsers(users)
	default:
		s.Users = users
	}
	if spawnRate > 0 {
		if s.Open() || len(s.Stages) > 0 {
			return nil, fmt.Errorf("profile %s says itself how fast the load grows: a spawn rate is for profiles of users without stages", p.Name)
		}
		s.SpawnRate = spawnRate
	}
	if runTime > 0 {
		s.RunTime = runTime
		if s.Builtin {
			s.stretch(runTime)
		}
	}
	return &s, nil
}

// scaleUsers brings the highest stage to peak, and the others in proportion. A
// soak, which wants half of the users, is brought to half of peak. A level with
// users keeps at least one.
func (p *Profile) scaleUsers(peak int) {
	highest := 0
	for _, st := range p.Stages {
		highest = max(highest, st.Users)
	}
	if highest == 0 {
		return
	}
	if p.Builtin && p.Name == "soak" {
		peak = (peak + 1) / 2
	}
	for i := range p.Stages {
		if p.Stages[i].Users == 0 {
			continue
		}
		p.Stages[i].Users = max(1, int(math.Round(float64(p.Stages[i].Users)*float64(peak)/float64(highest))))
	}
}

// stretch brings the stages to a length, in proportion.
func (p *Profile) stretch(length time.Duration) {
	var total time.Duration
	for _, st := range p.Stages {
		total += st.Over + st.For
	}
	if total == 0 {
		return
	}
	factor := float64(length) / float64(total)
	for i := range p.Stages {
		p.Stages[i].Over = time.Duration(float64(p.Stages[i].Over) * factor)
		p.Stages[i].For = time.Duration(float64(p.Stages[i].For) * factor)
	}
}
