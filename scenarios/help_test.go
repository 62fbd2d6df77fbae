package scenarios

import (
	"testing"
)

// example loads a built-in scenario.
func example(t testing.TB, name string) *Scenario {
	t.Helper()
	s, err := Load(exampleScheme+name, Options{})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// parsed reads a scenario whose files are those of testdata.
func parsed(t testing.TB, src string) *Scenario {
	t.Helper()
	s, err := Parse("testdata/test.yaml", []byte(src), Options{Env: env})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// env is the environment of tests.
func env(name string) (string, bool) {
	switch name {
	case "TOKEN":
		return "s3cret-token", true
	case "EMPTY":
		return "", true
	case "PORT":
		return "8123", true
	case "BRACES":
		return "a{{b}}c", true
	}
	return "", false
}
