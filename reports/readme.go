package reports

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// The markers between which UpdateReadme writes.
const (
	readmeBegin = "<!-- brink:begin -->"
	readmeEnd   = "<!-- brink:end -->"
)

// UpdateReadme writes the table of results between two markers of a Markdown
// file, <!-- brink:begin --> and <!-- brink:end -->, and leaves all else as it
// is. It fails, and changes nothing, where they are not there once each, in
// this order.
func UpdateReadme(path string, rec *Record) error {
	old, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	res, err := rec.Result()
	if err != nil {
		return err
	}
	text, err := between(old, readmeTable(res))
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	// A link is followed: its file is changed, not the link replaced.
	if path, err = filepath.EvalSymlinks(path); err != nil {
		return err
	}
	return saveMode(path, true, info.Mode().Perm(), func(w io.Writer) error {
		_, err := w.Write(text)
		return err
	})
}

// between replaces what stands between the markers.
func between(old []byte, table string) ([]byte, error) {
	if bytes.Count(old, []byte(readmeBegin)) != 1 || bytes.Count(old, []byte(readmeEnd)) != 1 {
		return nil, fmt.Errorf("it needs the two lines %s and %s once each, where the table is to stand", readmeBegin, readmeEnd)
	}
	begin := bytes.Index(old, []byte(readmeBegin)) + len(readmeBegin)
	end := bytes.Index(old, []byte(readmeEnd))
	if end < begin {
		return nil, errors.New("the end marker stands before the begin marker")
	}
	newline := "\n"
	if bytes.Contains(old, []byte("\r\n")) {
		newline = "\r\n"
	}
	table = strings.ReplaceAll("\n"+table+"\n", "\n", newline)
	return bytes.Join([][]byte{old[:begin], []byte(table), old[end:]}, nil), nil
}

func readmeTable(res *Result) string {
	var b strings.Builder
	b.WriteString("\n")
	markdownRoutes(&b, res)
	run := &res.Run
	fmt.Fprintf(&b, "*%s → %s, %s, %s, %d users at most, verdict %s; brink %s*\n", md(run.Scenario), md(run.Target),
		run.Started.UTC().Format("2006-01-02"), clock(run.Duration), run.PeakUsers, res.Verdict.Grade, md(run.Version))
	return b.String()
}
