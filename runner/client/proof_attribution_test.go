package client_test

import (
	"bytes"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"brink/runner/client"
	"brink/runner/oracle"
)

// TestNoResponseIsAttributedToAnotherRequest has many users send tagged
// requests, plain and over TLS, to routes that wait, close the connection, or
// send stray responses, and looks for each answer's tag.
func TestNoResponseIsAttributedToAnotherRequest(t *testing.T) {
	s, err := oracle.Start("", oracle.Options{Hostile: true, Plans: map[string]oracle.Plan{
		"spread": oracle.Uniform(0, 4*time.Millisecond),
	}})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	const users, each = 40, 50
	secure := strings.TrimSuffix(s.At("tls-good"), "/")
	var answered, asked atomic.Int64
	var wait sync.WaitGroup
	for user := range users {
		wait.Go(func() {
			c := client.Client(client.NewRaw(hostileOptions(t, s)))
			if user%4 == 3 {
				c = client.NewStd(hostileOptions(t, s), "")
			}
			defer c.Close()
			base := s.URL()
			if user%2 == 0 {
				base = secure
			}
			paths := []string{"/plan/spread", "/a", "/hostile/close-idle", "/plan/spread", "/hostile/extra-response", "/a", "/hostile/close-reused"}
			for i := range each {
				tag := fmt.Sprintf("%d-%d-%s", user, i, strings.Repeat("x", i*20))
				resp, sample := do(t, fmt.Sprintf("user %d", user), c, requestFor(t, base+paths[i%len(paths)], tag))
				asked.Add(1)
				if sample.Failure.Failed() {
					continue
				}
				answered.Add(1)
				if !bytes.Contains(resp.Head, []byte("X-Run-Seq: "+tag+"\r\n")) {
					t.Errorf("request %.10s… was given %.200q", tag, resp.Head)
				}
			}
		})
	}
	wait.Wait()
	t.Logf("%d requests, %d answered, each with its own answer", asked.Load(), answered.Load())
	// Those that fail are the raw client's stray responses.
	if answered.Load() < asked.Load()*3/4 {
		t.Errorf("only %d of %d requests were answered", answered.Load(), asked.Load())
	}
}
