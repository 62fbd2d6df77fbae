package scenarios

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"
)

// maxRow is the longest row of a data file, in bytes.
const maxRow = 1 << 20

// rows reads a file row by row through one buffer that holds no more than the
// longest row.
type rows struct {
	src    io.ReaderAt
	size   int64
	quoted bool // .csv: a row goes on while a quote is open

	buf  []byte
	have []byte // of buf, not yet given out
	next int64  // where the file is read next

	offset int64 // of the row given out last
	line   int   // where that row begins, from 1
	lines  int   // lines given out
}

func newRows(src io.ReaderAt, size int64, quoted bool) *rows {
	return &rows{src: src, size: size, quoted: quoted}
}

// seek goes to where a row begins.
func (r *rows) seek(offset int64, lines int) {
	r.have, r.next, r.lines = nil, offset, lines
}

// row returns the next row that is not blank, without its line end, valid
// until the next call; io.EOF after the last.
func (r *rows) row() ([]byte, error) {
	for {
		row, err := r.logical()
		if err != nil || len(bytes.Trim(row, " \t\r\n\v\f")) > 0 {
			return row, err
		}
	}
}

// logical returns the next row, blank or not.
func (r *rows) logical() ([]byte, error) {
	end, searched, quotes, lines := -1, 0, 0, 0
	for end < 0 {
		i := bytes.IndexByte(r.have[searched:], '\n')
		switch {
		case i >= 0:
			lines++
			if r.quoted {
				quotes += bytes.Count(r.have[searched:searched+i], []byte{'"'})
			}
			searched += i + 1
			if quotes%2 == 0 {
				end = searched
			}
		case r.next < r.size && len(r.have) <= maxRow:
			if err := r.fill(); err != nil {
				return nil, err
			}
		case len(r.have) > maxRow:
			if quotes%2 == 1 {
				return nil, r.broken("a quote is never closed")
			}
			return nil, r.broken("the row is longer than %d bytes", maxRow)
		case len(r.have) == 0:
			return nil, io.EOF
		default:
			if r.quoted && (quotes+bytes.Count(r.have[searched:], []byte{'"'}))%2 == 1 {
				return nil, r.broken("a quote is never closed")
			}
			end = len(r.have)
			lines++
		}
		if end > maxRow {
			return nil, r.broken("the row is longer than %d bytes", maxRow)
		}
	}
	r.offset = r.next - int64(len(r.have))
	r.line = r.lines + 1
	r.lines += lines
	row := r.have[:end]
	r.have = r.have[end:]
	if r.offset == 0 {
		row = bytes.TrimPrefix(row, []byte("\ufeff"))
	}
	row = bytes.TrimSuffix(row, []byte{'\n'})
	return bytes.TrimSuffix(row, []byte{'\r'}), nil
}

func (r *rows) broken(format string, args ...any) error {
	return &rowError{r.lines + 1, fmt.Sprintf(format, args...)}
}

// fill reads on behind what is at hand.
func (r *rows) fill() error {
	const block = 64 << 10
	if cap(r.buf) < len(r.have)+block {
		grown := make([]byte, 0, 2*len(r.have)+block)
		r.buf = grown[:copy(grown[:cap(grown)], r.have)]
	} else {
		r.buf = r.buf[:copy(r.buf[:cap(r.buf)], r.have)]
	}
	want := min(int64(block), r.size-r.next)
	n, err := r.src.ReadAt(r.buf[len(r.buf):len(r.buf)+int(want)], r.next)
	if int64(n) < want {
		if err == nil || errors.Is(err, io.EOF) {
			err = errors.New("the file became shorter while it was read")
		}
		return err
	}
	r.buf = r.buf[:len(r.buf)+n]
	r.have, r.next = r.buf, r.next+int64(n)
	return nil
}

// rowError is something wrong with a row of a data file.
type rowError struct {
	line    int
	message string
}

func (e *rowError) Error() string { return fmt.Sprintf("line %d: %s", e.line, e.message) }

// span is a part of a row's bytes.
type span struct{ from, to int }

// splitCSV cuts a row into fields as RFC 4180 has it. Quoted fields are
// unquoted within row, which is changed. message says what is wrong with it.
func splitCSV(row []byte, fields []span) (_ []span, message string) {
	fields = fields[:0]
	for i := 0; ; {
		if i < len(row) && row[i] == '"' {
			from, w := i+1, i+1
			i++
			for {
				if i >= len(row) {
					return fields, "a quote is never closed"
				}
				if row[i] != '"' {
					row[w] = row[i]
				} else if i+1 < len(row) && row[i+1] == '"' {
					row[w] = '"'
					i++
				} else {
					break
				}
				i, w = i+1, w+1
			}
			i++
			fields = append(fields, span{from, w})
			if i < len(row) && row[i] != ',' {
				return fields, "there is text behind a closing quote"
			}
		} else {
			from := i
			for i < len(row) && row[i] != ',' {
				if row[i] == '"' {
					return fields, `a quote within a field; put the field into quotes and write "" for each quote in it`
				}
				i++
			}
			fields = append(fields, span{from, i})
		}
		if i >= len(row) {
			return fields, ""
		}
		i++ // the comma
	}
}

// checkCSV says what is wrong with a row that has to have n fields.
func checkCSV(row []byte, fields []span, n int) (_ []span, message string) {
	if !utf8.Valid(row) {
		return fields, "it is not UTF-8 text"
	}
	fields, message = splitCSV(row, fields)
	if message == "" && len(fields) != n {
		noun := "fields"
		if len(fields) == 1 {
			noun = "field"
		}
		message = fmt.Sprintf("it has %d %s, the first line has %d", len(fields), noun, n)
	}
	return fields, message
}
