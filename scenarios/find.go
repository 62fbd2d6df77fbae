package scenarios

import (
	"embed"
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// examples are the built-in scenarios with their data.
//
//go:embed examples
var examples embed.FS

// exampleScheme begins the path of a built-in scenario.
const exampleScheme = "example:"

// Entry is a scenario that a user can pick.
type Entry struct {
	Path     string // what Load takes; for an example "example:embedding"
	Title    string // the scenario's name, or the file's where it is broken
	Scenario *Scenario
	Err      error // Problems where the file is broken; Scenario is nil then
	Example  bool  // built into the program
}

// Find returns the scenario files directly in dirs, then the built-in
// examples. Broken ones are there with their error. YAML files that are plainly
// something else are left out, except in a folder called scenarios.
func Find(dirs []string, o Options) []Entry {
	var out []Entry
	seen := map[string]bool{}
	for _, dir := range dirs {
		files, err := os.ReadDir(dir)
		if err != nil {
			continue // a folder that is not there has no scenarios
		}
		for _, f := range files {
			p := filepath.Join(dir, f.Name())
			if f.IsDir() || !isYAML(f.Name()) || seen[p] {
				continue
			}
			seen[p] = true
			if e, ok := entry(p, o); ok {
				out = append(out, e)
			}
		}
	}
	return append(out, exampleEntries(o)...)
}

func isYAML(name string) bool {
	ext := strings.ToLower(filepath.Ext(name))
	return (ext == ".yaml" || ext == ".yml") && !strings.HasPrefix(name, ".")
}

// entry loads the scenario at p; ok is false where it is none.
func entry(p string, o Options) (e Entry, ok bool) {
	e = Entry{Path: p, Title: filepath.Base(p)}
	e.Scenario, e.Err = Load(p, o)
	if e.Err != nil {
		src, err := readSource(p)
		return e, err != nil || filepath.Base(filepath.Dir(p)) == "scenarios" || looksLikeScenario(src)
	}
	e.Title = e.Scenario.Name
	return e, true
}

// looksLikeScenario reports whether a broken file may have been meant as a
// scenario: one of the format's own keys begins a line.
func looksLikeScenario(src []byte) bool {
	for line := range strings.Lines(string(src)) {
		name, _, ok := strings.Cut(line, ":")
		if ok && slices.Contains([]string{"target", "tasks", "users", "profiles", "profile", "thresholds", "ready", "wait"}, name) {
			return true
		}
	}
	return false
}

// exampleNames are the built-in scenarios.
func exampleNames() []string {
	files, _ := fs.Glob(examples, "examples/*.yaml") // the pattern is a good one
	for i, f := range files {
		files[i] = strings.TrimSuffix(path.Base(f), ".yaml")
	}
	return files
}

func exampleEntries(o Options) []Entry {
	var out []Entry
	for _, name := range exampleNames() {
		e := Entry{Path: exampleScheme + name, Title: name, Example: true}
		if e.Scenario, e.Err = loadExample(name, o); e.Err == nil {
			e.Title = e.Scenario.Name
		}
		out = append(out, e)
	}
	return out
}

func loadExample(name string, o Options) (*Scenario, error) {
	src, err := examples.ReadFile("examples/" + name + ".yaml")
	if errors.Is(err, fs.ErrNotExist) {
		return nil, Problems{{File: exampleScheme + name, Message: "there is no such example", Hint: suggest(name, exampleNames())}}
	}
	if err != nil {
		return nil, Problems{{File: exampleScheme + name, Message: err.Error()}}
	}
	return parse(exampleScheme+name, src, folder{fsys: examples, dir: "examples"}, o)
}
