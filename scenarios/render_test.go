package scenarios

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"brink/runner/stats"
)

// rendered renders the only step of a scenario of one task.
func rendered(t *testing.T, src string) *Request {
	t.Helper()
	s := parsed(t, "target: http://127.0.0.1:8000/base/\n"+src)
	req := new(Request)
	if err := s.Users[0].Tasks[0].Steps[0].Render(sessionOf(t, s), req); err != nil {
		t.Fatal(err)
	}
	return req
}

func TestRequests(t *testing.T) {
	const plain = "User-Agent: brink\r\nAccept: */*\r\n"
	for name, c := range map[string]struct {
		task, method, path, header, body string
	}{
		"get":            {`{ get: /x }`, "GET", "/base/x", plain, ""},
		"request":        {`{ request: PROPFIND /x }`, "PROPFIND", "/base/x", plain, ""},
		"query":          {`{ get: "/x?a=1", query: { b: "c d&é", e: [1, 2], n: null } }`, "GET", "/base/x?a=1&b=c%20d%26%C3%A9&e=1&e=2", plain, ""},
		"escaped":        {`{ get: '/a b/{{ "x/y ?#" }}?q={{ "1&2" }}' }`, "GET", "/base/a%20b/x%2Fy%20%3F%23?q=1%262", plain, ""},
		"percent kept":   {`{ get: "/a%20b" }`, "GET", "/base/a%20b", plain, ""},
		"whole address":  {`{ get: '{{ "/next?page=" + string(2) }}' }`, "GET", "/base/next?page=2", plain, ""},
		"absolute":       {`{ get: "http://127.0.0.1:8000/other" }`, "GET", "/other", plain, ""},
		"json":           {`{ post: /x, json: { b: 1, a: [1.50, true, null, "x\"y", { c: "é\n" }], "d.e": 1e3 } }`, "POST", "/base/x", plain + "Content-Type: application/json\r\n", `{"b":1,"a":[1.50,true,null,"x\"y",{"c":"é\n"}],"d.e":1e3}`},
		"json numbers":   {`{ post: /x, json: [0x10, 1_000, +3, 0o7, .5] }`, "POST", "/base/x", plain + "Content-Type: application/json\r\n", `[16,1000,3,7,0.5]`},
		"type kept":      {`{ post: /x, json: { n: "{{ 2 + 3 }}", t: "n{{ 2 + 3 }}", l: '{{ [1, "a", nil] }}', o: '{{ {"k": 1.5} }}', b: "{{ 1 < 2 }}" } }`, "POST", "/base/x", plain + "Content-Type: application/json\r\n", `{"n":5,"t":"n5","l":[1,"a",null],"o":{"k":1.5},"b":true}`},
		"form":           {`{ post: /x, form: { a: "1 2", b: [x, "{{ 3 }}y&"] } }`, "POST", "/base/x", plain + "Content-Type: application/x-www-form-urlencoded\r\n", "a=1%202&b=x&b=3y%26"},
		"body":           {`{ post: /x, body: "a {{ 1 + 1 }}" }`, "POST", "/base/x", plain + "Content-Type: text/plain; charset=utf-8\r\n", "a 2"},
		"body file":      {`{ put: /x, body_file: products.csv, headers: { Content-Type: text/mine } }`, "PUT", "/base/x", plain + "Content-Type: text/mine\r\n", "sku,title"},
		"multipart":      {`{ post: /x, multipart: { a: 1, f: { file: pixel.png } } }`, "POST", "/base/x", plain + "Content-Type: multipart/form-data; boundary=" + boundary + "\r\n", "--" + boundary + "\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n--" + boundary + "\r\nContent-Disposition: form-data; name=\"f\"; filename=\"pixel.png\"\r\nContent-Type: image/png\r\n\r\n\x89PNG"},
		"header taken":   {`{ get: /x, headers: { user-agent: null, accept: null } }`, "GET", "/base/x", "", ""},
		"header changed": {`{ get: /x, headers: { accept: text/html, X-A: "{{ 1 }}" } }`, "GET", "/base/x", "User-Agent: brink\r\naccept: text/html\r\nX-A: 1\r\n", ""},
		"basic":          {`{ get: /x, auth: { basic: "a:b" } }`, "GET", "/base/x", plain + "Authorization: Basic YTpi\r\n", ""},
		"bearer":         {`{ get: /x, auth: { bearer: "${TOKEN}" } }`, "GET", "/base/x", plain + "Authorization: Bearer s3cret-token\r\n", ""},
		"braces":         {`{ post: /x, body: "${BRACES} $${X} {{ '{{' }}" }`, "POST", "/base/x", plain + "Content-Type: text/plain; charset=utf-8\r\n", "a{{b}}c ${X} {{"},
		"default":        {`{ post: /x, body: "${NOPE:-a}${EMPTY:-b}${EMPTY}" }`, "POST", "/base/x", plain + "Content-Type: text/plain; charset=utf-8\r\n", "ab"},
	} {
		t.Run(name, func(t *testing.T) {
			req := rendered(t, "tasks: ["+c.task+"]")
			if req.Method != c.method || string(req.Path) != c.path || string(req.Header) != c.header {
				t.Errorf("got %s %s\n%s", req.Method, req.Path, req.Header)
			}
			if got := string(req.Body); got != c.body && (c.body == "" || !strings.HasPrefix(got, c.body)) {
				t.Errorf("body %q, want %q", got, c.body)
			}
		})
	}
}

func TestSettings(t *testing.T) {
	req := rendered(t, `
timeout: 7s
http_version: 2
follow_redirects: true
tasks: [ { get: /, connection: new, client: std, expect: { contains: x } } ]`)
	if req.Timeout.Seconds() != 7 || req.HTTPVersion != "2" || req.Redirects != 10 || !req.NewConn || req.Client != "std" || !req.KeepBody {
		t.Errorf("%+v", req)
	}
	req = rendered(t, `tasks: [ { get: /, follow_redirects: 3, timeout: 2s } ]`)
	if req.Timeout.Seconds() != 2 || req.Redirects != 3 || req.NewConn || req.KeepBody || req.HTTPVersion != "" {
		t.Errorf("%+v", req)
	}
	s := parsed(t, "target: unix:/run/api.sock\ntasks: [{ get: /x }]")
	if err := s.Users[0].Tasks[0].Steps[0].Render(sessionOf(t, s), req); err != nil || req.Unix != "/run/api.sock" || req.Host != "localhost" || req.Scheme != "http" {
		t.Errorf("%v %+v", err, req)
	}
}

// TestCredentialsStayHome sends what was set above a step to the target alone.
func TestCredentialsStayHome(t *testing.T) {
	s := parsed(t, `
target: http://user:password@127.0.0.1:1
allow_hosts: ["127.0.0.1:2"]
headers: { Cookie: a=b, X-Mine: c }
tasks:
  - { get: /, name: home }
  - { get: "http://127.0.0.1:2/", name: away }
  - { get: "http://127.0.0.1:2/", name: own, auth: { bearer: mine } }
  - { get: '{{ "http://127.0.0.1:2/x" }}', name: dynamic }
  - { get: '{{ lower("HTTP://127.0.0.1:2/x") }}', name: computed }
  - { get: '{{ lower("HTTPS://127.0.0.1:1/x") }}', name: another scheme }
`)
	u := sessionOf(t, s)
	for i, want := range []string{"Authorization Cookie", "", "Authorization", "", "", ""} {
		var req Request
		if err := s.Users[0].Tasks[i].Steps[0].Render(u, &req); err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, name := range credentials {
			if strings.Contains(string(req.Header), name+": ") {
				got = append(got, name)
			}
		}
		if strings.Join(got, " ") != want || !strings.Contains(string(req.Header), "X-Mine: c\r\n") {
			t.Errorf("%s to %s: %q", s.Users[0].Tasks[i].Name, req.Host, req.Header)
		}
	}
}

// TestTargetOption takes another target than the file's, whatever is wrong with
// that one, and shows no password.
func TestTargetOption(t *testing.T) {
	const src = "target: ${NOBODY}\ntasks: [{ get: / }]"
	s, err := Parse("x.yaml", []byte(src), Options{Target: "http://me:secret-word@127.0.0.1:7/v1"})
	if err != nil {
		t.Fatal(err)
	}
	var req Request
	if err := s.Users[0].Tasks[0].Steps[0].Render(sessionOf(t, s), &req); err != nil || req.Host != "127.0.0.1:7" || string(req.Path) != "/v1/" {
		t.Errorf("%v %+v", err, req)
	}
	if s.Target.String() != "http://127.0.0.1:7/v1" || s.Mask("secret-word") != masked || !strings.Contains(string(req.Header), "Authorization: Basic bWU6c2VjcmV0LXdvcmQ=") {
		t.Errorf("%s %s", s.Target, req.Header)
	}
	for target, says := range map[string]string{
		"127.0.0.1:7": "--target: the address", "http://": "names no host", "ftp://x": "http", "http://x:0x": "no address", "http://x:99999": "no port", "http://x/?a": "no query",
	} {
		if _, err := Parse("x.yaml", []byte(src), Options{Target: target}); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v, want %q", target, err, says)
		}
	}
}

func TestValuesThatCannotBe(t *testing.T) {
	for task, says := range map[string]string{
		`{ get: /, headers: { X-A: '{{ "a" + "\r\nX-B: c" }}' } }`:     "line break",
		`{ get: '{{ "//evil/x" + "" }}' }`:                             "neither a path nor an address",
		`{ get: '{{ "ftp://x/" + "" }}' }`:                             "neither a path nor an address",
		`{ get: "/{{ token }}", extract: { token: json.t } }`:          `"token" has no value yet`,
		`{ post: /, json: "{{ token }}", extract: { token: json.t } }`: `"token" has no value yet`,
		`{ post: /, json: { a: "{{ 1 % int(\"0\") }}" } }`:             "divide",
		`{ post: /, body: "{{ text(int(\"99999999\")) }}" }`:           "out of range",
		`{ post: /, body: "{{ int(\"x\") }}" }`:                        "invalid",
	} {
		s := parsed(t, "target: http://127.0.0.1:1\ntasks: ["+task+"]")
		err := s.Users[0].Tasks[0].Steps[0].Render(sessionOf(t, s), new(Request))
		if err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: got %v, want %q", task, err, says)
		}
	}
}

// TestReproducible gives a user the same values whatever other users do.
func TestReproducible(t *testing.T) {
	s := parsed(t, `
target: http://127.0.0.1:1
data: { products: products.csv }
tasks:
  - post: /
    json:
      - "{{ randint(1, 1000000) }} {{ uniform(0, 1) }} {{ normal(5, 2) }} {{ lognormal(5, 1) }} {{ exponential(3) }}"
      - "{{ choice([1, 2, 3]) }} {{ weighted_choice({\"a\": 1, \"b\": 2}) }} {{ sentence() }} {{ words(3) }} {{ text(9) }} {{ uuid() }}"
      - "{{ products.sku }} {{ map(1..randint(1, 5), randint(1, 9)) }} {{ randint(1, 9) * 7 }}"
`)
	st := s.Users[0].Tasks[0].Steps[0]
	values := func(seed uint64, ids ...int) map[int]string {
		run := &Run{Seed: seed}
		defer run.Close()
		out := map[int]string{}
		sessions := map[int]*Session{}
		for round := range 5 {
			for _, id := range ids {
				if sessions[id] == nil {
					sessions[id] = s.NewSession(s.Users[0], id, run)
				}
				if err := sessions[id].Begin(); err != nil {
					t.Fatal(err)
				}
				var req Request
				if err := st.Render(sessions[id], &req); err != nil {
					t.Fatal(err)
				}
				out[id] += fmt.Sprint(round, string(req.Body))
			}
		}
		return out
	}
	a, b, other := values(7, 1, 2, 3), values(7, 3, 1), values(8, 1)
	if a[1] != b[1] || a[3] != b[3] {
		t.Error("a user's values depend on the others")
	}
	if a[1] == a[2] || a[1] == other[1] {
		t.Error("two users, or two seeds, gave the same values")
	}
}

// TestDistributions draws many values and looks at where they lie.
func TestDistributions(t *testing.T) {
	draw := func(expression string) []float64 {
		s := parsed(t, "target: http://127.0.0.1:1\ntasks: [{ post: /, json: '{{ "+expression+" }}' }]")
		u := sessionOf(t, s)
		var out []float64
		var req Request
		for range 4000 {
			if err := s.Users[0].Tasks[0].Steps[0].Render(u, &req); err != nil {
				t.Fatal(err)
			}
			v, err := decodeJSON(req.Body)
			if err != nil {
				t.Fatalf("%s gave %s", expression, req.Body)
			}
			f, _ := toFloat(v)
			out = append(out, f)
		}
		slices.Sort(out)
		return out
	}
	for expression, want := range map[string][3]float64{ // least, median, most
		"randint(1, 6)":       {1, 3.5, 6},
		"uniform(0, 6.2, 1)":  {0, 3.1, 6.2},
		"uniform(-1, 1)":      {-1, 0, 1},
		"normal(100, 10)":     {50, 100, 150},
		"lognormal(200, 0.5)": {10, 200, 3000},
		"exponential(10)":     {0, 6.93, 150},
		"choice([1, 2, 3])":   {1, 2, 3},
		"int(weighted_choice({\"1\": 1, \"9\": 99}))": {1, 9, 9},
		"weighted_choice([1, 9], [1, 99])":            {1, 9, 9},
		"len(text(randint(1, 9)))":                    {1, 5, 9},
		"len(split(words(randint(1, 9)), \" \"))":     {1, 5, 9},
		"len(split(sentence(normal(5, 1)), \" \"))":   {1, 5, 10},
	} {
		got := draw(expression)
		median, spread := got[len(got)/2], want[2]-want[0]
		if got[0] < want[0] || got[len(got)-1] > want[2] || median < want[1]-spread*0.07-0.5 || median > want[1]+spread*0.07+0.5 {
			t.Errorf("%s: %g %g %g, want %v", expression, got[0], median, got[len(got)-1], want)
		}
	}
}

// TestBreaks breaks requests in every way, many times, and looks whether they
// are broken as said.
func TestBreaks(t *testing.T) {
	const good = `{ n: 5, s: text, l: [1], o: { a: 1 }, b: true }`
	plain := rendered(t, "tasks: [{ post: /, json: "+good+" }]")
	var whole map[string]any
	if err := json.Unmarshal(plain.Body, &whole); err != nil {
		t.Fatal(err)
	}
	for i, way := range breakWords {
		s := parsed(t, "target: http://127.0.0.1:1\ntasks: [{ post: /, json: "+good+", break: "+way+" }]")
		u, picked := sessionOf(t, s), map[string]bool{}
		rounds := 200
		if breakage(i) == oversized {
			rounds = 3 // they are all the same
		}
		for range rounds {
			var req Request
			if err := s.Users[0].Tasks[0].Steps[0].Render(u, &req); err != nil {
				t.Fatal(err)
			}
			var got map[string]any
			err := json.Unmarshal(req.Body, &got)
			switch breakage(i) {
			case malformedJSON, truncatedJSON:
				if err == nil {
					t.Fatalf("%s left JSON: %s", way, req.Body)
				}
				picked[string(req.Body)] = true
			case emptyBody:
				if len(req.Body) != 0 {
					t.Fatalf("%s left %s", way, req.Body)
				}
			case oversized:
				if err != nil || len(req.Body) < defaultOversize || len(got) != len(whole)+1 {
					t.Fatalf("%s: %d bytes, %d fields, %v", way, len(req.Body), len(got), err)
				}
			case wrongContentType:
				if !bytes.Equal(req.Body, plain.Body) || !strings.Contains(string(req.Header), "Content-Type: text/plain\r\n") {
					t.Fatalf("%s: %s %s", way, req.Header, req.Body)
				}
			default:
				if err != nil {
					t.Fatalf("%s: %v: %s", way, err, req.Body)
				}
				picked[difference(t, breakage(i), whole, got)] = true
			}
		}
		if i <= int(nullField) && len(picked) != len(whole) {
			t.Errorf("%s picked the fields %v of %d", way, picked, len(whole))
		}
		if i > int(nullField) && i <= int(truncatedJSON) && len(picked) < 3 {
			t.Errorf("%s is always the same: %v", way, picked)
		}
	}
}

// difference returns the one field in which a broken object differs.
func difference(t *testing.T, way breakage, whole, got map[string]any) string {
	t.Helper()
	var fields []string
	for _, k := range slices.Sorted(maps.Keys(whole)) {
		v, there := got[k]
		switch {
		case !there && way == missingField, v == nil && there && way == nullField:
			fields = append(fields, k)
		case there && way == wrongType && fmt.Sprintf("%T", v) != fmt.Sprintf("%T", whole[k]):
			fields = append(fields, k)
		}
	}
	for k := range got {
		if _, known := whole[k]; !known && way == extraField {
			fields = append(fields, k)
		}
	}
	if len(fields) != 1 {
		t.Fatalf("%s changed the fields %v: %v", breakWords[way], fields, got)
	}
	return fields[0]
}

// TestMemory renders fixed and random requests without allocating.
func TestMemory(t *testing.T) {
	heart, embedding := example(t, "heart-disease"), example(t, "embedding")
	for name, c := range map[string]struct {
		s    *Scenario
		task int
		most float64
	}{
		"13 random fields": {heart, 0, 0},
		"a broken one":     {heart, 1, 0},
		"a fixed one":      {embedding, 2, 0},
		"a sentence":       {embedding, 0, 0},
	} {
		u, st, req := sessionOf(t, c.s), c.s.Users[0].Tasks[c.task].Steps[0], new(Request)
		resp := &Response{Status: 200, Head: []byte("Content-Type: text/plain\r\n")}
		got := testing.AllocsPerRun(200, func() {
			if err := st.Render(u, req); err != nil {
				t.Fatal(err)
			}
			if c.task == 2 && st.Check(u, resp) != (stats.Failure{}) {
				t.Fatal("not as expected")
			}
		})
		if got > c.most {
			t.Errorf("%s: %g allocations, at most %g", name, got, c.most)
		}
	}
}

// TestSharedBytes renders a fixed and a random step into one request in turn:
// the bytes of the fixed one must stay.
func TestSharedBytes(t *testing.T) {
	s := parsed(t, `
target: http://127.0.0.1:1
tasks:
  - { post: /fixed, json: { a: 1 } }
  - { post: "/{{ words(30) }}", json: "{{ words(30) }}", headers: { X-A: "{{ words(30) }}" } }
  - { post: /file, body_file: products.csv }
`)
	u, req := sessionOf(t, s), new(Request)
	for range 50 {
		for i, want := range []string{`{"a":1}`, "", "sku,title"} {
			if err := s.Users[0].Tasks[i].Steps[0].Render(u, req); err != nil {
				t.Fatal(err)
			}
			if !strings.HasPrefix(string(req.Body), want) || i == 0 && string(req.Path) != "/fixed" {
				t.Fatalf("%s %s %s", req.Path, req.Header, req.Body)
			}
		}
	}
}
