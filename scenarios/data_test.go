package scenarios

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
)

// feeding returns a scenario that sends a row's columns a and b, of a data
// file with this text.
func feeding(t testing.TB, name, text, order string) *Scenario {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	src := fmt.Sprintf("target: http://127.0.0.1:1\ndata: { rows: { file: %s, order: %s } }\ntasks: [{ post: /, body: \"{{ rows.a }}|{{ rows.b }}\" }]\n", name, order)
	s, err := Parse(filepath.Join(dir, "x.yaml"), []byte(src), Options{})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// row returns what the user sends in its next iteration.
func nextRow(u *Session) (string, error) {
	if err := u.Begin(); err != nil {
		return "", err
	}
	var req Request
	err := u.class.Tasks[0].Steps[0].Render(u, &req)
	return string(req.Body), err
}

// table is a .csv file with n rows "i|i²", some of them awkward.
func table(n int) string {
	var b strings.Builder
	b.WriteString("a,b\r\n")
	for i := range n {
		switch i % 4 {
		case 0:
			fmt.Fprintf(&b, "%d,%d\n", i, i*i)
		case 1:
			fmt.Fprintf(&b, "\"%d\",\"%d\"\r\n\n", i, i*i)
		default:
			fmt.Fprintf(&b, "\"%d\",%d\n", i, i*i)
		}
	}
	return b.String()
}

func TestOrders(t *testing.T) {
	const n = 10
	collect := func(order string, users, each int) [][]string {
		s := feeding(t, "rows.csv", table(n), order)
		run := &Run{Seed: 1}
		defer run.Close()
		var out [][]string
		var sessions []*Session
		for id := range users {
			sessions = append(sessions, s.NewSession(s.Users[0], id+1, run))
			out = append(out, nil)
		}
		for range each {
			for i, u := range sessions {
				row, err := nextRow(u)
				if errors.Is(err, ErrUsedUp) {
					row = "used up"
				} else if err != nil {
					t.Fatal(err)
				}
				out[i] = append(out[i], row)
			}
		}
		return out
	}
	row := func(i int) string { return fmt.Sprintf("%d|%d", i, i*i) }

	for i, got := range collect("sequential", 3, 9) {
		for j, r := range got {
			if want := row((3*j + i) % n); r != want {
				t.Errorf("sequential, user %d: row %d is %s, want %s", i, j, r, want)
			}
		}
	}
	for i, got := range collect("per_user", 12, 3) {
		for _, r := range got {
			if want := row(i % n); r != want {
				t.Errorf("per_user, user %d: %s, want %s", i+1, r, want)
			}
		}
	}
	var once []string
	for _, got := range collect("once", 3, 5) {
		once = append(once, got...)
	}
	slices.Sort(once)
	if len(slices.Compact(slices.Clone(once))) != n+1 || once[len(once)-1] != "used up" {
		t.Errorf("once: %v", once)
	}
	counts := map[string]int{}
	for _, got := range collect("random", 2, 500) {
		for _, r := range got {
			counts[r]++
		}
	}
	if len(counts) != n {
		t.Errorf("random: %v", counts)
	}
	for r, c := range counts {
		if c < 50 || c > 200 {
			t.Errorf("random: %s came %d times of 1000", r, c)
		}
	}
}

// TestOnceConcurrently gives every row to one user only.
func TestOnceConcurrently(t *testing.T) {
	const n = 2000
	s := feeding(t, "rows.csv", table(n), "once")
	run := &Run{}
	defer run.Close()
	var mu sync.Mutex
	seen := map[string]int{}
	var users sync.WaitGroup
	for id := range 8 {
		users.Go(func() {
			u := s.NewSession(s.Users[0], id+1, run)
			for {
				r, err := nextRow(u)
				if errors.Is(err, ErrUsedUp) {
					return
				}
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				seen[r]++
				mu.Unlock()
			}
		})
	}
	users.Wait()
	if len(seen) != n {
		t.Errorf("%d different rows, want %d", len(seen), n)
	}
}

// TestOnceKeepsUnused gives a row that a task did not use to the user's next
// task.
func TestOnceKeepsUnused(t *testing.T) {
	s := feeding(t, "rows.csv", table(3), "once")
	run := &Run{}
	defer run.Close()
	u := s.NewSession(s.Users[0], 1, run)
	for range 10 {
		if err := u.Begin(); err != nil {
			t.Fatal(err)
		}
	}
	if r, err := nextRow(u); err != nil || r != "0|0" {
		t.Errorf("%s %v", r, err)
	}
}

func TestJSONL(t *testing.T) {
	s := feeding(t, "rows.jsonl", "{\"a\": 1, \"b\": {\"c\": [1.5, \"x\"]}}\r\n\n  {\"a\": \"t\\u00e9\", \"b\": null}\n{\"b\": 1}", "sequential")
	u := sessionOf(t, s)
	u.rows = nil
	for _, want := range []string{`1|{"c":[1.5,"x"]}`, "there is no value", "there is no value"} {
		got, err := nextRow(u)
		if err != nil {
			got = err.Error()
		}
		if !strings.Contains(got, want) {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func TestBrokenRows(t *testing.T) {
	for text, says := range map[string]string{
		"a,b\n1,2\n3\n":                "rows.csv:3: it has 1 field, the first line has 2",
		"a,b\n1,2,3\n":                 "rows.csv:2: it has 3 fields",
		"a,b\n1,\"2\n3,4\n":            "rows.csv:2: a quote is never closed",
		"a,b\n\"1\n2\",3\n4,5x\"y\"\n": "rows.csv:4: a quote within a field",
		"a,b\n1,\"2\"3\n":              "rows.csv:2: there is text behind a closing quote",
		"a,b\n1,\xff\n":                "rows.csv:2: it is not UTF-8",
		"a,b\n":                        "there are no rows",
		"a,b\n1,2\n" + strings.Repeat("x", maxRow+2): "rows.csv:3: the row is longer",
		"a,b\n1,\"" + strings.Repeat("x\n", maxRow):  "rows.csv:2: a quote is never closed",
	} {
		s := feeding(t, "rows.csv", text, "random")
		if err := (&Run{}).Open(s); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%.40q: got %v, want %q", text, err, says)
		}
		err := s.CheckData()
		var problems Problems
		if !errors.As(err, &problems) || problems[0].Line != 2 {
			t.Errorf("CheckData: %v", err)
		}
	}
	for text, says := range map[string]string{
		"{\"a\": 1}\nnope\n":  "rows.jsonl:2: it is not JSON: invalid character 'o' in literal null (expecting 'u') at byte 1",
		"{\"a\": 1}\n\n[1]\n": "rows.jsonl:3: it is no JSON object",
		"{\"a\": 1}{\"b\":2}": "rows.jsonl:1: it is not JSON: something follows the value at byte 8",
		"\n":                  "there are no rows",
	} {
		s := feeding(t, "rows.jsonl", text, "random")
		if err := (&Run{}).Open(s); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%q: got %v, want %q", text, err, says)
		}
	}
}

func TestBrokenHeads(t *testing.T) {
	dir := t.TempDir()
	for text, says := range map[string]string{
		"":           "no first line",
		"a,a\n1,2\n": `two columns are called "a"`,
		"a,\n1,2\n":  "a column has no name",
		"a,\"b\n1,2": "no first line",
	} {
		if err := os.WriteFile(filepath.Join(dir, "rows.csv"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := Parse(filepath.Join(dir, "x.yaml"), []byte("target: http://127.0.0.1:1\ndata: { rows: rows.csv }\ntasks: [{ get: / }]"), Options{})
		if err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%q: got %v, want %q", text, err, says)
		}
	}
}

// wide is a file of as many rows as wanted that is never in memory.
type wide struct{ rows int64 }

const wideRow = "%015d,%015d\n"

func (w wide) size() int64  { return int64(len("a,b\n")) + w.rows*32 }
func (w wide) Close() error { return nil }
func (w wide) ReadAt(p []byte, off int64) (int, error) {
	var line []byte
	n := 0
	for n < len(p) && off < w.size() {
		at := int64(0)
		if off < 4 {
			line = append(line[:0], "a,b\n"...)
			at = off
		} else {
			i := (off - 4) / 32
			line = fmt.Appendf(line[:0], wideRow, i, i*2)
			at = (off - 4) % 32
		}
		c := copy(p[n:], line[at:])
		n, off = n+c, off+int64(c)
	}
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

type wideFiles struct{ wide }

func (w wideFiles) open(string) (rowFile, int64, error) { return w.wide, w.size(), nil }

// TestConstantMemory opens a large file: at most 16 bytes a row for random
// order, a fixed buffer for the others, nothing more for more users.
func TestConstantMemory(t *testing.T) {
	const n = 300_000
	for _, order := range []Order{Random, Sequential, Once, PerUser} {
		d := &Data{Name: "rows", File: "wide.csv", Order: order, columns: []string{"a", "b"}, files: wideFiles{wide{n}}}
		s := &Scenario{Data: []*Data{d}}
		class := &UserClass{data: []int{0}}
		before := heap()
		run := &Run{}
		if err := run.Open(s); err != nil {
			t.Fatal(err)
		}
		limit := int64(400 << 10)
		if order == Random {
			limit = 16*n + 400<<10
		}
		if grown := heap() - before; grown > limit {
			t.Errorf("%s: %d bytes for %d rows", order, grown, n)
		}
		if run.feeds[0].n != n {
			t.Errorf("%s: %d rows", order, run.feeds[0].n)
		}
		for id := 1; id <= 50; id++ {
			u := s.NewSession(class, id*5000, run)
			if err := u.Begin(); err != nil {
				t.Fatal(err)
			}
			v, err := column(0, 0).value(u)
			if err != nil {
				t.Fatal(err)
			}
			if want := fmt.Sprintf("%015d", id*5000-1); order == PerUser && v != want {
				t.Errorf("user %d has row %v, want %s", id*5000, v, want)
			}
		}
		runtime.KeepAlive(run)
	}
}

func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// FuzzCSV holds the reader of rows against encoding/csv.
func FuzzCSV(f *testing.F) {
	for _, s := range []string{"a,b\n1,2\n", "\"a\nb\",c\r\n", "a,\"b\"\"c\"\n\n,\n", "\"", "a\"b\n", "\xef\xbb\xbfa,b", table(9), ",\r\n\"\"\"\",x"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		want, wantErr := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(src, []byte("\ufeff")))).ReadAll()
		var got [][]string
		r := newRows(bytes.NewReader(src), int64(len(src)), true)
		var gotErr string
		for gotErr == "" {
			row, err := r.row()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				gotErr = err.Error()
				break
			}
			var fields []span
			b := bytes.Clone(row)
			if fields, gotErr = splitCSV(b, nil); gotErr != "" {
				break
			}
			var cells []string
			for _, s := range fields {
				cells = append(cells, string(b[s.from:s.to]))
			}
			got = append(got, cells)
		}
		// encoding/csv also drops rows of spaces only where they have no
		// comma, keeps a lone \r, and counts fields; those are not compared.
		if wantErr != nil || gotErr != "" || bytes.ContainsAny(src, "\r \t\v\f") || !bytes.Equal(src, bytes.ToValidUTF8(src, nil)) {
			return
		}
		if fmt.Sprint(want) != fmt.Sprint(got) {
			t.Errorf("%q: got %q, want %q", src, got, want)
		}
	})
}
