package scenarios

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"
)

// valid holds a value against the schema, in the words of JSON Schema that
// ours uses; it fails on any other word.
func valid(t *testing.T, root, s map[string]any, v any) string {
	t.Helper()
	for word, rule := range s {
		switch word {
		case "$schema", "$defs", "title", "description":
		case "$ref":
			name := strings.TrimPrefix(rule.(string), "#/$defs/")
			def, ok := root["$defs"].(map[string]any)[name].(map[string]any)
			if !ok {
				t.Fatalf("the schema lacks %s", name)
			}
			if why := valid(t, root, def, v); why != "" {
				return why
			}
		case "anyOf":
			var whys []string
			for _, one := range rule.([]any) {
				why := valid(t, root, one.(map[string]any), v)
				if why == "" {
					whys = nil
					break
				}
				whys = append(whys, why)
			}
			if whys != nil {
				return strings.Join(whys, "; ")
			}
		case "type":
			types, ok := rule.([]any)
			if !ok {
				types = []any{rule}
			}
			if !slices.ContainsFunc(types, func(name any) bool { return hasType(v, name.(string)) }) {
				return fmt.Sprintf("%v is no %v", v, rule)
			}
		case "enum":
			if !slices.ContainsFunc(rule.([]any), func(one any) bool { return reflect.DeepEqual(one, number(v)) }) {
				return fmt.Sprintf("%v is none of %v", v, rule)
			}
		case "const":
			if !reflect.DeepEqual(rule, number(v)) {
				return fmt.Sprintf("%v is not %v", v, rule)
			}
		case "pattern":
			if text, ok := v.(string); ok && !regexp.MustCompile(rule.(string)).MatchString(text) {
				return fmt.Sprintf("%q is not like %v", v, rule)
			}
		case "minimum":
			if f, ok := number(v).(float64); ok && f < rule.(float64) {
				return fmt.Sprintf("%v is below %v", v, rule)
			}
		case "maximum":
			if f, ok := number(v).(float64); ok && f > rule.(float64) {
				return fmt.Sprintf("%v is above %v", v, rule)
			}
		case "items":
			if list, ok := v.([]any); ok {
				for _, item := range list {
					if why := valid(t, root, rule.(map[string]any), item); why != "" {
						return why
					}
				}
			}
		case "properties", "additionalProperties":
			m, ok := v.(map[string]any)
			if !ok {
				continue
			}
			known, _ := s["properties"].(map[string]any)
			for key, value := range m {
				p, ok := known[key].(map[string]any)
				if !ok {
					if p, ok = s["additionalProperties"].(map[string]any); !ok {
						return "unknown key " + key
					}
				}
				if why := valid(t, root, p, value); why != "" {
					return key + ": " + why
				}
			}
		default:
			t.Fatalf("the test does not know %q", word)
		}
	}
	return ""
}

func number(v any) any {
	if n, ok := v.(int); ok {
		return float64(n)
	}
	return v
}

func hasType(v any, name string) bool {
	switch name {
	case "object":
		_, ok := v.(map[string]any)
		return ok
	case "array":
		_, ok := v.([]any)
		return ok
	case "string":
		_, ok := v.(string)
		return ok
	case "boolean":
		_, ok := v.(bool)
		return ok
	case "null":
		return v == nil
	case "integer":
		_, ok := v.(int)
		return ok
	}
	_, ok := number(v).(float64)
	return ok
}

// check holds a scenario's text against the schema.
func checkSchema(t *testing.T, src string) string {
	t.Helper()
	var root map[string]any
	if err := json.Unmarshal(Schema(), &root); err != nil {
		t.Fatal(err)
	}
	var v any
	if err := yaml.Unmarshal([]byte(src), &v); err != nil {
		t.Fatal(err)
	}
	return valid(t, root, root, v)
}

// TestSchemaTakesWhatTheParserTakes holds everything that is right, in the
// documentation and the examples, against the schema.
func TestSchemaTakesWhatTheParserTakes(t *testing.T) {
	sources := []string{Starter()}
	for _, b := range fenced.FindAllStringSubmatch(formatPage, -1) {
		sources = append(sources, b[1])
	}
	for _, name := range exampleNames() {
		src, err := examples.ReadFile("examples/" + name + ".yaml")
		if err != nil {
			t.Fatal(err)
		}
		sources = append(sources, string(src))
	}
	for _, src := range sources {
		if why := checkSchema(t, src); why != "" {
			t.Errorf("%s in\n%s", why, src)
		}
	}
}

// TestSchemaRefusesWhatTheParserRefuses holds wrong keys and types of every
// object against both.
func TestSchemaRefusesWhatTheParserRefuses(t *testing.T) {
	const base = "target: http://127.0.0.1:1\n"
	for _, src := range []string{
		"nonsense: 1\ntasks: [{ get: / }]",
		"tasks: [{ get: /, nonsense: 1 }]",
		"tasks: [{ steps: [{ get: /, nonsense: 1 }] }]",
		"tasks: [{ get: /, expect: { nonsense: 1 } }]",
		"tasks: [{ get: /, extract: { a: { nonsense: 1 } } }]",
		"tasks: [{ get: /, auth: { nonsense: 1 } }]",
		"tasks: [{ post: /, json: { a: 1 }, break: { nonsense: 1 } }]",
		"tasks: [{ post: /, json: { a: 1 }, break: nonsense }]",
		"tasks: [{ post: /, multipart: { a: { nonsense: 1 } } }]",
		"tasks: [{ get: /, connection: nonsense }]",
		"tasks: [{ get: /, http_version: 3 }]",
		"tasks: [{ get: /, timeout: 5 }]",
		"tasks: [{ get: /, timeout: soon }]",
		"tasks: [{ get: /, weight: -1 }]",
		"tasks: [{ get: /, expect: { status: 99 } }]",
		"tasks: [{ get: /, expect: { status: 7xx } }]",
		"tasks: [{ get: /, expect: { max_size: big } }]",
		"tasks: [{ get: [] }]",
		"tasks: [{ get: /, headers: [] }]",
		"tasks: [{ get: /, extract: [] }]",
		"tasks: {}",
		"tasks: [{ get: / }]\nready: { nonsense: 1 }",
		"tasks: [{ get: / }]\nwait: { nonsense: 1 }",
		"tasks: [{ get: / }]\nwait: []",
		"tasks: [{ get: / }]\ndata: { a: { nonsense: 1 } }",
		"tasks: [{ get: / }]\ndata: { a: { file: products.csv, order: nonsense } }",
		"tasks: [{ get: / }]\nprofiles: { a: { nonsense: 1 } }",
		"tasks: [{ get: / }]\nprofiles: { a: { users: 1.5 } }",
		"tasks: [{ get: / }]\nprofiles: { a: { rate: fast } }",
		"tasks: [{ get: / }]\nprofiles: { a: { stages: [{ users: 1, for: 1s, nonsense: 1 }] } }",
		"tasks: [{ get: / }]\nfollow_redirects: often",
		"users: [{ nonsense: 1, tasks: [{ get: / }] }]",
		"users: {}",
	} {
		if _, err := Parse("testdata/x.yaml", []byte(base+src), Options{}); err == nil {
			t.Errorf("the parser takes %s", src)
		}
		if why := checkSchema(t, base+src); why == "" {
			t.Errorf("the schema takes %s", src)
		}
	}
}

// TestSchemaHasEveryShape finds every shape in the schema, with a word on every
// key, and every key in the documentation.
func TestSchemaHasEveryShape(t *testing.T) {
	var root map[string]any
	if err := json.Unmarshal(Schema(), &root); err != nil {
		t.Fatal(err)
	}
	defs := root["$defs"].(map[string]any)
	for s, name := range defNames {
		def, ok := defs[name].(map[string]any)
		if !ok {
			t.Errorf("%s is not in the schema", name)
			continue
		}
		if got := len(def["properties"].(map[string]any)); got != len(s.keys) {
			t.Errorf("%s: %d keys in the schema, %d in the parser", name, got, len(s.keys))
		}
	}
	for s := range defNames {
		for _, k := range append(slices.Clone(s.keys), rootShape.keys...) {
			if k.doc == "" {
				t.Errorf("%s of %s has no description", k.name, s.name)
			}
			if !strings.Contains(formatPage, k.name+":") && !strings.Contains(formatPage, "`"+k.name+"`") {
				t.Errorf("%s of %s is not in the documentation", k.name, s.name)
			}
		}
	}
}

// TestProblemFilesAndSchema makes sure that unknown keys in the problem files
// are also none of the schema's.
func TestProblemFilesAndSchema(t *testing.T) {
	src, err := os.ReadFile(filepath.Join("testdata", "problems", "keys.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	if why := checkSchema(t, string(src)); why == "" {
		t.Error("the schema takes a file with unknown keys")
	}
}
