package scenarios

import (
	"strings"
	"testing"
)

// sessionOf returns a session of the first users of a scenario.
func sessionOf(t testing.TB, s *Scenario) *Session {
	t.Helper()
	run := &Run{ID: "run-1", Seed: 1}
	t.Cleanup(func() { run.Close() })
	u := s.NewSession(s.Users[0], 1, run)
	if err := u.Begin(); err != nil {
		t.Fatal(err)
	}
	return u
}

func benchmarkRender(b *testing.B, s *Scenario, step *Step) {
	b.Helper()
	u := sessionOf(b, s)
	var req Request
	b.ReportAllocs()
	for b.Loop() {
		if err := step.Render(u, &req); err != nil {
			b.Fatal(err)
		}
	}
	b.SetBytes(int64(len(req.Body)))
}

// BenchmarkRender13Fields is a request with 13 random JSON fields: at most
// 3 µs and 2 allocations.
func BenchmarkRender13Fields(b *testing.B) {
	s := example(b, "heart-disease")
	benchmarkRender(b, s, s.Users[0].Tasks[0].Steps[0])
}

func BenchmarkRenderBroken(b *testing.B) {
	s := example(b, "heart-disease")
	benchmarkRender(b, s, s.Users[0].Tasks[1].Steps[0])
}

// BenchmarkRenderFixed is a request without values: 0 allocations.
func BenchmarkRenderFixed(b *testing.B) {
	s := example(b, "embedding")
	benchmarkRender(b, s, s.Users[0].Tasks[2].Steps[0])
}

func BenchmarkRenderSentence(b *testing.B) {
	s := example(b, "embedding")
	benchmarkRender(b, s, s.Users[0].Tasks[0].Steps[0])
}

func BenchmarkRenderBatch(b *testing.B) {
	s := example(b, "embedding")
	benchmarkRender(b, s, s.Users[0].Tasks[1].Steps[0])
}

// BenchmarkRenderRow takes a row of a file each time, and a value that the
// machine of expr-lang computes.
func BenchmarkRenderRow(b *testing.B) {
	s := parsed(b, `
target: http://127.0.0.1:1
data: { products: { file: products.csv } }
tasks:
  - post: /x
    json: { sku: "{{ products.sku }}", total: "{{ randint(1, 5) * 3 + 1 }}" }
`)
	u := sessionOf(b, s)
	var req Request
	b.ReportAllocs()
	for b.Loop() {
		if err := u.Begin(); err != nil {
			b.Fatal(err)
		}
		if err := s.Users[0].Tasks[0].Steps[0].Render(u, &req); err != nil {
			b.Fatal(err)
		}
	}
}

// embeddings is the answer of a text-embedding API to n texts: 4 KB each.
func embeddings(n int) []byte {
	one := "[" + strings.Repeat("0.0123456,", 383) + "0.0123456]"
	return []byte(`{"embeddings":[` + strings.Repeat(one+",", n-1) + one + `],"model":"m","dim":384}`)
}

// BenchmarkPath reads parts of 1 MB of embeddings, and the last decodes it all.
func BenchmarkPath(b *testing.B) {
	for _, that := range []string{"json.dim == 384", "json.embeddings[255][0] < 1", "len(json.embeddings[0]) == 384", "len(json.embeddings) == 256", "json != nil"} {
		b.Run(that, func(b *testing.B) {
			s := parsed(b, "target: http://127.0.0.1:1\ntasks: [{ get: /, expect: { that: \""+that+"\" } }]")
			u, st := sessionOf(b, s), s.Users[0].Tasks[0].Steps[0]
			resp := &Response{Status: 200, Body: embeddings(256)}
			b.SetBytes(int64(len(resp.Body)))
			b.ReportAllocs()
			for b.Loop() {
				u.view = view{}
				if f := st.Check(u, resp); f.Failed() {
					b.Fatal(f.Text)
				}
			}
		})
	}
}

func BenchmarkCheck(b *testing.B) {
	for _, c := range []struct {
		name, example string
		task          int
		body          []byte
	}{
		{"status", "embedding", 2, []byte("ok")},
		{"probability", "heart-disease", 0, []byte(`{"prediction":1,"probability":0.43}`)},
		{"embedding", "embedding", 0, embeddings(1)},
	} {
		b.Run(c.name, func(b *testing.B) {
			s := example(b, c.example)
			u, st := sessionOf(b, s), s.Users[0].Tasks[c.task].Steps[0]
			resp := &Response{Status: 200, Head: []byte("Content-Type: application/json\r\nDate: now\r\n"), Body: c.body}
			b.ReportAllocs()
			for b.Loop() {
				u.view = view{}
				if f := st.Check(u, resp); f.Failed() {
					b.Fatal(f.Text)
				}
			}
		})
	}
}
