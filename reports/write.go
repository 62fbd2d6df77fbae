package reports

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
)

// Reporter writes one report of a record.
type Reporter func(w io.Writer, rec *Record) error

// Output says where Write puts the files.
type Output struct {
	// Dir is the folder; empty: the record's.
	Dir string
	// CSVPrefix is Locust's --csv: the CSV files go to CSVPrefix_stats.csv
	// and so on instead. Its folder is made.
	CSVPrefix string
	// Existing says what to do with files that are there already.
	Existing Existing
	// Only names the files to write, as in a run's folder; empty: all.
	Only []string
}

// Existing is what Write does with a file that is there already.
type Existing uint8

// The ways. Nothing is overwritten unless it was asked for.
const (
	Refuse  Existing = iota // an error names it
	Keep                    // it is left as it is
	Replace                 // it is overwritten
)

// file is one of the files that Write makes.
type file struct {
	name   string // in the folder
	suffix string // after CSVPrefix; empty: not a CSV
	write  Reporter
}

// files are all files, the most asked for first. In a run's folder Locust's
// four have the prefix "run", so that a reader that is given a prefix, or looks
// for *_stats.csv, finds them.
var files = []file{
	{"run_stats.csv", "_stats.csv", Stats},
	{"run_stats_history.csv", "_stats_history.csv", History},
	{"run_failures.csv", "_failures.csv", Failures},
	{"run_exceptions.csv", "_exceptions.csv", Exceptions},
	{"levels.csv", "_levels.csv", Levels},
	{"events.csv", "_events.csv", Events},
	{"seconds.csv", "_seconds.csv", Seconds},
	{"report.html", "", HTML},
	{summaryName, "", JSON},
	{"summary.md", "", Markdown},
	{"junit.xml", "", JUnit},
	{"latency.hlog", "", Hlog},
	{replayName, "", Replay},
}

// path returns where the file goes.
func (o Output) path(f file) string {
	if f.suffix != "" && o.CSVPrefix != "" {
		return o.CSVPrefix + f.suffix
	}
	return filepath.Join(o.Dir, f.name)
}

// Check fails where Write would: a file is there already, or a folder cannot be
// made or written. It is asked before any load is made.
func (o Output) Check() error {
	var problems []error
	seen := map[string]bool{}
	for _, f := range files {
		path := o.path(f)
		if o.Existing == Refuse && exists(path) {
			problems = append(problems, taken(path))
		}
		if dir := filepath.Dir(path); !seen[dir] {
			seen[dir] = true
			problems = append(problems, tryFolder(dir))
		}
	}
	return errors.Join(problems...)
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

// tryFolder makes a folder and writes a file in it for a moment.
func tryFolder(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(dir, ".brink.*.tmp")
	if err != nil {
		return err
	}
	return errors.Join(f.Close(), os.Remove(f.Name()))
}

// Write makes all reports of a record and returns the paths of those that were
// written. A file that cannot be written does not keep the others from being
// written; the error names each.
func Write(rec *Record, o Output) (paths []string, err error) {
	if o.Dir == "" {
		o.Dir = rec.Dir
	}
	problems := make([]error, len(files))
	written := make([]bool, len(files))
	var all sync.WaitGroup
	free := make(chan struct{}, runtime.GOMAXPROCS(0))
	for i, f := range files {
		path := o.path(f)
		if o.Existing == Keep && exists(path) || len(o.Only) > 0 && !slices.Contains(o.Only, f.name) {
			continue
		}
		free <- struct{}{}
		all.Go(func() {
			defer func() { <-free }()
			err := saveFile(path, o.Existing == Replace, func(w io.Writer) error { return f.write(w, rec) })
			if written[i] = err == nil; !written[i] && !errors.Is(err, errNothing) {
				problems[i] = fmt.Errorf("%s: %w", f.name, err)
			}
		})
	}
	all.Wait()
	for i, f := range files {
		if written[i] {
			paths = append(paths, o.path(f))
		}
	}
	problems = slices.DeleteFunc(problems, func(err error) bool { return err == nil })
	if len(paths) == 0 && len(problems) > 1 { // one cause for all, most likely
		return nil, fmt.Errorf("%w; nor could any other report be written", problems[0])
	}
	return paths, errors.Join(problems...)
}
