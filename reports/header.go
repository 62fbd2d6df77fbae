package reports

import (
	"os"
	"runtime"
	"strings"
	"time"

	"brink/runner/stats"
	"brink/scenarios"
)

// Header is what is known of a run before its first request. It is the first
// frame of a journal, as JSON; a field that is added later is empty in older
// journals.
type Header struct {
	Version  string    `json:"version"` // of brink
	Platform string    `json:"platform"`
	Host     string    `json:"host"` // the machine that made the load
	CPUs     int       `json:"cpus"`
	Command  string    `json:"command"` // the command line, secrets masked
	RunID    string    `json:"run_id"`
	Seed     uint64    `json:"seed"`
	Started  time.Time `json:"started"` // wall clock at the run's second 0

	Scenario  string        `json:"scenario"`
	File      string        `json:"file,omitempty"`   // as given
	Source    string        `json:"source,omitempty"` // its text, secrets masked
	Target    string        `json:"target"`
	Profile   string        `json:"profile,omitempty"` // empty: driven by hand
	Users     int           `json:"users,omitempty"`
	SpawnRate float64       `json:"spawn_rate,omitempty"` // users a second; 0: all at once
	RunTime   time.Duration `json:"run_time,omitempty"`   // nanoseconds; 0: until stopped
	Tags      []string      `json:"tags,omitempty"`

	Routes     []stats.Route `json:"routes"`
	Thresholds []string      `json:"thresholds,omitempty"` // as stats.ParseThreshold reads them

	// LocustRounding is --csv-compat locust: the CSV files round response
	// times as Locust does.
	LocustRounding bool `json:"locust_rounding,omitempty"`
}

// NewHeader returns a Header with what the scenario and this machine say. The
// caller fills in how the run was asked for: Version, Command, RunID, Seed,
// Started, Profile, Users, SpawnRate, RunTime, and further Thresholds.
func NewHeader(s *scenarios.Scenario) Header {
	host, _ := os.Hostname()
	h := Header{
		Platform: runtime.GOOS + "/" + runtime.GOARCH + " " + runtime.Version(),
		Host:     host,
		CPUs:     runtime.NumCPU(),
		Started:  time.Now(),
		Scenario: s.Name,
		File:     s.File,
		Source:   s.Source,
		Routes:   s.Routes,
	}
	if s.Target != nil {
		h.Target = s.Mask(s.Target.Redacted())
	}
	for _, t := range s.Thresholds {
		h.Thresholds = append(h.Thresholds, t.String())
	}
	return h
}

// FolderName returns the name of a run's folder: the scenario's name made fit
// for a file name, and the local date and time.
func FolderName(scenario string, at time.Time) string {
	var b strings.Builder
	for _, r := range strings.ToLower(scenario) {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			b.WriteRune(r)
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
		if b.Len() >= 40 {
			break
		}
	}
	name := strings.Trim(b.String(), "-")
	if name == "" {
		name = "run"
	}
	return name + "-" + at.Format("20060102-150405")
}

// Ending is how a run ended: the last frame of a journal. A journal without
// one was cut off.
type Ending struct {
	Wall time.Time `json:"wall"`
	// Reason is a sentence: "the run time was over", "stopped by SIGTERM".
	Reason string `json:"reason,omitempty"`
	// Partial says that the run ended before it was planned to.
	Partial bool `json:"partial,omitempty"`
	// Lost is how many seconds could not be written.
	Lost int `json:"lost,omitempty"`
}
