package scenarios

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var fenced = regexp.MustCompile("(?s)```yaml\n(.*?)```")

// TestFormatPage runs every example of the documentation: it is read without a
// problem, and every request can be made.
func TestFormatPage(t *testing.T) {
	blocks := fenced.FindAllStringSubmatch(formatPage, -1)
	if len(blocks) < 10 {
		t.Fatalf("%d examples found in the page", len(blocks))
	}
	for _, b := range blocks {
		rendersAll(t, parsed(t, b[1]))
	}
}

// TestExamplesFolder runs the built-in scenarios and the starter.
func TestExamplesFolder(t *testing.T) {
	for _, name := range exampleNames() {
		rendersAll(t, example(t, name))
	}
	rendersAll(t, parsed(t, Starter()))
}

// rendersAll renders every step of a scenario twenty times, for two users of
// each kind.
func rendersAll(t *testing.T, s *Scenario) {
	t.Helper()
	run := &Run{ID: "run-1", Seed: 3}
	defer run.Close()
	for _, c := range s.Users {
		for id := 1; id <= 2; id++ {
			u := s.NewSession(c, id, run)
			for i := range u.values {
				u.values[i] = "extracted"
			}
			steps := append(append([]*Step{}, c.OnStart...), c.OnStop...)
			for _, task := range c.Tasks {
				steps = append(steps, task.Steps...)
			}
			for range 20 {
				if err := u.Begin(); err != nil {
					t.Fatal(err)
				}
				for _, st := range steps {
					wellFormed(t, u, st)
				}
			}
		}
	}
}

// wellFormed renders a step and holds the request against what a client needs.
func wellFormed(t *testing.T, u *Session, st *Step) {
	t.Helper()
	var req Request
	if err := st.Render(u, &req); err != nil {
		t.Fatalf("%s: %v", st.Name, err)
	}
	switch {
	case req.Method == "" || req.Host == "" || req.Scheme == "":
		t.Errorf("%s: no method, scheme or host: %+v", st.Name, req)
	case !strings.HasPrefix(string(req.Path), "/"), strings.ContainsAny(string(req.Path), " \r\n{}\""):
		t.Errorf("%s: path %q", st.Name, req.Path)
	case len(req.Header) > 0 && !strings.HasSuffix(string(req.Header), "\r\n"):
		t.Errorf("%s: header %q", st.Name, req.Header)
	}
	for line := range strings.SplitSeq(strings.TrimSuffix(string(req.Header), "\r\n"), "\r\n") {
		name, _, ok := strings.Cut(line, ": ")
		if !ok || !isToken(name) || strings.ContainsAny(line, "\r\n") {
			t.Errorf("%s: header line %q", st.Name, line)
		}
	}
	if st.contentType != nil && strings.HasPrefix(string(st.contentType.parts[0].(*constant).asText), "application/json") && st.breaks == nil {
		if _, err := decodeJSON(req.Body); err != nil {
			t.Errorf("%s: %v: %s", st.Name, err, req.Body)
		}
	}
}

// TestFunctionsOfPage makes a value with every function as the page shows it.
func TestFunctionsOfPage(t *testing.T) {
	page := Format()
	for _, f := range functions {
		if !strings.Contains(page, f.usage) {
			t.Errorf("%s is not in the page", f.usage)
		}
		s := parsed(t, "target: http://127.0.0.1:1\ntasks: [{ post: /, json: '{{ "+strings.ReplaceAll(f.usage, "'", "''")+" }}' }]")
		u := sessionOf(t, s)
		var req Request
		if err := s.Users[0].Tasks[0].Steps[0].Render(u, &req); err != nil {
			t.Errorf("%s: %v", f.usage, err)
		} else if _, err := decodeJSON(req.Body); err != nil {
			t.Errorf("%s gave %s: %v", f.usage, req.Body, err)
		}
	}
}

// TestDocumentsAreParsed holds the README's examples, where it has some, to
// the same.
func TestDocumentsAreParsed(t *testing.T) {
	readme, err := os.ReadFile(filepath.Join("..", "README.md"))
	if err != nil {
		t.Skip("there is no README")
	}
	for _, b := range fenced.FindAllStringSubmatch(string(readme), -1) {
		if strings.Contains(b[1], "tasks:") || strings.Contains(b[1], "users:") {
			rendersAll(t, parsed(t, b[1]))
		}
	}
}
