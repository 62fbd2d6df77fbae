package cli

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// arrows says which packages of brink each package may import. Whoever wants
// a new arrow changes this table, and says why in the commit.
var arrows = map[string][]string{
	"brink":                   {"brink/internal/cli"},
	"brink/internal/cli":      {"*"}, // the only place where the packages meet
	"brink/internal/emulator": {},
	"brink/runner/stats":      {},
	"brink/scenarios":         {"brink/runner/stats"},
	"brink/scenarios/demo":    {},
	"brink/runner/client":     {"brink/runner/stats"},
	"brink/runner/oracle":     {}, // it must know the truth by itself
	"brink/runner":            {"brink/scenarios", "brink/runner/client", "brink/runner/stats"},
	"brink/reports":           {"brink/scenarios", "brink/runner/stats"},
	"brink/tui":               {"brink/scenarios", "brink/runner/stats"},
}

// testArrows are what tests may import beside that.
var testArrows = map[string][]string{
	"brink/runner":        {"brink/runner/oracle", "brink/reports"},
	"brink/runner/client": {"brink/runner/oracle"},
	"brink/tui":           {"brink/internal/emulator"},
}

func TestArrows(t *testing.T) {
	const root = "../.."
	err := filepath.WalkDir(root, func(file string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && file != root && (strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata") {
			return fs.SkipDir
		}
		if strings.HasSuffix(file, ".go") {
			checkImports(t, root, file)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// checkImports holds one file's imports against the table.
func checkImports(t *testing.T, root, file string) {
	rel, err := filepath.Rel(root, file)
	if err != nil {
		t.Fatal(err)
	}
	pkg := path.Join("brink", filepath.ToSlash(filepath.Dir(rel)))
	allowed, known := arrows[pkg]
	if !known {
		t.Errorf("%s: package %s has no arrows: add it to the table", rel, pkg)
		return
	}
	if strings.HasSuffix(file, "_test.go") {
		allowed = slices.Concat(allowed, testArrows[pkg], []string{pkg})
	}
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
	if err != nil {
		t.Fatal(err)
	}
	for _, spec := range parsed.Imports {
		imported, _ := strconv.Unquote(spec.Path.Value)
		ours := imported == "brink" || strings.HasPrefix(imported, "brink/")
		if ours && !slices.Contains(allowed, imported) && !slices.Contains(allowed, "*") {
			t.Errorf("%s imports %s; %s may import only %v", rel, imported, pkg, allowed)
		}
	}
}
