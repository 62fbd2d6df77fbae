package reports

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"time"

	"brink/runner/stats"
)

// errNothing says that a report has nothing to tell of this record; no file is
// made.
var errNothing = errors.New("nothing to report")

// SessionProfile is the name of the profile in session-profile.yaml.
const SessionProfile = "session"

// Replay writes session-profile.yaml: the load as it was driven, by hand and by
// plan, as a profile that --profile takes. Pauses are stages without load. It
// reports nothing where nobody changed the load.
//
// A profile is of one model. Where a session went between users and rate, the
// seconds of the model that was held for less time are left out, and a comment
// says so.
func Replay(w io.Writer, rec *Record) error {
	points, driven, err := wanted(rec)
	if err != nil {
		return err
	}
	model, left := oneModel(points)
	if !driven || len(left) == 0 {
		return errNothing
	}
	b := bufio.NewWriter(w)
	fmt.Fprintf(b, "# The load of %s on %s, as it was driven.\n", line(rec.Header.Scenario), rec.Header.Started.UTC().Format("2006-01-02 15:04 UTC"))
	fmt.Fprintf(b, "#\n#   brink FILE --profile %s --headless\n", replayName)
	if skipped := len(points) - len(left); skipped > 0 {
		fmt.Fprintf(b, "#\n# The session went between users and rate, and a profile has only one of them:\n# %d seconds of the other are left out.\n", skipped)
	}
	fmt.Fprintf(b, "profiles:\n  %s:\n    stages:\n", SessionProfile)
	for _, s := range stagesOf(left) {
		fmt.Fprintf(b, "      - { %s }\n", s.yaml(model))
	}
	return b.Flush()
}

// line keeps a text within a comment.
func line(s string) string { return stats.Clean(s, 200) }

// point is the load wanted in a second.
type point struct {
	model stats.Model
	load  float64
	span  time.Duration
}

// wanted returns the load of each second before the stop, and whether somebody
// changed it by hand.
func wanted(rec *Record) (points []point, driven bool, err error) {
	for s, err := range rec.All() {
		if err != nil {
			return nil, false, err
		}
		for _, e := range s.Events {
			switch e.Kind {
			case stats.EventUsers, stats.EventRate, stats.EventPause, stats.EventResume, stats.EventHandBack:
				driven = true
			}
		}
		if s.Load.Stopping {
			continue
		}
		p := point{s.Load.Model, float64(s.Load.WantedUsers), s.End - s.Start}
		if p.model == stats.OpenModel {
			p.load = s.Load.WantedRate
		}
		if s.Load.Paused {
			p.load = 0
		}
		points = append(points, p)
	}
	return points, driven, nil
}

// oneModel returns the model that was held longer, and its points.
func oneModel(points []point) (stats.Model, []point) {
	var parts [2][]point
	for _, p := range points {
		parts[p.model&1] = append(parts[p.model&1], p)
	}
	if len(parts[stats.OpenModel]) > len(parts[stats.ClosedModel]) {
		return stats.OpenModel, parts[stats.OpenModel]
	}
	return stats.ClosedModel, parts[stats.ClosedModel]
}

// replayed is a stage: to load within over, or hold it.
type replayed struct {
	load float64
	over time.Duration // 0: a hold
	span time.Duration
}

func (r replayed) yaml(model stats.Model) string {
	load := "users: " + strconv.Itoa(int(math.Round(r.load)))
	if model == stats.OpenModel {
		load = "rate: " + decimal(math.Round(r.load*1000)/1000) + "/s"
	}
	if r.over > 0 {
		return load + ", over: " + r.over.Round(time.Millisecond).String()
	}
	return load + ", for: " + r.span.Round(time.Millisecond).String()
}

// stagesOf makes few stages of many seconds: holds, and ramps where at least
// three seconds lie on a line.
func stagesOf(points []point) []replayed {
	var stages []replayed
	for i := 0; i < len(points); {
		if n := rampLength(points[i:]); n >= 3 && i > 0 {
			stages = append(stages, replayed{load: points[i+n-1].load, over: spanOf(points[i : i+n])})
			i += n
			continue
		}
		n := holdLength(points[i:])
		stages = append(stages, replayed{load: points[i].load, span: spanOf(points[i : i+n])})
		i += n
	}
	return stages
}

func spanOf(points []point) (sum time.Duration) {
	for _, p := range points {
		sum += p.span
	}
	return sum
}

// holdLength returns how many points have the first one's load.
func holdLength(points []point) int {
	n := 1
	for n < len(points) && points[n].load == points[0].load {
		n++
	}
	return n
}

// maxRamp bounds the seconds of one ramp, and with it the time to find it.
const maxRamp = 3600

// rampLength returns how many points, from the first on, rise or fall steadily
// along one line, give or take a user or a hundredth.
func rampLength(points []point) int {
	best := 0
	for n := 2; n <= min(len(points), maxRamp); n++ {
		first, last := points[0].load, points[n-1].load
		if points[n-1].load == points[n-2].load || (last > first) != (points[1].load > points[0].load) {
			break
		}
		tolerance := max(1, math.Abs(last-first)/100)
		fits := true
		for k := 1; k < n-1 && fits; k++ {
			line := first + (last-first)*float64(k)/float64(n-1)
			fits = math.Abs(points[k].load-line) <= tolerance
		}
		if !fits {
			break
		}
		best = n
	}
	return best
}

const replayName = "session-profile.yaml"
