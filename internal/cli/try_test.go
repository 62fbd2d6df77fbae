package cli

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"brink/runner/oracle"
	"brink/runner/stats"
)

// said runs brink and returns what it wrote.
func said(t *testing.T, env string, args ...string) string {
	t.Helper()
	cmd := exec.Command(brinkPath(t), args...)
	cmd.Dir, cmd.Env = t.TempDir(), append(os.Environ(), env)
	out, err := cmd.CombinedOutput()
	if err == nil {
		t.Errorf("%v went well:\n%s", args, out)
	}
	return string(out)
}

// TestTrySaysItAsText shows whole requests and answers of a target that aims at
// the terminal and gives a secret back.
func TestTrySaysItAsText(t *testing.T) {
	t.Parallel()
	s := startOracle(t, oracle.Options{Hostile: true})
	file := scenarioFile(t, s.URL(), "headers: { X-Run-Seq: \"${PROOF_TOKEN}\" }\nfollow_redirects: true\ntasks:\n"+
		"  - { name: escapes, get: /hostile/escapes }\n"+
		"  - { name: escapes redirect, get: /hostile/escapes-redirect }\n"+
		"  - { name: echoed, get: /a, expect: { contains: \"${PROOF_TOKEN} and more\" } }\n"+
		"  - { name: redirected, get: /hostile/redirect-tag }\n"+
		"  - { name: posted, post: /b, body: \"${PROOF_TOKEN}\", expect: { contains: \"${PROOF_TOKEN}\" } }\n")
	out := said(t, "PROOF_TOKEN=S3cret.Host", "try", file)
	if !strings.Contains(out, `\u202ereversed`) || strings.Count(out, "***") < 8 {
		t.Errorf("it does not say what came:\n%s", out)
	}
	isText(t, out)
	if strings.Contains(strings.ToLower(out), "s3cret") {
		t.Errorf("it said the secret:\n%s", out)
	}
}

// TestCheckSaysItAsText checks a file of somebody else's that aims at the
// terminal.
func TestCheckSaysItAsText(t *testing.T) {
	t.Parallel()
	for _, line := range []string{
		"tasks: [{ get: /, \u202eevil: 1 }]",
		"tasks: [{ get: /, \"\\e[2J\\u202e\": 1 }] # \u202e",
		"tasks: [{ get: /, timeout: \"\\e]52;c;cG9pc29u\\a\" }]",
		"tasks: [{ get: /\x1b[2J }]",
	} {
		out := said(t, "", "check", scenarioFile(t, "http://127.0.0.1:1", line+"\n"))
		if !strings.Contains(out, "proof.yaml:") || !strings.Contains(out, `\x`) && !strings.Contains(out, `\u20`) {
			t.Errorf("it does not say what is wrong:\n%s", out)
		}
		isText(t, out)
	}
}

// isText looks for what is more than text.
func isText(t *testing.T, out string) {
	t.Helper()
	if i := strings.IndexFunc(out, func(r rune) bool { return r != '\n' && stats.Unsafe(r) }); i >= 0 {
		t.Errorf("it said %q", out[max(0, i-40):min(len(out), i+20)])
	}
}
