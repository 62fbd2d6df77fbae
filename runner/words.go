package runner

import (
	"fmt"
	"math"
	"strconv"
	"time"

	"brink/runner/stats"
	"brink/scenarios"
)

// Doing says what the profile does at t: "ramp 20 → 100 users".
func (p *Profile) Doing(t time.Duration) string {
	if len(p.legs) == 0 || p.over(t) {
		return ""
	}
	l := p.legAt(t)
	if l.from != l.to {
		return fmt.Sprintf("ramp %s → %s", number(l.from), p.amount(l.to))
	}
	return "hold " + p.amount(l.to)
}

// describe says what the profile is, in one line.
func (p *Profile) describe() string {
	text := p.Doing(0)
	if n := len(p.stages); n > 0 {
		text = fmt.Sprintf("%d stages", n)
	}
	if p.end > 0 {
		text += ", over after " + span(p.end)
	}
	return text
}

func (p *Profile) stageText(s scenarios.Stage, from, to float64) string {
	var text string
	switch {
	case s.Over > 0 && from != to:
		text = fmt.Sprintf("ramp %s → %s over %s", number(from), p.amount(to), span(s.Over))
		if s.For > 0 {
			text += ", then hold for " + span(s.For)
		}
	default:
		text = fmt.Sprintf("hold %s for %s", p.amount(to), span(s.Over+s.For))
	}
	if s.Name != "" {
		text = s.Name + ": " + text
	}
	return text
}

// amount writes a level with its unit.
func (p *Profile) amount(level float64) string {
	if p.model == stats.OpenModel {
		return number(level) + " arrivals/s"
	}
	if level == 1 {
		return "1 user"
	}
	return number(level) + " users"
}

func number(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }

// span writes a duration for people: "500 ms", "10 s", "1.5 min", "2 h".
func span(d time.Duration) string {
	short := func(v float64) string { return strconv.FormatFloat(math.Round(v*100)/100, 'f', -1, 64) }
	switch {
	case d < time.Second:
		return short(float64(d)/float64(time.Millisecond)) + " ms"
	case d < 2*time.Minute:
		return short(d.Seconds()) + " s"
	case d < 2*time.Hour:
		return short(d.Minutes()) + " min"
	}
	return short(d.Hours()) + " h"
}

// count writes "1 request", "2 requests".
func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
