package demo

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func newTestAPI(t *testing.T, o Options) *api {
	a := newAPI(o.withDefaults())
	t.Cleanup(a.close)
	return a
}

// ask sends one request and returns the status and the body.
func ask(a *api, method, path, body string) (int, string) {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	if method == "POST" {
		r.Header.Set("Content-Type", "application/json")
	}
	w := httptest.NewRecorder()
	a.ServeHTTP(w, r)
	return w.Code, w.Body.String()
}

func healthyPatient() map[string]any {
	p := make(map[string]any)
	for _, f := range fields {
		p[f.name] = f.middle
	}
	return p
}

func text(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// pass lets fake time pass.
func pass(d time.Duration) { <-time.After(d) }

func TestNotReadyForASecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newAPI(Options{}.withDefaults())
		defer a.close()
		for _, c := range []struct {
			method, path, body string
			before, after      int
		}{
			{"GET", "/health", "", 503, 200},
			{"POST", "/predict", text(t, healthyPatient()), 503, 200},
			{"POST", "/embed", `{"texts":["a"]}`, 503, 200},
		} {
			if status, _ := ask(a, c.method, c.path, c.body); status != c.before {
				t.Errorf("%s %s at once: %d, want %d", c.method, c.path, status, c.before)
			}
		}
		if _, body := ask(a, "GET", "/health", ""); body != `{"status":"not_ready"}` {
			t.Errorf("GET /health at once: %s", body)
		}
		pass(time.Second - time.Nanosecond)
		if status, _ := ask(a, "GET", "/health", ""); status != 503 {
			t.Errorf("ready before its second was over")
		}
		pass(time.Nanosecond)
		if status, body := ask(a, "GET", "/health", ""); status != 200 || body != `{"status":"ready"}` {
			t.Errorf("GET /health after a second: %d %s", status, body)
		}
		if status, _ := ask(a, "POST", "/embed", `{"texts":["a"]}`); status != 200 {
			t.Errorf("POST /embed after a second: %d", status)
		}
	})
}

func TestPredict(t *testing.T) {
	a := newTestAPI(t, Options{Loading: -1})
	healthy, ill := healthyPatient(), healthyPatient()
	for _, f := range fields {
		ill[f.name] = f.middle + math.Copysign(f.spread, f.weight)
		healthy[f.name] = f.middle - math.Copysign(f.spread, f.weight)
	}
	for _, c := range []struct {
		patient   map[string]any
		diagnosis int
	}{{healthy, 0}, {ill, 1}} {
		status, body := ask(a, "POST", "/predict", text(t, c.patient))
		var got struct {
			Diagnosis   int
			Probability float64
		}
		if err := json.Unmarshal([]byte(body), &got); err != nil || status != 200 {
			t.Fatalf("%d %s: %v", status, body, err)
		}
		if got.Diagnosis != c.diagnosis || got.Probability < 0 || got.Probability > 1 || (got.Probability > 0.5) != (c.diagnosis == 1) {
			t.Errorf("%s, want diagnosis %d", body, c.diagnosis)
		}
	}
}

func TestPredictRefusesWhatIsMissingOrNoNumber(t *testing.T) {
	a := newTestAPI(t, Options{Loading: -1})
	for _, f := range fields {
		missing := maps.Clone(healthyPatient())
		delete(missing, f.name)
		bodies := map[string]string{"missing": text(t, missing)}
		for _, wrong := range []any{"7", true, nil, []int{1}} {
			p := healthyPatient()
			p[f.name] = wrong
			bodies[fmt.Sprint(wrong)] = text(t, p)
		}
		for what, body := range bodies {
			status, answer := ask(a, "POST", "/predict", body)
			if status != 400 || !strings.Contains(errorOf(t, answer), f.name) {
				t.Errorf("%s %s: %d %s", f.name, what, status, answer)
			}
		}
	}
}

func TestBadBodies(t *testing.T) {
	a := newTestAPI(t, Options{Loading: -1})
	tooMany := text(t, map[string]any{"texts": make([]string, maxTexts+1)})
	for _, c := range []struct {
		path, body string
		want       int
	}{
		{"/predict", "", 400},
		{"/predict", "null", 400},
		{"/predict", "[1]", 400},
		{"/predict", `{"age":`, 400},
		{"/predict", strings.Repeat(" ", maxBody+1), 413},
		{"/embed", "", 400},
		{"/embed", "{}", 400},
		{"/embed", `{"texts":[]}`, 400},
		{"/embed", `{"texts":"one"}`, 400},
		{"/embed", `{"texts":[1]}`, 400},
		{"/embed", tooMany, 400},
	} {
		status, answer := ask(a, "POST", c.path, c.body)
		if status != c.want || errorOf(t, answer) == "" {
			t.Errorf("POST %s %.20q: %d %s, want %d", c.path, c.body, status, answer, c.want)
		}
	}
	r := httptest.NewRequest("POST", "/embed", strings.NewReader(`{"texts":["a"]}`))
	r.Header.Set("Content-Type", "text/plain")
	w := httptest.NewRecorder()
	a.ServeHTTP(w, r)
	if w.Code != 400 {
		t.Errorf("Content-Type text/plain: %d", w.Code)
	}
}

func errorOf(t *testing.T, answer string) string {
	t.Helper()
	var e struct{ Error string }
	if err := json.Unmarshal([]byte(answer), &e); err != nil {
		t.Errorf("%q is no JSON error: %v", answer, err)
	}
	return e.Error
}

func TestEmbed(t *testing.T) {
	a := newTestAPI(t, Options{Loading: -1})
	texts := []string{"a model answers", "the model answers", "quite another thing", ""}
	status, body := ask(a, "POST", "/embed", text(t, map[string]any{"texts": texts}))
	var got struct {
		Embeddings [][]float64
		Dim, Count int
	}
	if err := json.Unmarshal([]byte(body), &got); err != nil || status != 200 {
		t.Fatalf("%d %.200s: %v", status, body, err)
	}
	if got.Dim != 384 || got.Count != len(texts) || len(got.Embeddings) != len(texts) {
		t.Fatalf("dim %d, count %d, %d vectors", got.Dim, got.Count, len(got.Embeddings))
	}
	for i, v := range got.Embeddings {
		want := 1.0
		if texts[i] == "" {
			want = 0
		}
		if length := math.Sqrt(dot(v, v)); len(v) != 384 || math.Abs(length-want) > 1e-3 {
			t.Errorf("%q: %d numbers of length %g", texts[i], len(v), length)
		}
	}
	near, far := dot(got.Embeddings[0], got.Embeddings[1]), dot(got.Embeddings[0], got.Embeddings[2])
	if near < 0.5 || far > 0.3 {
		t.Errorf("texts that share words: %.2f, others: %.2f", near, far)
	}
	if _, again := ask(a, "POST", "/embed", text(t, map[string]any{"texts": texts})); again != body {
		t.Error("the same texts gave other vectors")
	}
}

func dot(a, b []float64) float64 {
	var sum float64
	for i := range a {
		sum += a[i] * b[i]
	}
	return sum
}

func TestMetricsCountEveryRequest(t *testing.T) {
	a := newTestAPI(t, Options{Loading: -1})
	ask(a, "GET", "/health", "")
	ask(a, "GET", "/health", "")
	ask(a, "POST", "/embed", `{"texts":["a"]}`)
	ask(a, "POST", "/embed", `{}`)
	ask(a, "DELETE", "/embed", "")
	ask(a, "GET", "/no/such/"+strings.Repeat("x", 100), "")
	_, got := ask(a, "GET", "/metrics", "")
	for _, want := range []string{
		`demo_requests_total{route="GET /health",status="200"} 2`,
		`demo_requests_total{route="POST /embed",status="200"} 1`,
		`demo_requests_total{route="POST /embed",status="400"} 1`,
		`demo_requests_total{route="other",status="404"} 1`,
		`demo_requests_total{route="other",status="405"} 1`,
		`demo_requests_total{route="GET /metrics",status="200"} 1`,
		"demo_requests_in_flight 1",
		"demo_queue_length 0",
		"demo_queue_capacity 64",
		"demo_workers 4",
		"demo_workers_busy 0",
	} {
		if !strings.Contains(got, "\n"+want+"\n") {
			t.Errorf("no line %q in\n%s", want, got)
		}
	}
	for line := range strings.Lines(got) {
		name, _, _ := strings.Cut(strings.TrimPrefix(strings.TrimPrefix(line, "# HELP "), "# TYPE "), " ")
		if !strings.HasPrefix(name, "demo_") {
			t.Errorf("line %q is no metric", line)
		}
	}
}

func BenchmarkEmbedBatch(b *testing.B) {
	texts := make([]string, 20)
	for i := range texts {
		texts[i] = "twelve words that say little but are about as long as others"
	}
	for b.Loop() {
		appendEmbeddings(nil, texts)
	}
}
