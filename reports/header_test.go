package reports

import (
	"strings"
	"testing"

	"brink/scenarios"
)

// TestHeaderHidesSecrets wants values that came from the environment, and
// passwords, nowhere in a header.
func TestHeaderHidesSecrets(t *testing.T) {
	src := `
name: Secret
target: http://user:pass-word@127.0.0.1:8000/${TOKEN}
headers: { Authorization: "Bearer ${TOKEN}" }
tasks:
  - get: /health
`
	env := func(name string) (string, bool) { return "t0k3n-value", name == "TOKEN" }
	s, err := scenarios.Parse("secret.yaml", []byte(src), scenarios.Options{Env: env})
	if err != nil {
		t.Fatal(err)
	}
	text, err := jsonBody(NewHeader(s))(nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{"t0k3n-value", "pass-word"} {
		if strings.Contains(string(text), secret) {
			t.Errorf("the header has %q: %s", secret, text)
		}
	}
}
