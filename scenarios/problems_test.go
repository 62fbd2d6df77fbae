package scenarios

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// want is a comment at the end of a line of testdata/problems: what is wrong
// with that line.
var want = regexp.MustCompile(`#! (.*)$`)

// TestProblems reads files that are wrong. Each problem is announced in a
// comment on its line, with its column; and nothing else is wrong.
func TestProblems(t *testing.T) {
	files, err := filepath.Glob("testdata/problems/*.yaml")
	if err != nil || len(files) < 5 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			src, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			wanted := map[string]bool{}
			for line := range strings.SplitSeq(string(src), "\n") {
				if m := want.FindStringSubmatch(line); m != nil {
					for text := range strings.SplitSeq(m[1], " #! ") {
						wanted[strings.TrimSpace(text)] = true
					}
				}
			}
			_, err = Load(file, Options{Env: env})
			var problems Problems
			if !errors.As(err, &problems) {
				t.Fatalf("the error is no Problems: %v", err)
			}
			for _, p := range problems {
				got := fmt.Sprintf("%d:%d %s", p.Line, p.Column, p.Message)
				if p.Hint != "" {
					got += " (" + p.Hint + ")"
				}
				if !wanted[got] {
					t.Errorf("not announced: %s", got)
				}
				delete(wanted, got)
				if p.File != file {
					t.Errorf("the problem names the file %q", p.File)
				}
			}
			for text := range wanted {
				t.Errorf("not found: %s", text)
			}
		})
	}
}

// TestHostileFiles reads what nobody writes by hand: a clear error, quickly.
func TestHostileFiles(t *testing.T) {
	const head = "target: http://127.0.0.1:1\ntasks: [{ get: / }]\n"
	bomb := "define:\n  a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
	for i := 1; i < 12; i++ {
		ref := fmt.Sprintf("*a%d", i-1)
		bomb += fmt.Sprintf("  a%d: &a%d [%s]\n", i, i, strings.Repeat(ref+", ", 9)+ref)
	}
	merges := "define:\n  m0: &m0 { a: 1 }\n"
	for i := 1; i < 20; i++ {
		merges += fmt.Sprintf("  m%d: &m%d { <<: [%s] }\n", i, i, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*m%d, ", i-1), 10), ", "))
	}
	for name, c := range map[string]struct{ src, says string }{
		"alias bomb":       {head + bomb, "values"},
		"merge bomb":       {head + merges, "values"},
		"alias of itself":  {head + "define: &a [*a]", "deep"},
		"deep list":        {head + "define: " + strings.Repeat("[", 10_000), "deep"},
		"deep block":       {head + "define:\n" + deepBlock(5000), "deep"},
		"too large":        {head + "# " + strings.Repeat("x", maxFile), "bytes"},
		"many values":      {head + "define: [" + strings.Repeat("1,", 200_000) + "]", "values"},
		"unknown alias":    {head + "define: *nobody", "nobody"},
		"twice":            {head + "name: a\nname: b", "twice"},
		"twice, in a body": {"target: http://127.0.0.1:1\ntasks: [{ post: /, json: { a: 1, a: 2 } }]", "twice"},
		"tab":              {"target: http://127.0.0.1:1\ntasks:\n\t- get: /\n", "tab"},
		"NUL":              {head + "name: \"a\x00b\"", "control character"},
		"bell":             {head + "name: a\ab", "control character"},
		"not UTF-8":        {head + "name: a\xff", "UTF-8"},
		"UTF-16":           {"\xff\xfet\x00", "UTF-8"},
		"empty":            {"", "empty"},
		"only a comment":   {"# nothing\n", "empty"},
		"a list":           {"- a\n", "object"},
		"text":             {"hello", "object"},
		"two documents":    {head + "---\n" + head, "second document"},
		"a broken second":  {head + "---\n[", "did not find"},
		"not closed":       {head + "define: {", "did not find"},
		"a key of a list":  {head + "[a]: 1", "a key must be text"},
		"many problems":    {head + strings.Repeat("{}\n", 0) + manyKeys(5000), "unknown key"},
		"long expression":  {"target: http://127.0.0.1:1\ntasks: [{ get: '/{{ " + strings.Repeat("1+", 5000) + "1 }}' }]", "bytes"},
		"deep expression":  {"target: http://127.0.0.1:1\ntasks: [{ get: '/{{ " + strings.Repeat("(", 2000) + " }}' }]", "expression"},
	} {
		t.Run(name, func(t *testing.T) {
			before := cost()
			_, err := Parse("hostile.yaml", []byte(c.src), Options{})
			if took := cost() - before; took > 5*time.Second {
				t.Errorf("it took %s", took)
			}
			if err == nil || !strings.Contains(err.Error(), c.says) {
				t.Fatalf("got %.300v, want something about %q", err, c.says)
			}
			var problems Problems
			if !errors.As(err, &problems) || len(problems) > maxProblems {
				t.Errorf("%d problems", len(problems))
			}
		})
	}
}

func deepBlock(n int) string {
	var b strings.Builder
	for i := range min(n, 900) {
		b.WriteString(strings.Repeat(" ", i+1) + "a:\n")
	}
	return b.String()
}

func manyKeys(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "k%d: 1\n", i)
	}
	return b.String()
}

// TestHarmlessForms reads what editors and other systems write.
func TestHarmlessForms(t *testing.T) {
	const plain = "name: Café\ntarget: http://127.0.0.1:1\ntasks:\n  - get: /\n"
	for name, src := range map[string]string{
		"BOM":          "\ufeff" + plain,
		"CRLF":         strings.ReplaceAll(plain, "\n", "\r\n"),
		"document end": "---\n" + plain + "...\n",
		"JSON":         `{"name": "Café", "target": "http://127.0.0.1:1", "tasks": [{"get": "/"}]}`,
	} {
		s, err := Parse("x.yaml", []byte(src), Options{})
		if err != nil {
			t.Errorf("%s: %v", name, err)
		} else if s.Name != "Café" {
			t.Errorf("%s: the name is %q", name, s.Name)
		}
	}
}

func TestProblemsAreSorted(t *testing.T) {
	_, err := Parse("x.yaml", []byte("zzz: 1\ntarget: nowhere\nwait: [\n]\ntasks: [{ get: x }]\n"), Options{})
	var problems Problems
	if !errors.As(err, &problems) || len(problems) < 4 {
		t.Fatal(err)
	}
	for i := 1; i < len(problems); i++ {
		if problems[i].Line < problems[i-1].Line {
			t.Errorf("line %d stands behind line %d", problems[i].Line, problems[i-1].Line)
		}
	}
	if first := problems[0].Error(); first != `x.yaml:1:1: unknown key "zzz" in the scenario` {
		t.Error(first)
	}
}

func TestLoadWithoutFile(t *testing.T) {
	for path, says := range map[string]string{
		"testdata/nothing.yaml": "no such file",
		"testdata":              "no regular file",
		"example:embeding":      `did you mean "embedding"?`,
	} {
		if _, err := Load(path, Options{}); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: got %v, want %q", path, err, says)
		}
	}
}

func TestSuggest(t *testing.T) {
	for got, want := range map[string]string{
		"spawnrate": `did you mean "spawn_rate"?`, "runtime": `did you mean "run_time"?`, "usres": `did you mean "users"?`,
		"stage": `did you mean "stages"?`,
	} {
		if s := suggest(got, profileShape.names()); s != want {
			t.Errorf("%s: %s, want %s", got, s, want)
		}
	}
}
