package scenarios

import "time"

// Profile is the load a file asks for, by name. Closed model: Users and
// SpawnRate, or Stages. Open model: Rate, or Stages with rates.
type Profile struct {
	Name      string
	Builtin   bool // one that every scenario has
	Users     int
	SpawnRate float64       // users started a second; 0: all at once
	Rate      float64       // arrivals a second; 0: closed model
	Poisson   bool          // arrivals at random times; otherwise evenly spaced
	MaxUsers  int           // bound of users in the open model
	RunTime   time.Duration // 0: until stopped
	Stages    []Stage
}

// Stage is a part of a profile: go to Users (or Rate) within Over, then hold
// it for For.
type Stage struct {
	Name  string
	Users int
	Rate  float64
	Over  time.Duration
	For   time.Duration
}

// Open reports whether the profile is of the open model.
func (p *Profile) Open() bool {
	if p.Rate > 0 {
		return true
	}
	for _, s := range p.Stages {
		if s.Rate > 0 {
			return true
		}
	}
	return false
}
