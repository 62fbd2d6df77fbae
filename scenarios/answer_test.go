package scenarios

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"brink/runner/stats"
)

// answered checks a response against an expectation, and extracts.
func answered(t *testing.T, step string, resp *Response) (stats.Failure, *Session) {
	t.Helper()
	s := parsed(t, "target: http://127.0.0.1:1\ntasks:\n  - get: /\n    "+step+"\n")
	u, st := sessionOf(t, s), s.Users[0].Tasks[0].Steps[0]
	if err := st.Render(u, new(Request)); err != nil {
		t.Fatal(err)
	}
	f := st.Check(u, resp)
	if !f.Failed() {
		f = st.Extract(u, resp)
	}
	return f, u
}

func TestExpect(t *testing.T) {
	resp := &Response{
		Status: 200, Time: 30 * time.Millisecond, Size: 70,
		Head: []byte("Content-Type: application/json\r\nX-N: 5\r\nX-N: 6\r\n"),
		Body: []byte(`{"dim": 3, "rows": [[1, 2.5], [3]], "name": "a", "none": null, "big": 9007199254740993}`),
	}
	for expect, want := range map[string]string{
		`{}`:                             "",
		`200`:                            "",
		`2xx`:                            "",
		`2XX`:                            "",
		`[200, 201]`:                     "",
		`{ status: [4xx] }`:              "got 200 OK, expected status 4xx",
		`[201, 4xx]`:                     "got 200 OK, expected a status of 201, 4xx",
		`{ contains: '"dim"' }`:          "",
		`{ contains: ['"dim"', other] }`: `expected the body to contain "other", it did not`,
		`{ max_time: 30ms }`:             "",
		`{ max_time: 20ms }`:             "expected an answer within 20ms, it took longer",
		`{ max_size: 70 }`:               "",
		`{ max_size: 69B }`:              "expected a body of at most 69 bytes, it was larger",
		`{ that: "len(json.rows) == 2 and json.dim == 3" }`:                     "",
		`{ that: "json.rows[0][1] == 2.5 && json['name'] == 'a'" }`:             "",
		`{ that: "json.dim == 4" }`:                                             "expected json.dim == 4, it did not hold",
		`{ that: "json.dim == 3 and json.dim > 3" }`:                            "expected json.dim > 3, it did not hold",
		`{ that: [json.dim == 3, json.name == "b"] }`:                           `expected json.name == "b", it did not hold`,
		`{ that: "json.big == 9007199254740993" }`:                              "",
		`{ that: "json.none == nil and json.nothing == nil" }`:                  "",
		`{ that: "json.nothing > 3" }`:                                          "expected json.nothing > 3: ",
		`{ that: "json.nothing.deeper == 3" }`:                                  "expected json.nothing.deeper == 3: there is no such value",
		`{ that: "json.name" }`:                                                 "expected json.name, it gave text",
		`{ that: 'headers["content-type"] == "application/json"' }`:             "",
		`{ that: 'headers["X-N"] == "5, 6" and status == 200 and size == 70' }`: "",
		`{ that: 'time < duration("31ms") and body contains "dim"' }`:           "",
		`{ that: "any(json.rows, len(#) == 1) or false" }`:                      "",
		`{ that: "not (json.dim in 1..3)" }`:                                    "expected not (json.dim in 1..3), it did not hold",
	} {
		f, _ := answered(t, "expect: "+expect, resp)
		if want == "" && f.Failed() || want != "" && !strings.HasPrefix(f.Text, want) {
			t.Errorf("%s: got %q, want %q", expect, f.Text, want)
		}
		wantClass := stats.OK
		if strings.Contains(want, "got 200 OK") {
			wantClass = stats.BadStatus
		} else if want != "" {
			wantClass = stats.Unexpected
		}
		if f.Class != wantClass {
			t.Errorf("%s: class %v, want %v", expect, f.Class, wantClass)
		}
	}
}

// TestWithoutExpect takes a status below 400 for a success.
func TestWithoutExpect(t *testing.T) {
	for status, failed := range map[int]bool{200: false, 204: false, 302: false, 399: false, 400: true, 503: true, 600: true} {
		f, _ := answered(t, "timeout: 1s", &Response{Status: status})
		if f.Failed() != failed {
			t.Errorf("%d: %+v", status, f)
		}
	}
	if f, _ := answered(t, "timeout: 1s", &Response{Status: 503}); f.Text != "got 503 Service Unavailable, expected a status below 400" {
		t.Error(f.Text)
	}
}

// TestGrouping makes one text of a thousand different answers.
func TestGrouping(t *testing.T) {
	for _, expect := range []string{
		`{ that: "json.dim == 4" }`, `{ that: "json.dim.x == 4" }`, `{ that: "len(json.list) == 1" }`, `{ that: "json.a + 1 > 3" }`,
		`{ contains: "needle" }`, `{ max_time: 1ms }`, `{ max_size: 1 }`,
	} {
		for _, body := range []string{`{"dim": %d, "list": [%[1]d, 2], "a": "x%[1]d"}`, `{"dim": %d, "list"`, `%d not JSON`, ``} {
			texts := map[string]bool{}
			for i := range 1000 {
				text := body
				if body != "" {
					text = fmt.Sprintf(body, i*7919)
				}
				f, _ := answered1000(t, expect, &Response{Status: 200, Time: time.Duration(i+2) * time.Millisecond, Size: int64(i + 2), Body: []byte(text)})
				texts[f.Text] = true
			}
			if len(texts) != 1 {
				t.Errorf("%s on %q: %d texts: %v", expect, body, len(texts), texts)
			}
		}
	}
}

var parsedOnce = map[string]*Scenario{}

// answered1000 is answered without parsing each time.
func answered1000(t *testing.T, expect string, resp *Response) (stats.Failure, *Session) {
	t.Helper()
	s, ok := parsedOnce[expect]
	if !ok {
		s = parsed(t, "target: http://127.0.0.1:1\ntasks: [{ get: /, expect: "+expect+" }]")
		parsedOnce[expect] = s
	}
	u := s.NewSession(s.Users[0], 1, &Run{})
	f := s.Users[0].Tasks[0].Steps[0].Check(u, resp)
	if !f.Failed() {
		t.Fatalf("%s held for %s", expect, resp.Body)
	}
	return f, u
}

func TestExtract(t *testing.T) {
	resp := &Response{
		Status: 200, Head: []byte("X-Session: abc\r\n"),
		Body: []byte(`{"token": "t1", "price": 12.5, "items": [{"id": 7}], "null": null, "html": "name=csrf value=99"}`),
	}
	for extract, want := range map[string]any{
		`json.token`:                           "t1",
		`json.price`:                           12.5,
		`json.items[0].id`:                     7,
		`json.items`:                           []any{map[string]any{"id": 7}},
		`"json.token + '-' + string(status)"`:  "t1-200",
		`{ value: json.token }`:                "t1",
		`{ header: x-session }`:                "abc",
		`headers["X-Session"]`:                 "abc",
		`{ regex: 'value=(\d+)' }`:             "99",
		`{ regex: 'value=\d+' }`:               "value=99",
		`{ regex: '(\w+)=(\d+)', group: 2 }`:   "99",
		`{ regex: 'nothing', default: none }`:  "none",
		`{ value: json.nothing, default: 5 }`:  5,
		`{ header: X-Nothing, default: true }`: true,
	} {
		f, u := answered(t, "extract:\n      v: "+extract, resp)
		if f.Failed() || fmt.Sprint(u.values[0]) != fmt.Sprint(want) || fmt.Sprintf("%T", u.values[0]) != fmt.Sprintf("%T", want) {
			t.Errorf("%s: %q, %v (%[3]T), want %v (%[4]T)", extract, f.Text, u.values[0], want)
		}
	}
	for extract, says := range map[string]string{
		`json.nothing`:          "could not extract v: there is no such value",
		`json.null`:             "could not extract v: there is no such value",
		`json.items[5].id`:      "could not extract v: ",
		`{ header: X-Nothing }`: "could not extract v: there is no header X-Nothing",
		`{ regex: nothing }`:    "could not extract v: nothing matches nothing",
	} {
		f, u := answered(t, "extract:\n      v: "+extract, resp)
		if f.Class != stats.Unexpected || !strings.HasPrefix(f.Text, says) || u.values[0] != nil {
			t.Errorf("%s: %q %v", extract, f.Text, u.values[0])
		}
	}
}

// TestFlow carries values, rows and cookies through a flow.
func TestFlow(t *testing.T) {
	s := parsed(t, `
target: http://127.0.0.1:1
data: { products: { file: products.csv, order: sequential } }
tasks:
  - steps:
      - { post: /price, json: { sku: "{{ products.sku }}" }, extract: { price: json.price } }
      - { post: /buy, json: { sku: "{{ products.sku }}", price: "{{ price }}" }, headers: { X-Price: "{{ price }}" } }
      - { get: /fixed }
`)
	u := sessionOf(t, s)
	steps := s.Users[0].Tasks[0].Steps
	var req Request
	must := func(st *Step, resp *Response) {
		t.Helper()
		if err := st.Render(u, &req); err != nil {
			t.Fatal(err)
		}
		for _, f := range []stats.Failure{st.Check(u, resp), st.Extract(u, resp)} {
			if f.Failed() {
				t.Fatal(f.Text)
			}
		}
	}
	cookie := "Set-Cookie: sid=42; Path=/; HttpOnly\r\nset-cookie: theme=dark\r\nSet-Cookie: old=1; Max-Age=0\r\nSet-Cookie: far=1; Domain=example.org\r\nSet-Cookie: safe=1; Secure\r\n"
	must(steps[0], &Response{Status: 200, Head: []byte(cookie), Body: []byte(`{"price": 3.5}`)})
	if string(req.Body) != `{"sku":"A-1001"}` || strings.Contains(string(req.Header), "Cookie") {
		t.Errorf("%s %s", req.Header, req.Body)
	}
	must(steps[1], &Response{Status: 200})
	if string(req.Body) != `{"sku":"A-1001","price":3.5}` || !strings.Contains(string(req.Header), "X-Price: 3.5\r\n") || !strings.HasSuffix(string(req.Header), "\r\nCookie: sid=42; theme=dark; safe=1\r\n") {
		t.Errorf("%s %s", req.Header, req.Body)
	}
	must(steps[2], &Response{Status: 200, Head: []byte("Set-Cookie: sid=; Max-Age=0\r\n")})
	if !strings.HasSuffix(string(req.Header), "\r\nCookie: sid=42; theme=dark; safe=1\r\n") {
		t.Errorf("a fixed request: %s", req.Header)
	}
	must(steps[2], &Response{Status: 200})
	if !strings.HasSuffix(string(req.Header), "\r\nCookie: theme=dark; safe=1\r\n") {
		t.Errorf("after the cookie ended: %s", req.Header)
	}
	if err := u.Begin(); err != nil {
		t.Fatal(err)
	}
	must(steps[0], &Response{Status: 200, Body: []byte(`{"price": 4}`)})
	if string(req.Body) != `{"sku":"A-1002"}` {
		t.Errorf("the next task's row: %s", req.Body)
	}
	if other := s.NewSession(s.Users[0], 2, u.run); other.jar != nil {
		t.Error("cookies are shared between users")
	}
}

// TestSecrets looks for values of the environment everywhere they could show.
func TestSecrets(t *testing.T) {
	const secret = `p"ss/w rd+é`
	lookup := func(name string) (string, bool) {
		v, ok := map[string]string{"SECRET": secret, "HOST": "127.0.0.1:8000", "SHORT": "abc", "N": "7"}[name]
		return v, ok
	}
	src := `
name: of ${SECRET}
target: http://${HOST}
thresholds: [ 'p50 of "/own ${SECRET}" < 1s' ]
headers: { X-Key: "${SECRET}" }
auth: { basic: "me:${SECRET}" }
tasks:
  - post: /x/${SECRET}?q=${SECRET}
    name: x
    query: { k: "${SECRET}" }
    json: { a: "${SECRET}", b: '{{ env("SECRET") }}', c: "${SHORT}" }
    expect: { contains: "${SECRET}", that: "body != '${SHORT}'" }
  - { get: "/{{ int(env('SECRET')) }}" }
  - { get: "/bot${SECRET}/send" }
  - { name: "/own ${SECRET}", get: /own }
  - { name: nowhere, get: "{{ env('SECRET') + '' }}" }
profile: { users: "${N}" }
`
	s, err := Parse("x.yaml", []byte(src), Options{Env: lookup})
	if err != nil {
		t.Fatal(err)
	}
	u := sessionOf(t, s)
	var req Request
	st := s.Users[0].Tasks[0].Steps[0]
	if err := st.Render(u, &req); err != nil {
		t.Fatal(err)
	}
	sent := fmt.Sprintf("%s\n%s\n%s", req.Path, req.Header, req.Body)
	shown := s.Mask(sent)
	for _, form := range []string{secret, `p\"ss`, "p%22ss", "p%2522", "bWU6", "w rd", "w%20rd"} {
		if strings.Contains(shown, form) {
			t.Errorf("%q shows in\n%s", form, shown)
		}
	}
	if !strings.Contains(sent, secret) || strings.Count(shown, masked) < 6 {
		t.Errorf("sent\n%s\nshown\n%s", sent, shown)
	}
	for _, name := range []string{s.Name, fmt.Sprint(s.Routes), s.Users[0].Tasks[2].Name, s.Users[0].Tasks[3].Steps[0].Name, fmt.Sprint(s.Thresholds)} {
		if strings.Contains(name, "w rd") || strings.Contains(name, "w%20rd") || !strings.Contains(name, masked) {
			t.Errorf("the secret shows in the name %q", name)
		}
	}
	if text := fmt.Sprintf("%q at http://%s", secret, strings.ToLower("UPPER")+secret); strings.Contains(s.Mask(text), "w rd") {
		t.Errorf("the secret shows between quotes or in a host: %s", s.Mask(text))
	}
	for _, text := range []string{
		st.Check(u, &Response{Status: 200}).Text, s.Source, fmt.Sprint(s.Routes), s.Mask(strings.Join(st.Expected(), " ")),
	} {
		if strings.Contains(text, "w rd") {
			t.Errorf("the secret shows in %q", text)
		}
	}
	for _, i := range []int{1, 4} {
		if err := s.Users[0].Tasks[i].Steps[0].Render(u, &req); err == nil || strings.Contains(err.Error(), "w rd") {
			t.Errorf("an error of a value: %v", err)
		}
	}
	for n := minSecret; n < len(secret); n++ {
		for _, text := range []string{s.Mask("a " + secret[:n] + "… b"), s.MaskCut("a " + secret[:n]), s.MaskCut(secret + secret[:n])} {
			if strings.Contains(text, secret[:minSecret]) || !strings.Contains(text, masked) {
				t.Errorf("cut after %d bytes the secret shows: %s", n, text)
			}
		}
	}
	typed, err := Parse("x.yaml", []byte("target: http://me:typed-in@127.0.0.1:1\ntasks: [{ get: / }]\n"), Options{})
	if err != nil || strings.Contains(typed.Source, "typed-in") || !strings.Contains(typed.Source, "127.0.0.1:1") {
		t.Errorf("%v; a password that stands in the file shows in its text: %s", err, typed.Source)
	}
	if s.Mask("127.0.0.1:8000 abc") != "127.0.0.1:8000 abc" {
		t.Error("the target or a short value is masked")
	}

	// Problems must not tell either.
	_, err = Parse("x.yaml", []byte(strings.Replace(src, "int(env('SECRET'))", "nobody + '${SECRET}' +", 1)), Options{Env: lookup})
	if err == nil || strings.Contains(err.Error(), "w rd") {
		t.Errorf("a problem: %v", err)
	}
	_, err = Parse("x.yaml", []byte("target: http://127.0.0.1:1\ntasks: [{ get: /, auth: { bearer: written-here }, expect: written-here }]"), Options{})
	for _, p := range err.(Problems) {
		if strings.Contains(p.Error()+p.Source, "written-here") {
			t.Errorf("a token in the file: %v %s", p, p.Source)
		}
	}
}
