package reports

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"brink/runner/stats"
)

// TestSummaryFollowsItsSchema checks summary.json against the published schema,
// and that the schema describes every field there is.
func TestSummaryFollowsItsSchema(t *testing.T) {
	var schema map[string]any
	if err := json.Unmarshal([]byte(Schema), &schema); err != nil {
		t.Fatal(err)
	}
	for name, rec := range map[string]*Record{
		"closed": recorded(t, demoHeader(), demoRun()),
		"open":   recorded(t, demoHeader(), openRun()),
		"empty":  recorded(t, Header{Started: began}, nil),
	} {
		t.Run(name, func(t *testing.T) {
			var summary any
			if err := json.Unmarshal(made(t, rec, JSON), &summary); err != nil {
				t.Fatal(err)
			}
			v := validator{root: schema}
			v.check("summary", schema, summary)
			for _, p := range v.problems {
				t.Error(p)
			}
		})
	}
}

// openRun is a run of the open model with dropped arrivals and a second level
// that was paused.
func openRun() []*stats.Snapshot {
	run := levelRun([]int{10, 30}, 8, 3)
	for i, s := range run {
		s.Load.Model, s.Load.WantedRate = stats.OpenModel, float64(30+30*(i/8))
		s.Load.Scheduled, s.Load.Sent, s.Load.Dropped = 40, 38, 2
		s.Health.Lag.Record(200 * time.Microsecond)
		for r := range s.Routes {
			s.Routes[r].Service = *s.Routes[r].All()
			s.Routes[r].Unfinished = int64(i / 15)
		}
	}
	return run
}

// validator knows the part of JSON Schema that schema.json uses.
type validator struct {
	root     map[string]any
	problems []string
}

func (v *validator) fail(at, format string, args ...any) {
	v.problems = append(v.problems, at+": "+fmt.Sprintf(format, args...))
}

func (v *validator) check(at string, schema map[string]any, value any) {
	if ref, ok := schema["$ref"].(string); ok {
		schema = v.root["$defs"].(map[string]any)[strings.TrimPrefix(ref, "#/$defs/")].(map[string]any)
	}
	if want, ok := schema["const"]; ok && want != value {
		v.fail(at, "%v, want %v", value, want)
	}
	if enum, ok := schema["enum"].([]any); ok && !slices.Contains(enum, value) {
		v.fail(at, "%v is none of %v", value, enum)
	}
	switch value := value.(type) {
	case map[string]any:
		v.checkObject(at, schema, value)
	case []any:
		v.is(at, schema, "array")
		for i, item := range value {
			if items, ok := schema["items"].(map[string]any); ok {
				v.check(fmt.Sprintf("%s[%d]", at, i), items, item)
			}
		}
		if n, ok := schema["minItems"].(float64); ok && len(value) < int(n) {
			v.fail(at, "%d items, want %v", len(value), n)
		}
	case float64:
		if schema["type"] == "integer" && value != float64(int64(value)) || schema["type"] != "integer" && schema["type"] != "number" {
			v.fail(at, "%v is no %v", value, schema["type"])
		}
		if least, ok := schema["minimum"].(float64); ok && value < least {
			v.fail(at, "%v is below %v", value, least)
		}
	case string:
		v.is(at, schema, "string")
		if p, ok := schema["pattern"].(string); ok && !regexp.MustCompile(p).MatchString(value) {
			v.fail(at, "%q does not match %s", value, p)
		}
		if _, err := time.Parse(time.RFC3339, value); schema["format"] == "date-time" && err != nil {
			v.fail(at, "%v", err)
		}
	case bool:
		v.is(at, schema, "boolean")
	default:
		v.fail(at, "unexpected %v", value)
	}
}

func (v *validator) is(at string, schema map[string]any, kind string) {
	if _, fixed := schema["const"]; !fixed && schema["type"] != kind {
		v.fail(at, "a %s where the schema wants %v", kind, schema["type"])
	}
}

func (v *validator) checkObject(at string, schema, value map[string]any) {
	v.is(at, schema, "object")
	properties, _ := schema["properties"].(map[string]any)
	for _, name := range asStrings(schema["required"]) {
		if _, ok := value[name]; !ok {
			v.fail(at, "%s is missing", name)
		}
	}
	for name, item := range value {
		if p, ok := properties[name].(map[string]any); ok {
			v.check(at+"."+name, p, item)
		} else if more, ok := schema["additionalProperties"].(map[string]any); ok {
			v.check(at+"."+name, more, item)
		} else {
			v.fail(at, "the schema says nothing of %s", name)
		}
	}
}

func asStrings(v any) (out []string) {
	list, _ := v.([]any)
	for _, s := range list {
		out = append(out, s.(string))
	}
	return out
}
