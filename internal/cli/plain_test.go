//go:build linux

package cli

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"brink/runner/oracle"
)

// TestPlainTerminals runs brink on terminals that take no colour, or nothing but
// text, and looks at the bytes.
func TestPlainTerminals(t *testing.T) {
	t.Parallel()
	needs(t, "script")
	s := startOracle(t, oracle.Options{})
	coloured := regexp.MustCompile(`\x1b\[[\d;:]*m`)
	for env, refused := range map[string]*regexp.Regexp{
		"NO_COLOR=1": regexp.MustCompile(`\x1b\[([\d;:]*[;:])?([349][0-7]|10[0-7]|[34]8)([;:][\d;:]*)?m`),
		"TERM=dumb":  regexp.MustCompile(`\x1b`),
	} {
		dir := t.TempDir()
		log := filepath.Join(dir, "typescript")
		tm := open(t, dir, 100, 30, "script", "-qefc", strings.Join([]string{
			"env", env, brinkPath(t), scenarioFile(t, s.URL(), calm), "-u", "2", "-t", "2s", "--accept-invalid", "--out", dir + "/out"}, " "), log)
		dumb := env == "TERM=dumb"
		if !dumb {
			tm.sees("finished")
			tm.press("q")
		}
		if code := tm.ends(); code != 0 {
			t.Errorf("%s: exit code %d; the screen shows\n%s", env, code, tm.screen)
		}
		written, err := os.ReadFile(log)
		if err != nil {
			t.Fatal(err)
		}
		if at := refused.FindIndex(written); at != nil {
			t.Errorf("%s: %q was written", env, written[max(0, at[0]-40):min(len(written), at[1]+40)])
		}
		if !dumb && !coloured.Match(written) || len(written) < 200 {
			t.Errorf("%s: only %d bytes, and no screen in them", env, len(written))
		}
	}
}
