package cli

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestPromisesNameTheirTests reads CONTRIBUTING's tables of what brink
// promises: every test named there exists, in the package that its row names,
// and every promise has a figure.
func TestPromisesNameTheirTests(t *testing.T) {
	tests := testsOf(t, "../..")
	text, err := os.ReadFile("../../CONTRIBUTING.md")
	if err != nil {
		t.Fatal(err)
	}
	_, after, _ := strings.Cut(string(text), "## What brink promises")
	promises := 0
	for line := range strings.Lines(after) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), " | ")
		if !strings.HasPrefix(line, "| ") || strings.HasPrefix(line, "| promise ") {
			continue
		}
		promises++
		if len(cells) != 3 || strings.TrimSpace(cells[2]) == "" {
			t.Errorf("a row is not promise, test and figure: %s", line)
			continue
		}
		if checkProof(t, tests, cells[1]) == 0 {
			t.Errorf("no test is named: %s", line)
		}
	}
	if promises < 20 {
		t.Errorf("only %d promises were read: is the table's form another?", promises)
	}
	for _, name := range namedTest.FindAllString(after, -1) {
		if !existsIn(tests, "", name) {
			t.Errorf("CONTRIBUTING.md names %s, which does not exist", name)
		}
	}
}

// TestContinuousRunNamesTests holds .ci/run to the same: each name that it runs
// alone is that of a test.
func TestContinuousRunNamesTests(t *testing.T) {
	tests := testsOf(t, "../..")
	text, err := os.ReadFile("../../.ci/run")
	if err != nil {
		t.Fatal(err)
	}
	names := regexp.MustCompile(`-run '([\w|]+)'`).FindSubmatch(text)
	if names == nil {
		t.Fatal("it runs no long proofs")
	}
	for part := range strings.SplitSeq(string(names[1]), "|") {
		if !slices.ContainsFunc(slices.Concat(slices.Collect(maps.Values(tests))...), func(name string) bool { return strings.Contains(name, part) }) {
			t.Errorf(".ci/run asks for %q, which no test is called", part)
		}
	}
	for _, m := range regexp.MustCompile(`\./([\w/]+) (Fuzz\w+)`).FindAllSubmatch(text, -1) {
		if !existsIn(tests, string(m[1]), string(m[2])) {
			t.Errorf(".ci/run fuzzes %s in %s, which does not exist", m[2], m[1])
		}
	}
}

var namedTest = regexp.MustCompile(`\b(Test|Fuzz)[A-Z]\w+`)

// checkProof looks up the tests that a cell names, such as "`runner` TestA;
// `reports` TestB", and returns how many there are.
func checkProof(t *testing.T, tests map[string][]string, cell string) (n int) {
	t.Helper()
	pkg := ""
	for _, word := range regexp.MustCompile("`[^`]+`|(Test|Fuzz)[A-Z]\\w+|\\w+\\.txtar|the same|fuzz targets").FindAllString(cell, -1) {
		switch {
		case strings.HasPrefix(word, "`"):
			pkg = strings.Trim(word, "`")
			continue
		case strings.HasSuffix(word, ".txtar"):
			if found, _ := filepath.Glob("testdata/script/" + word); len(found) == 0 {
				t.Errorf("there is no script %s", word)
			}
		case namedTest.MatchString(word) && !existsIn(tests, pkg, word):
			t.Errorf("there is no %s in %s", word, pkg)
		}
		n++
	}
	return n
}

// existsIn reports whether a package has a test of that name; any where the
// package is empty.
func existsIn(tests map[string][]string, pkg, name string) bool {
	if pkg != "" {
		return slices.Contains(tests[pkg], name)
	}
	return slices.ContainsFunc(slices.Collect(maps.Values(tests)), func(names []string) bool { return slices.Contains(names, name) })
}

// testsOf returns the tests and fuzz targets below a folder, by package.
func testsOf(t *testing.T, root string) map[string][]string {
	t.Helper()
	tests := map[string][]string{}
	err := filepath.WalkDir(root, func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(file, "_test.go") {
			return err
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		dir, err := filepath.Rel(root, filepath.Dir(file))
		for _, decl := range parsed.Decls {
			if f, ok := decl.(*ast.FuncDecl); ok && f.Recv == nil && namedTest.MatchString(f.Name.Name) {
				tests[filepath.ToSlash(dir)] = append(tests[filepath.ToSlash(dir)], f.Name.Name)
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return tests
}
