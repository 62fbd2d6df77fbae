package scenarios

import (
	"os"
	"path/filepath"
	"testing"
)

func TestFind(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"good.yaml":    "name: Good\ntarget: http://127.0.0.1:1\ntasks: [{ get: / }]\n",
		"b.yml":        "target: http://127.0.0.1:1\ntasks: [{ get: / }]\n",
		"broken.yaml":  "name: Broken\ntarget: nowhere\ntasks: [{ get: / }]\n",
		"compose.yaml": "services:\n  web: { image: x }\n",
		"notes.txt":    "tasks: []\ntarget: x\n",
		".hidden.yaml": "target: http://127.0.0.1:1\ntasks: [{ get: / }]\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(dir, "folder.yaml"), 0o700); err != nil {
		t.Fatal(err)
	}
	entries := Find([]string{dir, filepath.Join(dir, "nothing"), dir}, Options{})
	var own []Entry
	examples := map[string]bool{}
	for i, e := range entries {
		if e.Example {
			examples[e.Path] = e.Err == nil && e.Scenario != nil
			continue
		}
		if i != len(own) {
			t.Errorf("%s stands behind an example", e.Path)
		}
		own = append(own, e)
	}
	if len(own) != 3 || filepath.Base(own[0].Path) != "b.yml" || own[0].Title != "b" || own[1].Title != "broken.yaml" || own[2].Title != "Good" {
		t.Errorf("%+v", own)
	}
	if own[1].Err == nil || own[1].Scenario != nil || own[2].Err != nil || own[2].Scenario == nil {
		t.Errorf("%+v", own)
	}
	for _, name := range []string{"example:embedding", "example:heart-disease", "example:shop"} {
		if !examples[name] {
			t.Errorf("%s is not there, or broken", name)
		}
	}
}
