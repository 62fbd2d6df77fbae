package scenarios

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// FuzzParse reads anything without panic or delay; what it takes can be
// rendered, or says why not.
func FuzzParse(f *testing.F) {
	for _, pattern := range []string{"examples/*.yaml", "testdata/problems/*.yaml"} {
		files, _ := filepath.Glob(pattern)
		for _, file := range files {
			src, err := os.ReadFile(file)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(src)
		}
	}
	for _, b := range fenced.FindAllStringSubmatch(formatPage, -1) {
		f.Add([]byte(b[1]))
	}
	f.Add([]byte("a: &a [*a]\ntarget: {{\n"))
	f.Fuzz(func(t *testing.T, src []byte) {
		before := cost()
		s, err := Parse("testdata/x.yaml", src, Options{Env: env})
		if took := cost() - before; took > 10*time.Second {
			t.Fatalf("it took %s", took)
		}
		if err != nil {
			var problems Problems
			if !errors.As(err, &problems) || len(problems) == 0 {
				t.Fatalf("no problems: %v", err)
			}
			if strings.Contains(err.Error(), "please report it") {
				t.Fatal(err)
			}
			return
		}
		run := &Run{Seed: 1}
		defer run.Close()
		for _, c := range s.Users {
			u := s.NewSession(c, 1, run)
			if u.Begin() != nil {
				continue
			}
			for _, task := range c.Tasks {
				for _, st := range task.Steps {
					renderAny(t, u, st)
				}
			}
		}
	})
}

// renderAny renders a step and looks that the request cannot be taken for two.
func renderAny(t *testing.T, u *Session, st *Step) {
	t.Helper()
	var req Request
	if st.Render(u, &req) != nil {
		return
	}
	if !bytes.HasPrefix(req.Path, []byte("/")) || bytes.ContainsAny(req.Path, " \r\n") {
		t.Fatalf("path %q", req.Path)
	}
	if bytes.Contains(req.Header, []byte("\r\n\r\n")) || bytes.Count(req.Header, []byte("\r")) != bytes.Count(req.Header, []byte("\r\n")) || bytes.Count(req.Header, []byte("\n")) != bytes.Count(req.Header, []byte("\r\n")) {
		t.Fatalf("header %q", req.Header)
	}
	st.Check(u, &Response{Status: 200, Head: []byte("A: b\r\n"), Body: []byte(`{"a": [1, "b"]}`)})
	st.Extract(u, &Response{Status: 200})
}

// FuzzTemplate compiles and evaluates any text as a value: bounded work, and
// JSON where JSON is asked for.
func FuzzTemplate(f *testing.F) {
	for _, fn := range functions {
		f.Add("{{ " + fn.usage + " }}")
	}
	for _, s := range []string{
		"a {{ 1 }} b", "{{ {\"a\": {\"b\": 1}} }}", "{{ \"}}\" }}", "{{ map(1..9, # * 2) }}", "{{ let x = words(3); x + x }}",
		"{{ reduce(1..20, #acc + #acc, \"x\") }}", "{{ repeat(\"ab\", 3) }}", "{{ join(split(\"a b\", \" \"), \"-\") }}", "{{ now().Year() }}",
		"{{ filter(1..100, # % 7 == 0) }}", "{{ toJSON({\"a\": 1}) }}", "{{ \"a\" matches \"^a\" ? 1 : 2 }}", "${TOKEN}{{ user.id }}",
		"{{ sort([3, 1, 2]) }}", "{{ 1..1000000 }}", "{{ -(5) ** 2 }}", "{{ products.sku[1:3] }}", "{{ products?.title ?? 1 }}",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		d := &decoder{options: Options{Env: env}, scenario: &Scenario{}, folder: folder{dir: "testdata"}}
		data := &Data{Name: "products", File: "products.csv", files: d.folder, columns: []string{"sku", "title", "category"}}
		d.scenario.Data = []*Data{data}
		sc := &scope{data: d.scenario.Data, values: map[string]int{"token": 0}, env: d.secretEnv}
		tmpl := d.template(&node{kind: kindText, raw: text, text: text}, sc)
		if len(d.problems) > 0 {
			return
		}
		run := &Run{Seed: 1}
		defer run.Close()
		u := d.scenario.NewSession(&UserClass{data: []int{0}, numValues: 1}, 1, run)
		u.values[0] = "t"
		before := cost()
		b, err := tmpl.json(u, nil)
		if err == nil && !json.Valid(b) {
			t.Fatalf("%q gave %q", text, b)
		}
		if len(b) > 2*maxBody {
			t.Fatalf("%q gave %d bytes", text, len(b))
		}
		if _, err := tmpl.text(u, nil, escapeAll); err == nil && tmpl.fixed() && u.spent != 0 {
			t.Fatalf("%q is fixed and takes work", text)
		}
		if took := cost() - before; took > 10*time.Second {
			t.Fatalf("%q took %s", text, took)
		}
	})
}

// FuzzJSON holds the reader of JSON against encoding/json.
func FuzzJSON(f *testing.F) {
	for _, s := range []string{
		`{"a": [1, -2.5e3, "x\n\u00e9\ud83d\ude00\ud800", true, false, null], "": {}}`, `[[[]]]`, `1e999`, `01`, `"\x"`, `{"a":{"b":1},"a":{"c":2}}`, `-0`, `9223372036854775808`, `tru`, `{"a"}`, `[}`, `1 2`, ``, ` 7 `, `-`, `1.`, `"` + "\x01" + `"`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		got, err := decodeJSON(src)
		var want any
		wantErr := json.Unmarshal(src, &want)
		if err != nil {
			if wantErr == nil {
				t.Fatalf("%q: %v", src, err)
			}
			return
		}
		if wantErr != nil {
			t.Fatalf("%q: ours takes it, encoding/json says %v", src, wantErr)
		}
		if !utf8.Valid(src) {
			return // how many replacement characters a broken byte makes may differ
		}
		a, errA := json.Marshal(floats(got))
		b, errB := json.Marshal(want)
		if errA != nil || errB != nil || !bytes.Equal(a, b) {
			t.Fatalf("%q: got %s, want %s", src, a, b)
		}
		again, err := appendJSON(nil, got)
		if err != nil || !json.Valid(again) {
			t.Fatalf("%q: written as %s, %v", src, again, err)
		}
	})
}

// floats makes every number a float64, as encoding/json does.
func floats(v any) any {
	switch v := v.(type) {
	case int:
		return float64(v)
	case []any:
		for i := range v {
			v[i] = floats(v[i])
		}
	case map[string]any:
		for k := range v {
			v[k] = floats(v[k])
		}
	}
	return v
}

// TestBoundedExpressions evaluates what would take for ever, or all memory.
func TestBoundedExpressions(t *testing.T) {
	doubling := "let a0 = \"xxxxxxxxxxxxxxxx\"; "
	lists := "let a0 = [1,1,1,1,1,1,1,1]; "
	for i := 1; i < 40; i++ {
		p := string(rune('0'+(i-1)/10)) + string(rune('0'+(i-1)%10))
		n := string(rune('0'+i/10)) + string(rune('0'+i%10))
		if i == 1 {
			p = "0"
		}
		doubling += "let a" + n + " = a" + p + " + a" + p + "; "
		lists += "let a" + n + " = [a" + p + ",a" + p + ",a" + p + ",a" + p + "]; "
	}
	for _, e := range []string{
		"map(1..999999, map(1..999999, 1))",
		"map(1..9999, sentence(9999))",
		"count(1..999999, count(1..999999, # > 0) > 0)",
		"all(1..99999, all(1..99999, all(1..99999, true)))",
		"reduce(1..900000, #acc + #acc, \"x\")",
		"repeat(repeat(\"x\", 99999), 99999)",
		"replace(repeat(\"x\", 99999), \"\", repeat(\"y\", 99999))",
		"join(map(1..99999, repeat(\"x\", 99999)))",
		"join(map(1..99999, \"\"), repeat(\"x\", 99999))",
		"text(99999999)",
		"words(9999999)",
		"uniq(1..999999)",
		"len(split(text(16000000), \"\"))",
		"1..99999999999",
		doubling + "a39",
		lists + "a39",
		lists + "a39 == a38",
		lists + "toJSON(a39)",
		lists + "string(a39)",
		lists + "flatten(a39)",
	} {
		d := &decoder{scenario: &Scenario{}}
		term, err := (&scope{env: d.secretEnv}).compile(e)
		if err != nil {
			t.Logf("%.40s is refused: %v", e, err)
			continue
		}
		u := d.scenario.NewSession(&UserClass{}, 1, &Run{Seed: 1})
		before := cost()
		b, err := term.json(u, nil)
		t.Logf("%.40s: %s: %v", e, cost()-before, err)
		if took := cost() - before; took > 10*time.Second {
			t.Errorf("%.60s took %s", e, took)
		}
		if err == nil {
			t.Errorf("%.60s gave %d bytes", e, len(b))
		}
	}
}

// TestSandbox looks for what an expression must not reach.
func TestSandbox(t *testing.T) {
	for _, e := range []string{
		`$env`, `$env["·use"]`, `·use(1, 2)`, `open("x")`, `readFile("/etc/passwd")`, `exec("id")`, `os.Getenv("TOKEN")`, `u`, `machine`, `user.run`, `randint.x`, `randint`,
	} {
		if _, err := (&scope{env: env}).compile(e); err == nil {
			t.Errorf("%s is taken", e)
		}
	}
}

// FuzzJSONPath holds what is read out of a body without decoding it against
// what decoding it gives.
func FuzzJSONPath(f *testing.F) {
	for _, s := range []string{
		`{"a": [1, {"b": "x"}], "a": [2], "é\n": 1}`, `{"a": {"a": [[1, 2, 3]]}} `, `{"a": null}`, `[{"a": 1}]`, `{"a": "t\u00e9xt"}`, `{"a": 1} x`, ``, `{"a"`, `{"b": [1,], "a": 1}`,
		`{"a": 1, "a": [2]}`, `{"a": [1], "a": {}}`, `{"a": {"a": 1}, "a": 2}`, "{\"\xff\": 1, \"a\": \"\xff\"}", `[[1, 2}`, `{"a"}`, `{"a": [1e999]}`,
	} {
		f.Add([]byte(s))
	}
	paths := []jsonPath{
		{"a"}, {"a", 0}, {"a", "a"}, {"a", 1, "b"}, {0}, {"é\n"},
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		whole, wholeErr := decodeJSON(body)
		for _, p := range paths {
			got, err := p.in(body)
			if wholeErr != nil {
				// A number too large for us in another place goes unseen.
				if err == nil && !strings.Contains(wholeErr.Error(), "too large") {
					t.Fatalf("%q: %v gave %v, yet %v", body, p, got, wholeErr)
				}
				continue
			}
			want, there := follow(whole, p)
			if there != (err == nil) || there && !reflect.DeepEqual(got, want) {
				t.Fatalf("%q: %v gave %v, %v, want %v, %v", body, p, got, err, want, there)
			}
			n, err := p.lenIn(body)
			if size, ok := length(want); there && ok != (err == nil) || ok && there && n != size {
				t.Fatalf("%q: len of %v is %v, %v, want %v", body, p, n, err, size)
			}
		}
	})
}

// follow returns what a path leads to; an object that lacks the last key has
// nothing there, which is a value.
func follow(v any, p jsonPath) (any, bool) {
	for i, step := range p {
		key, isKey := step.(string)
		index, _ := step.(int)
		switch of := v.(type) {
		case map[string]any:
			next, ok := of[key]
			if !isKey || !ok && i < len(p)-1 {
				return nil, false
			}
			v = next
		case []any:
			if isKey || index >= len(of) {
				return nil, false
			}
			v = of[index]
		default:
			return nil, false
		}
	}
	return v, true
}

func length(v any) (int, bool) {
	switch v := v.(type) {
	case string:
		return utf8.RuneCountInString(v), true
	case []any:
		return len(v), true
	case map[string]any:
		return len(v), true
	}
	return 0, false
}
