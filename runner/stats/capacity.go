package stats

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Capacity is what a table of levels says about a target. What it holds are
// indexes of levels, of one model: the last level's.
type Capacity struct {
	Holds  int // the highest level that met every threshold; -1: none
	Breaks int // the lowest level above it that did not; -1: none
	Knee   int // the level at the knee of load → throughput; -1: none seen

	// Curve is a level for each load, ascending: the latest that says something.
	Curve []int
	// Unknown are those of the Curve that say nothing, since their numbers are
	// INVALID: the generator, not the target, was the limit. They are none of
	// the three above.
	Unknown []int
}

// FindCapacity reads a table of levels. Without thresholds Holds and Breaks are
// -1. The knee is found by Kneedle (Satopää et al., ICDCSW 2011): the level
// farthest above the line from the first to the last one.
func FindCapacity(rows []Level, thresholds []Threshold) Capacity {
	c := Capacity{Holds: -1, Breaks: -1, Knee: -1}
	said := make([]outcome, len(rows))
	for i := range rows {
		said[i] = rows[i].outcome(thresholds)
	}
	c.Curve = byLoad(rows, said)
	var known []int
	for _, i := range c.Curve {
		if said[i] == unknown {
			c.Unknown = append(c.Unknown, i)
			continue
		}
		known = append(known, i)
		switch {
		case c.Breaks >= 0:
		case said[i] == broke:
			c.Breaks = i
		case said[i] == met:
			c.Holds = i
		}
	}
	c.Knee = knee(rows, known)
	return c
}

// NothingKnown says in a sentence that the target's answer to some loads is
// unknown, and why: the reason is the first one's.
func NothingKnown(loads []string, reason string) string {
	const named = 5
	list := strings.Join(loads[:min(named, len(loads))], ", ")
	if more := len(loads) - named; more > 0 {
		list += fmt.Sprintf(" and %d more", more)
	}
	if len(loads) > 1 {
		reason += " (" + loads[0] + ")"
	}
	return fmt.Sprintf("Nothing is known of %s: the generator, not the target, was the limit: %s.", list, reason)
}

// byLoad returns the indexes of the rows of the last row's model, ascending by
// load. Of equal ones it takes the latest, one that says nothing only where
// all do.
func byLoad(rows []Level, said []outcome) []int {
	latest := map[float64]int{}
	for i := range rows {
		before, again := latest[rows[i].Load()]
		worse := again && said[i] == unknown && said[before] != unknown
		if rows[i].Model == rows[len(rows)-1].Model && !worse {
			latest[rows[i].Load()] = i
		}
	}
	return slices.SortedFunc(maps.Values(latest), func(a, b int) int { return cmp.Compare(rows[a].Load(), rows[b].Load()) })
}

// outcome is what a level says of the thresholds.
type outcome uint8

const (
	untold  outcome = iota // nothing: there is none, or there were too few samples
	met                    // those that could be told hold
	broke                  // one does not
	unknown                // nothing, as its numbers show the generator and not the target
)

// outcome holds a level against the thresholds. One that cannot be told for
// want of samples, or that bounds a whole run's count, is left aside.
func (l *Level) outcome(thresholds []Threshold) outcome {
	said := untold
	for i := range thresholds {
		t := &thresholds[i]
		if t.Metric == MetricCount || t.Metric == MetricFailures || t.Metric == MetricRPS {
			continue
		}
		if held, enough := t.HoldsFor(l.Summary); enough && !held {
			said = broke
			break
		} else if enough {
			said = met
		}
	}
	for _, f := range l.Summary.verdict.findings(l.Summary) {
		// Arrivals that were dropped slowed none of the others: what breaks
		// without them breaks with them all the more.
		if f.grade == Invalid && (f.kind != missedArrivals || said != broke) {
			return unknown
		}
	}
	return said
}

// kneeHeight is how far above the line a level must lie to be a knee, as a
// share of the whole rise: less is noise.
const kneeHeight = 0.1

func knee(rows []Level, order []int) int {
	if len(order) < 3 {
		return -1
	}
	first, last := &rows[order[0]], &rows[order[len(order)-1]]
	top := first.Throughput()
	for _, i := range order {
		top = max(top, rows[i].Throughput())
	}
	dx, dy := last.Load()-first.Load(), top-first.Throughput()
	if dx <= 0 || dy <= 0 {
		return -1
	}
	best, height := -1, kneeHeight
	for _, i := range order {
		x := (rows[i].Load() - first.Load()) / dx
		y := (rows[i].Throughput() - first.Throughput()) / dy
		if y-x > height {
			best, height = i, y-x
		}
	}
	return best
}
