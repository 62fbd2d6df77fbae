package scenarios

// Entry is a scenario that a user can pick.
type Entry struct {
	Path     string // what Load takes; for an example "example:embedding"
	Title    string // the scenario's name, or the file's where it is broken
	Scenario *Scenario
	Err      error // Problems where the file is broken; Scenario is nil then
	Example  bool  // built into the program
}

// Find returns the scenario files directly in dirs, then the built-in
// examples. Broken ones are there with their error; YAML files that are no
// scenarios at all are left out.
func Find(dirs []string, o Options) []Entry { return nil }
