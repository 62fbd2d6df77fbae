package reports

import (
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// Unfinished returns the records in the folders of results that have no ending
// and no reports, and that no running brink writes to: runs that crashed. They
// come in the order of their folders' names.
func Unfinished(results string) ([]*Record, error) {
	journals, err := filepath.Glob(filepath.Join(escapeGlob(results), "*", JournalName))
	if err != nil {
		return nil, err
	}
	var out []*Record
	for _, path := range journals {
		dir := filepath.Dir(path)
		// Those with reports are left alone without reading them.
		if _, err := os.Stat(filepath.Join(dir, summaryName)); err == nil {
			continue
		}
		if running(path) {
			continue
		}
		rec, err := Open(path)
		if err == nil && rec.Ending == nil && rec.Seconds > 0 {
			out = append(out, rec)
		}
	}
	return out, nil
}

// Latest returns the folder of the run in results that was written to last.
func Latest(results string) (string, error) {
	journals, err := filepath.Glob(filepath.Join(escapeGlob(results), "*", JournalName))
	if err != nil {
		return "", err
	}
	var latest string
	var when time.Time
	for _, path := range journals {
		if info, err := os.Stat(path); err == nil && info.ModTime().After(when) {
			latest, when = filepath.Dir(path), info.ModTime()
		}
	}
	if latest == "" {
		return "", fmt.Errorf("%s holds the record of no run", results)
	}
	return latest, nil
}

// escapeGlob takes the meaning from characters that Glob would expand.
func escapeGlob(path string) string {
	var b []byte
	for i := range len(path) {
		if c := path[i]; c == '*' || c == '?' || c == '[' || c == '\\' {
			b = append(b, '\\')
		}
		b = append(b, path[i])
	}
	return string(b)
}

// running reports whether a process holds the journal's lock.
func running(path string) bool {
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close() // gives the lock back
	return locked(f)
}
