package scenarios

import (
	"errors"
)

// Options are what a scenario file is read with. The zero value reads a file
// as it stands, without an environment.
type Options struct {
	Target      string                      // instead of the file's target
	Env         func(string) (string, bool) // for ${VAR}; nil: no variable is set
	Tags        []string                    // only tasks with one of these tags
	ExcludeTags []string                    // no tasks with one of these
}

// Load reads the scenario file at path. Its error is Problems: everything
// wrong with the file at once.
func Load(path string, o Options) (*Scenario, error) { return nil, errors.New("not yet") }

// Parse reads a scenario from src; name is the file name for problems, and
// data files are looked for beside it.
func Parse(name string, src []byte, o Options) (*Scenario, error) { return nil, errors.New("not yet") }

// FromURL makes a scenario of one GET route.
func FromURL(raw string) (*Scenario, error) { return nil, errors.New("not yet") }
