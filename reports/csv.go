package reports

import (
	"bufio"
	"io"
	"strconv"
	"strings"
	"time"

	"brink/runner/stats"
)

// table writes comma-separated values as Python's csv module does by default,
// and with it Locust: CRLF line ends, quotes only where they are needed.
type table struct {
	w   *bufio.Writer
	row []byte
	err error
}

func newTable(w io.Writer, header ...string) *table {
	t := &table{w: bufio.NewWriter(w)}
	t.write(header...)
	return t
}

// write writes one row. An error shows in close.
func (t *table) write(cells ...string) {
	t.row = t.row[:0]
	for i, c := range cells {
		if i > 0 {
			t.row = append(t.row, ',')
		}
		if strings.ContainsAny(c, ",\"\r\n") {
			c = `"` + strings.ReplaceAll(c, `"`, `""`) + `"`
		}
		t.row = append(t.row, c...)
	}
	t.row = append(t.row, '\r', '\n')
	if _, err := t.w.Write(t.row); t.err == nil {
		t.err = err
	}
}

func (t *table) close() error {
	if err := t.w.Flush(); t.err == nil {
		t.err = err
	}
	return t.err
}

// text makes a cell of text that may come from a target. Control characters
// become visible escapes; text that a spreadsheet would run as a formula gets
// an apostrophe before it, as OWASP advises
// (https://owasp.org/www-community/attacks/CSV_Injection). Usual names of
// routes stay as they are.
func text(s string) string {
	s = stats.Clean(s, maxCell)
	if s != "" && strings.ContainsRune("=+-@＝＋－＠", firstRune(s)) {
		return "'" + s
	}
	return s
}

// maxCell bounds a cell, in characters.
const maxCell = 2000

func firstRune(s string) rune {
	for _, r := range s {
		return r
	}
	return 0
}

// millis writes a time in milliseconds with up to three decimals, and none
// where there is nothing behind the point: "12", "0.315".
func millis(d time.Duration) string {
	us := d.Round(time.Microsecond).Microseconds()
	return strconv.FormatFloat(float64(us)/1e3, 'f', -1, 64)
}

// python writes a number as Python prints a float: shortest digits that read
// back the same, and always with a point.
func python(v float64) string {
	s := strconv.FormatFloat(v, 'f', -1, 64)
	if !strings.Contains(s, ".") {
		s += ".0"
	}
	return s
}

// orZero is python for what Locust begins with a whole 0 and overwrites with the
// first request that has more.
func orZero(v float64) string {
	if v == 0 {
		return "0"
	}
	return python(v)
}

// milliseconds returns d in milliseconds, not rounded.
func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// percents names percentiles: "50%", "99.9%".
func percents(ranks []float64) []string {
	names := make([]string, len(ranks))
	for i, p := range ranks {
		names[i] = decimal(p) + "%"
	}
	return names
}

func decimal(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }

func count(n int64) string { return strconv.FormatInt(n, 10) }
