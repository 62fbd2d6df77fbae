package reports

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

func TestRecordReadsBackWhatWasPut(t *testing.T) {
	run := demoRun()
	rec := recorded(t, demoHeader(), run)
	if rec.Seconds != len(run) || rec.Missing() != nil || rec.Partial() {
		t.Fatalf("%d seconds, missing %q, partial %v; want %d, none, false", rec.Seconds, rec.Missing(), rec.Partial(), len(run))
	}
	if rec.Header.Seed != 42 || !rec.Header.Started.Equal(began) || rec.Ending.Reason != "the plan was done" {
		t.Errorf("header %+v, ending %+v", rec.Header, rec.Ending)
	}
	i := 0
	for s, err := range rec.All() {
		if err != nil {
			t.Fatal(err)
		}
		want, _ := run[i].AppendBinary(nil)
		got, _ := s.AppendBinary(nil)
		if !slices.Equal(want, got) {
			t.Fatalf("second %d differs from the one that was put", i)
		}
		i++
	}
	if i != len(run) {
		t.Fatalf("%d seconds read, want %d", i, len(run))
	}
}

// TestJournalCutAtEveryByte cuts a journal after every byte and wants each
// whole second before the cut.
func TestJournalCutAtEveryByte(t *testing.T) {
	run := demoRun()[:4]
	rec := recorded(t, demoHeader(), run)
	whole := readFile(t, filepath.Join(rec.Dir, JournalName))
	ends := frameEnds(t, whole) // the header's, the seconds', the ending's
	for n := range len(whole) {
		cut, err := newRecord(".", int64(n), func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(whole[:n])), nil })
		if n < ends[0] {
			if err == nil {
				t.Fatalf("cut at %d, within the header: no error", n)
			}
			continue
		}
		if err != nil {
			t.Fatalf("cut at %d: %v", n, err)
		}
		want := 0
		for _, end := range ends[1:] {
			if n >= end {
				want++
			}
		}
		got := 0
		for _, err := range cut.All() {
			if err != nil {
				t.Fatalf("cut at %d: %v", n, err)
			}
			got++
		}
		if got != want || cut.Seconds != want || !cut.Partial() || len(cut.Missing()) == 0 {
			t.Fatalf("cut at %d: %d seconds read, %d counted, partial %v; want %d, %d, true", n, got, cut.Seconds, cut.Partial(), want, want)
		}
	}
}

// frameEnds returns where the frames of a journal end.
func frameEnds(t *testing.T, b []byte) (ends []int) {
	t.Helper()
	for at := len(magic); at < len(b); {
		at += preamble + int(b[at]) + int(b[at+1])<<8 + int(b[at+2])<<16
		ends = append(ends, at)
	}
	return ends
}

func TestDamagedSecondIsLeftOut(t *testing.T) {
	rec := recorded(t, demoHeader(), demoRun()[:5])
	path := filepath.Join(rec.Dir, JournalName)
	b := readFile(t, path)
	b[frameEnds(t, b)[2]+preamble+20] ^= 0x40 // in the third second
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	rec, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	var seqs []int
	for s, err := range rec.All() {
		if err != nil {
			t.Fatal(err)
		}
		seqs = append(seqs, s.Seq)
	}
	res, err := rec.Result()
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"Damaged and left out: 1 second.", "Not in the record, in the middle of the run: 00:02 to 00:03."}; !slices.Equal(res.Run.Missing, want) {
		t.Errorf("it says %q, want %q", res.Run.Missing, want)
	}
	if !slices.Equal(seqs, []int{0, 1, 3, 4}) || rec.Damaged != 1 || !rec.Partial() {
		t.Errorf("seconds %v, damaged %d, partial %v; want [0 1 3 4], 1, true", seqs, rec.Damaged, rec.Partial())
	}
}

func TestCreateRefusesAFolderWithARecord(t *testing.T) {
	rec := recorded(t, demoHeader(), nil)
	if _, err := Create(rec.Dir, demoHeader()); err == nil {
		t.Error("a second journal in the same folder was allowed")
	}
}

func TestModes(t *testing.T) {
	rec := recorded(t, demoHeader(), demoRun()[:1])
	if _, err := Write(rec, Output{}); err != nil {
		t.Fatal(err)
	}
	if info, _ := os.Stat(rec.Dir); info.Mode().Perm() != 0o700 {
		t.Errorf("folder has mode %v, want 0700", info.Mode().Perm())
	}
	entries, err := os.ReadDir(rec.Dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if info, _ := e.Info(); info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %v, want 0600", e.Name(), info.Mode().Perm())
		}
	}
	elsewhere := filepath.Join(t.TempDir(), "made", "by", "it")
	if _, err := Write(rec, Output{Dir: elsewhere}); err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{elsewhere, filepath.Dir(elsewhere), filepath.Dir(filepath.Dir(elsewhere))} {
		if info, _ := os.Stat(dir); info.Mode().Perm() != 0o700 {
			t.Errorf("%s has mode %v, want 0700", filepath.Base(dir), info.Mode().Perm())
		}
	}
}
