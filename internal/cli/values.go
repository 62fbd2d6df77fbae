package cli

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"brink/runner/stats"
	"brink/tui"
)

// The values that flags take. What Set refuses it refuses in words that finish
// the sentence "invalid argument … for … flag:".
var _ = []pflag.Value{
	atLeastOne{}, positive{}, duration{}, new(seed), keys{}, new(hangup), new(csvCompat), new(thresholds), new(ceiling),
}

// atLeastOne is a whole number from 1.
type atLeastOne struct{ v *int }

func (n atLeastOne) Set(text string) error {
	v, err := strconv.Atoi(text)
	if err != nil || v < 1 {
		return errors.New("must be a whole number from 1")
	}
	*n.v = v
	return nil
}

func (n atLeastOne) String() string {
	if n.v == nil || *n.v == 0 {
		return ""
	}
	return strconv.Itoa(*n.v)
}

func (atLeastOne) Type() string { return "number" }

// positive is a number above 0.
type positive struct{ v *float64 }

func (n positive) Set(text string) error {
	v, err := strconv.ParseFloat(text, 64)
	if err != nil || !(v > 0 && v <= 1e9) {
		return errors.New("must be a number above 0")
	}
	*n.v = v
	return nil
}

func (n positive) String() string {
	if n.v == nil || *n.v == 0 {
		return ""
	}
	return strconv.FormatFloat(*n.v, 'g', -1, 64)
}

func (positive) Type() string { return "number" }

// duration is a time above 0: as Go writes it, or a number of seconds, as
// Locust takes it.
type duration struct{ v *time.Duration }

func (d duration) Set(text string) error {
	v, err := time.ParseDuration(text)
	if seconds, notNumber := strconv.ParseFloat(text, 64); notNumber == nil && seconds < 1e9 {
		v, err = time.Duration(seconds*float64(time.Second)), nil
	}
	if err != nil || v <= 0 {
		return errors.New("must be a time such as 300s, 20m, 3h, 1h30m, or a number of seconds")
	}
	*d.v = v
	return nil
}

func (d duration) String() string {
	if d.v == nil || *d.v == 0 {
		return ""
	}
	text := d.v.String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}

func (duration) Type() string { return "time" }

// seed is a number that may be absent.
type seed struct {
	value uint64
	given bool
}

func (s *seed) Set(text string) error {
	v, err := strconv.ParseUint(text, 0, 64)
	if err != nil {
		return errors.New("must be a whole number from 0")
	}
	*s = seed{v, true}
	return nil
}

func (s *seed) String() string {
	if !s.given {
		return ""
	}
	return strconv.FormatUint(s.value, 10)
}

func (*seed) Type() string { return "number" }

// keys names a set of keys.
type keys struct{ v *tui.Keys }

func (k keys) Set(text string) error {
	switch text {
	case "brink":
		*k.v = tui.KeysOwn
	case "locust":
		*k.v = tui.KeysLocust
	default:
		return errors.New("must be brink or locust")
	}
	return nil
}

func (k keys) String() string {
	if k.v == nil || *k.v == tui.KeysOwn {
		return ""
	}
	return "locust"
}

func (keys) Type() string { return "set" }

// hangup says whether a run goes on when its terminal goes away.
type hangup struct{ goOn bool }

func (h *hangup) Set(text string) error {
	switch text {
	case "stop", "continue":
		h.goOn = text == "continue"
		return nil
	}
	return errors.New("must be stop or continue")
}

func (h *hangup) String() string {
	if !h.goOn {
		return ""
	}
	return "continue"
}

func (*hangup) Type() string { return "do" }

// csvCompat says whose rounding the CSV files have.
type csvCompat struct{ locust bool }

func (c *csvCompat) Set(text string) error {
	if text != "locust" {
		return errors.New("must be locust")
	}
	c.locust = true
	return nil
}

func (c *csvCompat) String() string {
	if !c.locust {
		return ""
	}
	return "locust"
}

func (*csvCompat) Type() string { return "how" }

// thresholds collects thresholds.
type thresholds struct{ list *[]stats.Threshold }

func (t *thresholds) Set(text string) error {
	v, err := stats.ParseThreshold(text)
	if err != nil {
		return err
	}
	*t.list = append(*t.list, v)
	return nil
}

func (*thresholds) String() string { return "" }
func (*thresholds) Type() string   { return "text" }

// ceiling is the most that a public host gets: requests a second and
// connections at the same time.
type ceiling struct {
	rate        float64 // 0: defaultCeiling's
	connections int
}

// defaultCeiling holds for public hosts until --ceiling raises it.
var defaultCeiling = ceiling{rate: 1000, connections: 500}

func (c *ceiling) Set(text string) error {
	rate, connections, two := strings.Cut(text, ",")
	v := defaultCeiling
	var err error
	if v.rate, err = strconv.ParseFloat(rate, 64); err != nil || !(v.rate > 0 && v.rate <= 1e9) {
		return errors.New("must be requests a second, and perhaps connections: 5000 or 5000,2000")
	}
	if two {
		if v.connections, err = strconv.Atoi(connections); err != nil || v.connections < 1 {
			return errors.New("connections must be a whole number from 1, as in 5000,2000")
		}
	}
	*c = v
	return nil
}

func (c *ceiling) String() string {
	if c.rate == 0 {
		return ""
	}
	return fmt.Sprintf("%g,%d", c.rate, c.connections)
}

func (*ceiling) Type() string { return "rate" }
