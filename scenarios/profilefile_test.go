package scenarios

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestLoadProfile(t *testing.T) {
	file := func(text string) string {
		path := filepath.Join(t.TempDir(), "profile.yaml")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	p, err := LoadProfile(file("# driven\nprofiles:\n  session:\n    stages:\n      - { users: 10, for: 3s }\n      - { users: 30, over: 2s }\n"))
	if err != nil {
		t.Fatal(err)
	}
	want := []Stage{{Users: 10, For: 3 * time.Second}, {Users: 30, Over: 2 * time.Second}}
	if p.Name != "session" || len(p.Stages) != 2 || p.Stages[0] != want[0] || p.Stages[1] != want[1] {
		t.Errorf("profile %+v; want session with %+v", p, want)
	}
	for text, want := range map[string]string{
		"profiles: {}\n":                  "no profile",
		"stages: []\n":                    "stages",
		"profiles: { a: { usres: 1 } }\n": "did you mean",
		"profiles:\n  a: { stages: [ { users: x, for: 1s } ] }\n": ":2:",
	} {
		if _, err := LoadProfile(file(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v; want an error with %q", text, err, want)
		}
	}
	if _, err := LoadProfile("nowhere.yaml"); err == nil || !strings.Contains(err.Error(), "nowhere.yaml") {
		t.Errorf("a missing file: %v", err)
	}
}
