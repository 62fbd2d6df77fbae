package reports

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"io"
	"regexp"

	"brink/runner/stats"
)

// Schema is the JSON Schema (draft 2020-12) of the JSON summary.
//
//go:embed schema.json
var Schema string

// summaryName is the JSON summary's name in a run's folder.
const summaryName = "summary.json"

// JSON writes the Result as JSON, as Schema describes it.
func JSON(w io.Writer, rec *Record) error {
	res, err := rec.Result()
	if err != nil {
		return err
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(res); err != nil {
		return err
	}
	_, err = w.Write(inert(pairs.ReplaceAll(b.Bytes(), []byte("[$1, $2]"))))
	return err
}

// inert writes characters that could change a terminal or reorder its text as
// JSON's escapes, for whoever prints the file: a reader gets the same strings.
// Those below a space are escaped already.
func inert(text []byte) []byte {
	suspect := func(r rune) bool { return r >= 0x7f && stats.Unsafe(r) }
	if bytes.IndexFunc(text, suspect) < 0 {
		return text
	}
	var b bytes.Buffer
	for _, r := range string(text) {
		if suspect(r) {
			fmt.Fprintf(&b, `\u%04x`, r)
		} else {
			b.WriteRune(r)
		}
	}
	return b.Bytes()
}

// pairs finds a bucket that was indented over four lines. Within a string of
// JSON a line never ends, so nothing else matches.
var pairs = regexp.MustCompile(`\[\n\s+(\d+),\n\s+(\d+)\n\s+\]`)
