package cli

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// memory is what brink remembers of a user between runs: lines in files of a
// folder of its own. The zero value remembers nothing, as where the user has
// no home.
type memory struct{ dir string }

// memory returns the user's, in the folder that the XDG Base Directory
// Specification names.
func (p *program) memory() memory {
	if dir := p.getenv("XDG_STATE_HOME"); filepath.IsAbs(dir) {
		return memory{filepath.Join(dir, "brink")}
	}
	if home := p.getenv("HOME"); filepath.IsAbs(home) {
		return memory{filepath.Join(home, ".local", "state", "brink")}
	}
	return memory{}
}

// The files.
const (
	rememberedStart = "started" // brink was seen once
	rememberedHosts = "hosts"   // public hosts that the user said may be loaded
)

// has reports whether a line was remembered.
func (m memory) has(file, line string) bool {
	if m.dir == "" {
		return false
	}
	text, err := os.ReadFile(filepath.Join(m.dir, file))
	return err == nil && slices.Contains(strings.Split(string(text), "\n"), line)
}

// keep remembers a line. Where that cannot be, brink asks again next time.
func (m memory) keep(file, line string) {
	if m.dir == "" || m.has(file, line) || os.MkdirAll(m.dir, 0o700) != nil {
		return
	}
	f, err := os.OpenFile(filepath.Join(m.dir, file), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return
	}
	defer f.Close()
	_, _ = f.WriteString(line + "\n")
}
