package runner

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"brink/runner/client"
	"brink/runner/stats"
	"brink/scenarios"
)

func TestUsedUpDataEndsTheRun(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "rows.csv"), []byte("id\n1\n2\n3\n4\n5\n6\n7\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := scenarios.Parse(filepath.Join(dir, "once.yaml"), []byte(`
name: once
target: http://127.0.0.1:1
data: { rows: { file: rows.csv, order: once } }
tasks: [ { name: row, get: "/{{ rows.id }}" } ]
`), scenarios.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*Config){
		"closed": func(c *Config) { c.Users = 3 },
		"open":   openModel(20, 10, 0),
	} {
		tr := try(t, one, 100*time.Millisecond, func(c *Config) { change(c); c.Scenario = s }, nil)
		if n := tr.summary.Total; n.Requests != 7 || n.Failures != 0 {
			t.Errorf("%s: %d requests, %d failures of 7 rows", name, n.Requests, n.Failures)
		}
		if got := tr.sink.events(stats.EventStop); !slices.Equal(got, []string{"the data is used up: no user has anything left to do"}) {
			t.Errorf("%s: stopped because %q", name, got)
		}
	}
}

// A pace is a plan: a task that the one before it kept waiting was due when the
// pace said.
func TestAPaceOverrunShowsInTheResponseTime(t *testing.T) {
	tr := try(t, `
name: pace
target: http://127.0.0.1:1
wait: { pace: 1s }
tasks: [ { name: root, get: / } ]
`, 100*time.Millisecond, func(c *Config) { c.Users, c.RunTime = 1, 10200*time.Millisecond }, func(tr *trial) {
		pass(2500 * time.Millisecond)
		tr.target.answer(func(string) time.Duration { return 1500 * time.Millisecond }, nil)
		pass(time.Second)
		tr.target.answer(func(string) time.Duration { return 100 * time.Millisecond }, nil)
	})
	total := &tr.summary.Total
	if got := total.ServiceTimes().Max(); got != 1500*time.Millisecond {
		t.Errorf("service took up to %s", got)
	}
	// 0, 1, 2, 3 (until 4.5), 4 → at 4.5, then each second from there.
	want := []time.Duration{0, 1, 2, 3, 4500, 5500, 6500, 7500, 8500, 9500}
	for i := range want {
		if want[i] *= time.Millisecond; i < 4 {
			want[i] *= 1000
		}
	}
	if !slices.Equal(tr.target.starts, want) {
		t.Errorf("tasks began at %s, want %s", tr.target.starts, want)
	}
	// The one at 4.5 s was due at 4 s: 0.5 s late and 0.1 s of service.
	if n := total.OK.CountAbove(590*time.Millisecond) - total.OK.CountAbove(610*time.Millisecond); n != 1 {
		t.Errorf("%d responses took 600 ms counted from when they were due, want 1", n)
	}
}

func TestOnlyFixedClasses(t *testing.T) {
	tr := try(t, one, 100*time.Millisecond, func(c *Config) {
		c.Scenario.Users[0].Fixed = 4
		c.Users, c.RunTime = 100, 3*time.Second
	}, nil)
	if l := tr.sink.at(t, 1).Load; l.Users != 4 || l.WantedUsers != 4 {
		t.Errorf("%d users of %d wanted, the only class has 4", l.Users, l.WantedUsers)
	}
}

func TestRequestsThatCannotBeMadeDoNotSpin(t *testing.T) {
	tr := try(t, `
name: broken
target: http://127.0.0.1:1
tasks: [ { name: root, get: "/{{ [1, 2][randint(5, 6)] }}" } ]
`, 0, func(c *Config) { c.Users, c.RunTime, c.NewClient = 1, 10*time.Second, nil }, nil)
	n := &tr.summary.Total
	if n.Requests < 90 || n.Requests > 101 || n.Failures != n.Requests {
		t.Errorf("%d of %d requests failed in 10 s, want about 100, one each 100 ms", n.Failures, n.Requests)
	}
	if len(n.Classes) != 1 || n.Classes[0].Key != stats.BadRequest {
		t.Errorf("failed as %v", n.Classes)
	}
}

// brokenSink fails at first.
type brokenSink struct {
	memory
	fails int
}

func (b *brokenSink) Put(s *stats.Snapshot) error {
	b.memory.Put(s)
	if b.fails--; b.fails >= 0 {
		return errors.New("no space left on device")
	}
	return nil
}

func TestABrokenSinkIsHeardOnceAndTheRunGoesOn(t *testing.T) {
	broken := &brokenSink{fails: 3}
	tr := try(t, one, 100*time.Millisecond, func(c *Config) { c.Users, c.RunTime = 1, 6*time.Second }, nil, broken)
	if len(broken.snapshots) != 7 || tr.summary.Total.Requests < 60 {
		t.Errorf("%d snapshots, %d requests", len(broken.snapshots), tr.summary.Total.Requests)
	}
	if tr.err == nil || tr.err.Error() != "no space left on device" {
		t.Errorf("error %v", tr.err)
	}
	if got := tr.sink.events(stats.EventWarning); !slices.Equal(got, []string{"results are not written: no space left on device"}) {
		t.Errorf("told %q", got)
	}
}

func TestFailingRequestsAreShownBoundedAndMasked(t *testing.T) {
	s, err := scenarios.Parse("secret.yaml", []byte(`
name: secret
target: http://127.0.0.1:1
headers: { Authorization: "Bearer ${TOKEN}" }
tasks:
  - { name: root, post: /a?b=1, json: { text: "it's ${TOKEN}" } }
`), scenarios.Options{Env: func(string) (string, bool) { return "s3cr3t-value", true }})
	if err != nil {
		t.Fatal(err)
	}
	tr := try(t, one, 10*time.Millisecond, func(c *Config) { c.Scenario, c.Users, c.RunTime = s, 20, 3*time.Second }, func(tr *trial) {
		tr.target.answer(nil, func(string) int { return 500 })
	})
	if shown := tr.sink.snapshots[1].Failures; len(shown) != 1 || shown[0].Exchange == nil {
		t.Fatalf("failures %+v", shown)
	}
	x := tr.sink.snapshots[1].Failures[0].Exchange
	if !strings.HasPrefix(x.Request, "POST /a?b=1 HTTP/1.1\r\nHost: 127.0.0.1:1\r\n") || !strings.Contains(x.Request, "Bearer ***\r\n") {
		t.Errorf("request %q", x.Request)
	}
	if x.Response != "HTTP/1.1 500\r\nContent-Length: 2\r\n\r\n{}" {
		t.Errorf("response %q", x.Response)
	}
	if !strings.HasPrefix(x.Curl, "curl -X 'POST' -H ") || !strings.Contains(x.Curl, `it'\''s ***`) || !strings.HasSuffix(x.Curl, ` 'http://127.0.0.1:1/a?b=1'`) {
		t.Errorf("curl %q", x.Curl)
	}
	for _, text := range []string{x.Request, x.Response, x.Curl} {
		if strings.Contains(text, "s3cr3t") {
			t.Errorf("the secret stands in %q", text)
		}
	}
}

// elsewhere is a client whose every request is answered by another host, which
// sets a cookie.
type elsewhere struct {
	client.Client
	sent *string
}

func (c elsewhere) Do(ctx context.Context, req *client.Request, resp *client.Response, s *stats.Sample) {
	*c.sent += string(req.Header)
	c.Client.Do(ctx, req, resp, s)
	resp.Head = []byte("Set-Cookie: sid=42\r\n")
	resp.From, resp.Path = &client.Origin{Scheme: "http", Host: "elsewhere.test"}, []byte("/")
}

// TestCookiesAreOfWhoAnswered: a user keeps the cookies of the host that a
// redirect led to for that host.
func TestCookiesAreOfWhoAnswered(t *testing.T) {
	var sent string
	try(t, one, 100*time.Millisecond, func(c *Config) {
		inner := c.NewClient
		c.Users, c.RunTime = 1, 3*time.Second
		c.NewClient = func(r *scenarios.Request) client.Client { return elsewhere{inner(r), &sent} }
	}, nil)
	if strings.Count(sent, "User-Agent") < 2 || strings.Contains(sent, "Cookie") {
		t.Errorf("it sent %.200q", sent)
	}
}

// TestCutTextsShowNoPartOfASecret: a target that repeats a secret until its body
// is cut in the middle of one, wherever that is, and a long secret in what a
// sentence quotes.
func TestCutTextsShowNoPartOfASecret(t *testing.T) {
	token := strings.Repeat("s3cr3t-", 40)
	s, err := scenarios.Parse("secret.yaml", []byte(`
target: http://127.0.0.1:1
tasks:
  - { get: /, name: root, headers: { Authorization: "Bearer ${TOKEN}" }, expect: { contains: "${TOKEN}", that: "body != '' or '${TOKEN}' == ''" } }
`), scenarios.Options{Env: func(string) (string, bool) { return token, true }})
	if err != nil {
		t.Fatal(err)
	}
	r, err := New(Config{Scenario: s})
	if err != nil {
		t.Fatal(err)
	}
	e := r.newEnv(t.Context(), func() time.Duration { return 0 })
	u := &user{env: e}
	u.sample.Status = 500
	for from := range len(token) {
		u.response.Body = []byte(strings.Repeat(token, stats.MaxExchange/len(token)+2)[from:][:stats.MaxExchange])
		text := e.masked(u.responseText())
		// Its beginning may be an end of the secret, which nothing can know.
		if _, after, _ := strings.Cut(text, "***"); strings.Contains(after, "s3cr") {
			t.Fatalf("cut after %d bytes: %q", from, text)
		}
	}
	class := s.Users[0]
	session := s.NewSession(class, 1, &scenarios.Run{})
	for _, body := range []string{"a", ""} {
		f := class.Tasks[0].Steps[0].Check(session, &scenarios.Response{Status: 200, Body: []byte(body)})
		if !f.Failed() || strings.Contains(e.sentence(f.Text), "s3cr") {
			t.Errorf("%q", f.Text)
		}
	}
	for _, text := range class.Tasks[0].Steps[0].Expected() {
		if strings.Contains(s.Mask(text), "s3cr") {
			t.Errorf("%q", text)
		}
	}
}

func TestCut(t *testing.T) {
	for _, tt := range []struct {
		text string
		n    int
		want string
	}{{"short", 10, "short"}, {"longer", 4, "long"}, {"añb", 2, "a"}, {"añb", 3, "añ"}, {"", 0, ""}} {
		if got := cut(tt.text, tt.n); got != tt.want {
			t.Errorf("%q cut at %d is %q, want %q", tt.text, tt.n, got, tt.want)
		}
	}
}

func TestShowingIsBounded(t *testing.T) {
	r, err := New(Config{Scenario: parse(t, one)})
	if err != nil {
		t.Fatal(err)
	}
	e := r.newEnv(t.Context(), func() time.Duration { return 0 })
	taken := 0
	for range 100 {
		if e.showing.take(0) {
			taken++
		}
	}
	e.showing.refill()
	if again := e.showing.take(0); taken != shownEach || !again {
		t.Errorf("%d kept of 100 in a second, want %d; another in the next: %v", taken, shownEach, again)
	}
}

func TestConfigSaysAllThatIsWrong(t *testing.T) {
	_, err := New(Config{Users: -1, SpawnRate: -2, RunTime: -time.Second, Grace: -time.Second})
	if err == nil {
		t.Fatal("accepted")
	}
	for _, want := range []string{"no scenario", "users: -1", "spawn rate: -2", "run time: -1s", "grace period: -1s"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not in %q", want, err)
		}
	}
}
