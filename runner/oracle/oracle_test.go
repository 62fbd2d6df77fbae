package oracle_test

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"brink/runner/oracle"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func start(t *testing.T, o oracle.Options) *oracle.Server {
	t.Helper()
	s, err := oracle.Start("", o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

// httpClient is a client of the test's own, closed with it.
func httpClient(t *testing.T, roots *tls.Config) *http.Client {
	transport := &http.Transport{TLSClientConfig: roots, ForceAttemptHTTP2: true, MaxIdleConnsPerHost: 10}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport, Timeout: time.Minute}
}

func get(t *testing.T, c *http.Client, url, tag string) (status int, body string, err error) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), "GET", url, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("X-Run-Seq", tag)
	resp, err := c.Do(r)
	if err != nil {
		return 0, "", err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	return resp.StatusCode, string(b), err
}

func TestPlansHaveTheQuantilesTheyClaim(t *testing.T) {
	plans := map[string]oracle.Plan{
		"constant":  oracle.Constant(20 * time.Millisecond),
		"uniform":   oracle.Uniform(10*time.Millisecond, 50*time.Millisecond),
		"bimodal":   oracle.Bimodal(10*time.Millisecond, 200*time.Millisecond, 0.05),
		"lognormal": oracle.LogNormal(20*time.Millisecond, 0.5),
		"pareto":    oracle.Pareto(5*time.Millisecond, time.Second, 2.5),
	}
	const n = 100_000
	for name, plan := range plans {
		for seed := range uint64(3) {
			p := plan.Seeded(seed)
			values := make([]time.Duration, n)
			for i := range values {
				values[i] = p.At(int64(i))
			}
			slices.Sort(values)
			for _, q := range []float64{0.5, 0.9, 0.99, 0.999} {
				got, want := values[int(q*n)-1], p.Quantile(q)
				if off := (got - want).Abs(); off > want/100+10*time.Microsecond {
					t.Errorf("%s, seed %d: p%g of %d values is %v, by the formula %v", name, seed, 100*q, n, got, want)
				}
			}
		}
	}
	if a, b := oracle.Uniform(0, time.Hour), oracle.Uniform(0, time.Hour).Seeded(1); a.At(0) == b.At(0) {
		t.Error("another seed gives the same first value")
	}
	if d := (oracle.Plan{}).At(7); d != 0 {
		t.Errorf("a plan of nothing takes %v", d)
	}
}

func TestEveryRequestIsCountedOnceAndAnsweredWithItsOwnTag(t *testing.T) {
	s := start(t, oracle.Options{Log: 1000})
	c := httpClient(t, nil)
	const users, each = 8, 50
	var wait sync.WaitGroup
	for user := range users {
		wait.Go(func() {
			for i := range each {
				tag := fmt.Sprintf("%d-%d", user, i)
				status, body, err := get(t, c, s.URL()+[]string{"/a", "/b?x=1"}[i%2], tag)
				if err != nil || status != 200 || !strings.Contains(body, `"`+tag+`"`) {
					t.Errorf("%s was answered %d %q, %v", tag, status, body, err)
				}
			}
		})
	}
	wait.Wait()
	if got := s.Counts(); got["GET /a"] != users*each/2 || got["GET /b"] != users*each/2 || len(got) != 2 {
		t.Errorf("counts are %v", got)
	}
	log := s.Log()
	seen := map[string]bool{}
	for _, e := range log {
		seen[e.Tag] = true
	}
	if len(log) != users*each || len(seen) != users*each {
		t.Errorf("%d requests with %d tags were logged, not %d", len(log), len(seen), users*each)
	}
	_, body, err := get(t, c, s.URL()+"/oracle", "")
	var shown struct{ Received int64 }
	if err != nil || json.Unmarshal([]byte(body), &shown) != nil || shown.Received != users*each+1 {
		t.Errorf("/oracle shows %q, %v", body, err)
	}
}

func TestStatusesAreTheOnesAskedFor(t *testing.T) {
	s := start(t, oracle.Options{})
	c := httpClient(t, nil)
	for path, want := range map[string]int{"/status/503": 503, "/status/204": 204, "/status/999": 999, "/status/x": 400, "/plan/none": 404, "/hostile/garbage": 200} {
		if status, _, err := get(t, c, s.URL()+path, ""); err != nil || status != want {
			t.Errorf("%s: %d, %v; not %d", path, status, err, want)
		}
	}
}

func TestPlannedTimesPass(t *testing.T) {
	plan := oracle.Uniform(time.Millisecond, 20*time.Millisecond)
	s := start(t, oracle.Options{Plans: map[string]oracle.Plan{"p": plan}, Log: 100})
	c := httpClient(t, nil)
	for range 40 {
		if status, _, err := get(t, c, s.URL()+"/plan/p", ""); status != 200 || err != nil {
			t.Fatal(status, err)
		}
	}
	var late []time.Duration
	for i, e := range s.Log() {
		if e.Wanted != plan.At(int64(i)) || e.Took < e.Wanted {
			t.Errorf("request %d wanted %v and took %v; the plan says %v", i, e.Wanted, e.Took, plan.At(int64(i)))
		}
		late = append(late, e.Took-e.Wanted)
	}
	slices.Sort(late)
	t.Logf("late by %v (p50), %v (most)", late[len(late)/2], late[len(late)-1])
	// A busy machine makes some late, a mistake all.
	if late[0] > time.Millisecond {
		t.Errorf("every answer is late by %v or more", late[0])
	}
}

func TestEveryMisbehaviourIsListedAndEnds(t *testing.T) {
	s := start(t, oracle.Options{Hostile: true, Drip: time.Millisecond, Hold: 100 * time.Millisecond})
	c := httpClient(t, nil)
	_, help, err := get(t, c, s.URL()+"/", "")
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	var wait sync.WaitGroup
	for _, b := range s.Behaviours() {
		if names[b.Name] || b.What == "" || b.URL == "" || s.At(b.Name) != b.URL {
			t.Errorf("%q is listed twice, or without a word", b.Name)
		}
		names[b.Name] = true
		if !strings.Contains(help, b.URL) {
			t.Errorf("/ does not list %s", b.URL)
		}
		wait.Go(func() { endsByItself(t, s, b) })
	}
	wait.Wait()
	if s.At("nonsense") != "" {
		t.Error("a misbehaviour that does not exist has an address")
	}
}

// endsByItself sends a request on a bare socket, and expects that the server
// stops sending within a time.
func endsByItself(t *testing.T, s *oracle.Server, b oracle.Behaviour) {
	host, path, _ := strings.Cut(b.URL[strings.Index(b.URL, "://")+3:], "/")
	c, err := net.Dial("tcp", host)
	if err != nil {
		t.Errorf("%s: %v", b.Name, err)
		return
	}
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(time.Minute))
	if strings.HasPrefix(b.URL, "http://") {
		fmt.Fprintf(c, "GET /%s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", path)
	}
	if _, err := io.Copy(io.Discard, c); errors.Is(err, context.DeadlineExceeded) || isTimeout(err) {
		t.Errorf("%s goes on for ever", b.Name)
	}
}

func isTimeout(err error) bool {
	var n net.Error
	return errors.As(err, &n) && n.Timeout()
}

func TestTLSPortsAreFlawedAsTheySay(t *testing.T) {
	s := start(t, oracle.Options{Hostile: true, Drip: time.Millisecond, Hold: 2 * time.Second})
	c := httpClient(t, &tls.Config{RootCAs: s.Roots(), MinVersion: tls.VersionTLS12})
	for name, want := range map[string]string{
		"tls-good": "", "h2-good": "",
		"tls-expired":            "expired",
		"tls-future":             "not yet valid",
		"tls-name":               "any IP SANs",
		"tls-nameless":           "127.0.0.1",
		"tls-self-signed":        "unknown authority",
		"tls-purpose":            "incompatible key usage",
		"tls-sha1":               "SHA1",
		"tls-1.0":                "version",
		"tls-client-certificate": "certificate required",
		"tls-alpn":               "no application protocol",
		"tls-plain":              "server gave HTTP response to HTTPS client",
		"tls-close":              "EOF",
		"tls-reset":              "reset",
		"tls-cut-sized":          "unexpected EOF",
		"h2-reset":               "INTERNAL_ERROR",
		"h2-goaway":              "GOAWAY",
	} {
		status, _, err := get(t, c, s.At(name), "")
		switch {
		case want == "" && (err != nil || status != 200):
			t.Errorf("%s: %d, %v", name, status, err)
		case want != "" && (err == nil || !strings.Contains(err.Error(), want)):
			t.Errorf("%s: %v; no word of %q", name, err, want)
		}
	}
}

func TestCloseEndsWhatIsInTheMiddle(t *testing.T) {
	s := start(t, oracle.Options{Hostile: true, Plans: map[string]oracle.Plan{"hour": oracle.Constant(time.Hour)}})
	c := httpClient(t, nil)
	var wait sync.WaitGroup
	for _, path := range []string{"/plan/hour", "/hostile/silent", "/hostile/slow-body", "/hostile/body-endless"} {
		wait.Go(func() {
			if _, _, err := get(t, c, s.URL()+path, ""); err == nil {
				t.Errorf("%s was answered", path)
			}
		})
	}
	for deadline := time.Now().Add(time.Minute); s.Received() < 4; {
		if time.Now().After(deadline) {
			t.Fatal("the requests do not arrive")
		}
		runtime.Gosched()
	}
	began := time.Now()
	s.Close()
	if took := time.Since(began); took > 20*time.Second {
		t.Errorf("closing took %v", took)
	}
	wait.Wait()
}
