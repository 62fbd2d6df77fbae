package client_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"fmt"
	"net/url"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"brink/runner/client"
	"brink/runner/oracle"
	"brink/runner/stats"
)

// classes are those that are right for one client. A second one is there where
// it depends on what the network delivers first.
type classes []stats.Class

// matrix says, for every way in which a server can misbehave, what each client
// makes of it. Where they differ, net/http is the more lenient one.
var matrix = map[string]struct{ raw, std classes }{
	"silent": both(stats.TimedOut), "slow-head": both(stats.TimedOut), "slow-body": both(stats.TimedOut),
	"stall-head": both(stats.TimedOut), "stall-body": both(stats.TimedOut), "unread": both(stats.SendTimeout),
	"early": both(stats.OK),
	// The answer may be lost with the connection, as between any two machines.
	"early-close": both(stats.OK, stats.WriteFailed, stats.Reset, stats.ConnClosed),

	"close-request": both(stats.ConnClosed), "close-head": {raw: classes{stats.ConnClosed}, std: classes{stats.Malformed}}, "close-body": both(stats.ConnClosed),
	"half-close-body": both(stats.ConnClosed), "half-close-chunk": both(stats.ConnClosed),
	"reset-request": both(stats.Reset), "reset-body": both(stats.Reset),
	"close-idle": both(stats.OK), "reset-idle": both(stats.OK), "close-reused": both(stats.OK), "close-each": both(stats.OK),

	"garbage": both(stats.Malformed), "http09": both(stats.Malformed), "version": {raw: classes{stats.Malformed}, std: classes{stats.OK}},
	"status-letters": both(stats.Malformed), "status-000": both(stats.Malformed),
	"status-999": both(stats.OK), "status-short": both(stats.Malformed), "status-none": both(stats.Malformed),
	"reason-none": both(stats.OK), "status-line-endless": both(stats.TooLarge),

	"head-8k": both(stats.OK), "head-16m": both(stats.TooLarge), "head-endless": both(stats.TooLarge),
	"cookies":   both(stats.OK),
	"head-fold": {raw: classes{stats.Malformed}, std: classes{stats.OK}},
	"head-nul":  both(stats.Malformed), "head-cr": both(stats.TimedOut), "head-lf": both(stats.OK),
	"head-space": {raw: classes{stats.Malformed}, std: classes{stats.TimedOut}}, "head-nameless": both(stats.Malformed),

	"length-twice": both(stats.OK), "length-conflict": both(stats.Malformed), "length-list": both(stats.Malformed),
	"length-negative": both(stats.Malformed), "length-signed": both(stats.Malformed), "length-hex": both(stats.Malformed),
	"length-overflow": both(stats.Malformed), "length-huge": {raw: classes{stats.Malformed}, std: classes{stats.TooLarge}},
	"length-and-chunked": {raw: classes{stats.Malformed}, std: classes{stats.OK}},
	"chunked-twice":      both(stats.Malformed), "chunked-merged": both(stats.Malformed),
	"chunked-1.0":   {raw: classes{stats.Malformed}, std: classes{stats.TimedOut}},
	"transfer-gzip": both(stats.Malformed), "chunk-size": both(stats.Malformed), "chunk-negative": both(stats.Malformed),
	"chunk-huge": {raw: classes{stats.Malformed}, std: classes{stats.TooLarge}}, "chunk-end": both(stats.Malformed),
	"chunk-extension": both(stats.OK), "chunk-extension-endless": both(stats.Malformed), "chunk-tiny": both(stats.Malformed),
	"trailer": both(stats.OK), "trailer-bad": both(stats.Malformed),
	"trailer-endless": {raw: classes{stats.TooLarge}, std: classes{stats.Malformed}}, "body-endless": both(stats.TooLarge), "body-endless-close": both(stats.TooLarge),

	"extra-response": {raw: classes{stats.Malformed}, std: classes{stats.OK}},
	"extra-chunk":    {raw: classes{stats.Malformed}, std: classes{stats.OK}},
	"extra-later":    both(stats.OK, stats.Malformed),
	"body-204":       {raw: classes{stats.Malformed}, std: classes{stats.OK}},
	"body-304":       {raw: classes{stats.Malformed}, std: classes{stats.OK}},
	"body-head":      {raw: classes{stats.Malformed}, std: classes{stats.OK}},

	"continue": both(stats.OK), "interim": both(stats.OK), "interim-endless": both(stats.Malformed),
	"continue-only": both(stats.TimedOut), "switch": both(stats.Malformed),
	"expect": both(stats.OK), "expect-ignored": both(stats.OK), "expect-refused": both(stats.OK),

	"gzip": both(stats.OK), "gzip-twice": both(stats.OK), "gzip-deep": both(stats.Malformed), "gzip-broken": both(stats.Malformed), "gzip-cut": both(stats.Malformed),
	"gzip-behind": both(stats.Malformed), "br-broken": both(stats.Malformed), "zstd-broken": both(stats.Malformed),
	"deflate-broken": both(stats.Malformed), "coding-unknown": both(stats.Malformed), "gzip-bomb": both(stats.TooLarge),

	"redirect-loop": both(stats.RedirectRefused), "redirect-growing": both(stats.RedirectRefused),
	"redirect-away": both(stats.RedirectRefused), "redirect-schemeless": both(stats.RedirectRefused),
	"redirect-credentials": both(stats.RedirectRefused), "redirect-metadata": both(stats.RedirectRefused),
	"redirect-tag": both(stats.RedirectRefused), "redirect-long": both(stats.RedirectRefused),
	"redirect-https": both(stats.RedirectRefused, stats.TLSFailed), "redirect-file": both(stats.RedirectRefused),
	"redirect-unix": both(stats.RedirectRefused), "redirect-script": both(stats.RedirectRefused),
	"redirect-nowhere": both(stats.OK), "redirect-none": both(stats.OK), "redirect-garbage": both(stats.RedirectRefused),

	"sse-comments": both(stats.OK), "sse-split": both(stats.OK), "sse-no-done": both(stats.OK), "sse-cut": both(stats.ConnClosed),
	"sse-error": both(stats.OK), "sse-large": both(stats.TooLarge), "json-lists": both(stats.TooLarge),
	"escapes": both(stats.OK), "escapes-redirect": both(stats.RedirectRefused),

	"tls-good": both(stats.OK), "tls-expired": both(stats.TLSFailed), "tls-future": both(stats.TLSFailed),
	"tls-name": both(stats.TLSFailed), "tls-nameless": both(stats.TLSFailed), "tls-self-signed": both(stats.TLSFailed),
	"tls-unknown": both(stats.TLSFailed), "tls-purpose": both(stats.TLSFailed), "tls-sha1": both(stats.TLSFailed), "tls-1.0": both(stats.TLSFailed),
	"tls-client-certificate": both(stats.TLSFailed), "tls-alpn": both(stats.TLSFailed), "tls-plain": both(stats.TLSFailed),
	"tls-garbage": both(stats.TLSFailed), "tls-silent": both(stats.ConnectTimeout), "tls-close": both(stats.TLSFailed),
	"tls-reset": both(stats.TLSFailed), "tls-cut-sized": both(stats.ConnClosed),
	// crypto/tls takes the end of the stream at a record's end for its close.
	"tls-cut": both(stats.OK),

	// The raw client offers HTTP/1.1 alone; these servers speak HTTP/2 anyway.
	"h2-good": h2(stats.OK), "h2-goaway": h2(stats.ConnClosed), "h2-reset": h2(stats.Reset), "h2-reset-body": h2(stats.Reset),
	"h2-settings-flood": h2(stats.TimedOut, stats.SendTimeout), "h2-ping-flood": h2(stats.TimedOut, stats.SendTimeout), "h2-zero-window": h2(stats.SendTimeout),
	"h2-continuation-flood": h2(stats.TooLarge, stats.Malformed), "h2-push": h2(stats.Malformed), "h2-overrun": h2(stats.TooLarge, stats.TimedOut),
	"h2-other-stream": h2(stats.Malformed), "h2-garbage": h2(stats.Malformed), "h2-silent": h2(stats.TimedOut),
	"h2-table-bomb": h2(stats.TooLarge), "h2-status-none": h2(stats.Malformed), "h2-interim-many": h2(stats.Malformed),
	"h2-length-short": h2(stats.ConnClosed), "h2-length-long": h2(stats.Malformed), "h2-data-first": h2(stats.Malformed),
}

func both(c ...stats.Class) struct{ raw, std classes } { return struct{ raw, std classes }{c, c} }

func h2(c ...stats.Class) struct{ raw, std classes } {
	return struct{ raw, std classes }{classes{stats.Malformed}, c}
}

// The timeouts of the requests in the matrix: where a timeout is right it is
// short, and all wait at the same time; otherwise a busy machine is given time.
const (
	brief   = 500 * time.Millisecond
	patient = time.Minute
)

// large is a body that fills every buffer on the way; one for all, or the test
// would take more memory than what it tests.
var large = make([]byte, 16<<20)

func (c classes) timeout() time.Duration {
	if slices.ContainsFunc(c, stats.Class.Timeout) {
		return brief
	}
	return patient
}

// TestHostileServerMatrix sends requests to a server that misbehaves in every
// way: each ends in time and in the right class, with a sentence that has no
// control characters; the next request of the same client gets its own answer;
// memory stays bounded, and no goroutine or descriptor is left.
func TestHostileServerMatrix(t *testing.T) {
	before := openFiles(t)
	ignore := goleak.IgnoreCurrent()
	s, err := oracle.Start("", oracle.Options{Hostile: true, Drip: 20 * time.Millisecond, Hold: 20 * time.Second,
		Plans: map[string]oracle.Plan{"while": oracle.Constant(300 * time.Millisecond)}})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	peak := watchMemory(t)
	listed := map[string]bool{}
	var wait sync.WaitGroup
	turns := make(chan struct{}, 4) // of those who need the processor
	for _, b := range s.Behaviours() {
		listed[b.Name] = true
		want, known := matrix[b.Name]
		if !known {
			t.Errorf("%s: nobody says what is right", b.Name)
			continue
		}
		for _, c := range []struct {
			name string
			new  func(*client.Options) client.Client
			want classes
		}{
			{"raw", func(o *client.Options) client.Client { return client.NewRaw(o) }, want.raw},
			{"std", func(o *client.Options) client.Client { return client.NewStd(o, "") }, want.std},
		} {
			wait.Go(func() {
				if c.want.timeout() == patient {
					turns <- struct{}{}
					defer func() { <-turns }()
				}
				meet(t, s, b, c.name, c.new(hostileOptions(t, s)), c.want)
			})
		}
	}
	wait.Wait()
	for name := range matrix {
		if !listed[name] {
			t.Errorf("the oracle does not know %s", name)
		}
	}
	s.Close()
	if most := peak(); most > 256<<20 {
		t.Errorf("the heap grew to %d MB", most>>20)
	} else {
		t.Logf("%d misbehaviours, two clients; the heap, the server's included, never exceeded %d MB", len(listed), most>>20)
	}
	goleak.VerifyNone(t, ignore)
	for deadline := time.Now().Add(time.Minute); openFiles(t) > before; runtime.Gosched() {
		if time.Now().After(deadline) {
			t.Fatalf("%d descriptors were open before, %d are now", before, openFiles(t))
		}
	}
}

func hostileOptions(t *testing.T, s *oracle.Server) *client.Options {
	rules, err := client.NewRules([]string{"127.0.0.1"}, false)
	if err != nil {
		t.Fatal(err)
	}
	return &client.Options{Allow: rules, MaxBody: 8 << 20, MaxKept: 2 << 20, TLS: &tls.Config{RootCAs: s.Roots(), MinVersion: tls.VersionTLS12}}
}

// meet sends a client to a misbehaviour twice, and after each to a well-behaved
// route of the same server.
func meet(t *testing.T, s *oracle.Server, b oracle.Behaviour, kind string, c client.Client, want classes) {
	defer c.Close()
	for i := range 2 {
		who := fmt.Sprintf("%s, %s client, time %d", b.Name, kind, i+1)
		req := requestFor(t, b.URL, b.Name)
		req.Timeout = want.timeout()
		switch b.Name {
		case "unread", "early", "early-close", "h2-zero-window":
			req.Method, req.Body = "POST", large
		case "expect", "expect-ignored", "expect-refused":
			req.Method, req.Body = "POST", []byte("body")
			req.Header = append(req.Header, "Expect: 100-continue\r\n"...)
		case "body-head":
			req.Method = "HEAD"
		}
		resp, sample := do(t, who, c, req)
		// On a busy machine the time may be over before the server gets to the point.
		for strings.HasPrefix(sample.Failure.Text, "timed out") && !slices.Contains(want, sample.Failure.Class) && req.Timeout < 10*time.Second {
			req.Timeout *= 4
			resp, sample = do(t, who, c, req)
		}
		if !slices.Contains(want, sample.Failure.Class) {
			t.Errorf("%s: %q: %s; wanted %v; status %d, body %.40q", who, sample.Failure.Class, sample.Failure.Text, want, sample.Status, resp.Body)
		}
		if (sample.Failure.Text == "") != (sample.Failure.Class == stats.OK) {
			t.Errorf("%s: class %q with the text %q", who, sample.Failure.Class, sample.Failure.Text)
		}
		if bytes.Contains(resp.Head, []byte("X-Run-Seq: poison")) {
			t.Errorf("%s was given a response that nobody asked for: %s %s", who, resp.Head, resp.Body)
		}
		if strings.HasPrefix(b.Name, "extra-") {
			// The stray response comes a moment later; this request takes longer.
			other := client.NewRaw(hostileOptions(t, s))
			do(t, "another client", other, requestFor(t, s.URL()+"/plan/while", "other"))
			other.Close()
		}
		tag := fmt.Sprintf("after-%s-%d", b.Name, i)
		resp, sample = do(t, who, c, requestFor(t, s.URL()+"/after", tag))
		if sample.Failure.Failed() || !bytes.Contains(resp.Body, []byte(`"`+tag+`"`)) {
			t.Errorf("%s: the next request failed or got another's answer: %v, %q", who, sample.Failure, resp.Body)
		}
	}
}

func requestFor(t *testing.T, address, tag string) *client.Request {
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	origin, err := client.NewOrigin(u.Scheme, u.Host, "")
	if err != nil {
		t.Fatal(err)
	}
	return &client.Request{
		Method: "GET", Origin: origin, Path: []byte(u.RequestURI()), Header: []byte("X-Run-Seq: " + tag + "\r\n"),
		Timeout: patient, Redirects: 5, KeepBody: true,
	}
}

// do performs a request and holds its time against its timeout.
func do(t *testing.T, who string, c client.Client, req *client.Request) (*client.Response, *stats.Sample) {
	t.Helper()
	var resp client.Response
	var s stats.Sample
	began := time.Now()
	c.Do(context.Background(), req, &resp, &s)
	if took := time.Since(began); took > req.Timeout+10*time.Second {
		t.Errorf("%s: it took %v, the timeout is %v: %v", who, took, req.Timeout, s.Failure)
	}
	if strings.ContainsFunc(s.Failure.Text, stats.Unsafe) {
		t.Errorf("%s: control characters in %q", who, s.Failure.Text)
	}
	return &resp, &s
}

// watchMemory samples the heap until the returned function is called, which
// gives its largest size.
func watchMemory(t *testing.T) func() uint64 {
	runtime.GC()
	var most atomic.Uint64
	done := make(chan struct{})
	var wait sync.WaitGroup
	wait.Go(func() {
		tick := time.NewTicker(5 * time.Millisecond)
		defer tick.Stop()
		var m runtime.MemStats
		for {
			runtime.ReadMemStats(&m)
			most.Store(max(most.Load(), m.HeapAlloc))
			select {
			case <-done:
				return
			case <-tick.C:
			}
		}
	})
	stop := sync.OnceValue(func() uint64 {
		close(done)
		wait.Wait()
		return most.Load()
	})
	t.Cleanup(func() { stop() })
	return stop
}

// openFiles counts this process's descriptors; 0 where the system does not
// tell.
func openFiles(t *testing.T) int {
	t.Helper()
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return 0
	}
	return len(entries)
}
