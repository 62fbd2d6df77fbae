package reports

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"io"
	"regexp"
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
	_, err = w.Write(pairs.ReplaceAll(b.Bytes(), []byte("[$1, $2]")))
	return err
}

// pairs finds a bucket that was indented over four lines. Within a string of
// JSON a line never ends, so nothing else matches.
var pairs = regexp.MustCompile(`\[\n\s+(\d+),\n\s+(\d+)\n\s+\]`)
