package scenarios

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
)

// Options are what a scenario file is read with. The zero value reads a file
// as it stands, without an environment.
type Options struct {
	Target      string                      // instead of the file's target
	Env         func(string) (string, bool) // for ${VAR}; nil: no variable is set
	Tags        []string                    // only tasks with one of these tags
	ExcludeTags []string                    // no tasks with one of these
}

// Load reads the scenario file at path, or a built-in one named
// "example:embedding". Its error is Problems: everything wrong with the file
// at once.
func Load(path string, o Options) (*Scenario, error) {
	if name, ok := strings.CutPrefix(path, exampleScheme); ok {
		return loadExample(name, o)
	}
	src, err := readSource(path)
	if err != nil {
		hint := "give the path of a scenario file, an address, or nothing to pick one"
		if !errors.Is(err, fs.ErrNotExist) {
			hint = ""
		}
		return nil, Problems{{File: path, Message: reason(err), Hint: hint}}
	}
	return parse(path, src, folder{dir: filepath.Dir(path)}, o)
}

// readSource reads a scenario file, a byte more than is allowed at most.
func readSource(path string) ([]byte, error) {
	file, _, err := openDisk(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return io.ReadAll(io.NewSectionReader(file, 0, maxFile+1))
}

// Parse reads a scenario from src; name is the file name for problems, and
// data files are looked for beside it.
func Parse(name string, src []byte, o Options) (*Scenario, error) {
	return parse(name, src, folder{dir: filepath.Dir(name)}, o)
}

func parse(name string, src []byte, from folder, o Options) (*Scenario, error) {
	d := &decoder{options: o, file: name, folder: from, scenario: &Scenario{File: name}}
	text, err := d.read(src, d.root)
	if err != nil {
		return nil, err
	}
	d.scenario.Secrets = slices.Clone(d.secrets)
	d.scenario.Source = mask(text, d.secrets)
	return d.scenario, nil
}

// read gives the tree of a file to take, and returns the file's text.
func (d *decoder) read(src []byte, take func(root *node)) (text string, err error) {
	defer func() {
		// YAML and expressions are read by libraries; a mistake of theirs in a
		// hostile file must not take the program down.
		if r := recover(); r != nil {
			d.fail(position{}, "please report it", "the file cannot be read: %v", r)
			err = d.err()
		}
	}()
	if len(src) > maxFile {
		d.fail(position{}, "put data into .csv or .jsonl files", "the file is larger than the %d bytes that a scenario has at most", maxFile)
		return "", d.err()
	}
	text = strings.ReplaceAll(strings.TrimPrefix(string(src), "\ufeff"), "\r\n", "\n")
	d.lines = strings.Split(text, "\n")
	if root := d.tree(text); root != nil && !d.tooBig {
		take(root)
	}
	return text, d.err()
}

// FromURL makes a scenario of one GET route.
func FromURL(raw string) (*Scenario, error) {
	u, err := url.Parse(raw)
	if err != nil {
		return nil, Problems{{File: raw, Message: "this is no address", Hint: "for example http://127.0.0.1:8000/health"}}
	}
	target := url.URL{Scheme: u.Scheme, User: u.User, Host: u.Host}
	path := u.EscapedPath()
	if path == "" {
		path = "/"
	}
	if u.RawQuery != "" {
		path += "?" + u.RawQuery
	}
	if _, message, hint := parseTarget(target.String()); message != "" {
		return nil, Problems{{File: raw, Message: message, Hint: hint}}
	}
	literal := strings.NewReplacer("{{", "%7B%7B", "${", "$${").Replace
	src := fmt.Sprintf("name: %s\ntarget: %s\ntasks:\n  - get: %s\n",
		quoteYAML(u.Host), quoteYAML(literal(target.String())), quoteYAML(literal(path)))
	s, err := Parse(raw, []byte(src), Options{})
	if err == nil {
		s.File = ""
	}
	return s, err
}

// quoteYAML writes s as a double-quoted scalar, which JSON's strings are.
func quoteYAML(s string) string { return string(appendQuoted(nil, s)) }
