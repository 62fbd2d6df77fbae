package demo

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"
)

const (
	maxBody  = 1 << 20 // bytes of a request
	maxTexts = 64      // texts of a request
)

// api answers the requests.
type api struct {
	mux     *http.ServeMux
	model   *model
	metrics *metrics
	ready   time.Time // when the model is loaded
}

func newAPI(o Options) *api {
	a := &api{
		mux:     http.NewServeMux(),
		model:   newModel(o.Workers, o.Queue, o.Seed),
		metrics: newMetrics(),
		ready:   time.Now().Add(o.Loading),
	}
	a.mux.HandleFunc("GET /health", a.health)
	a.mux.HandleFunc("POST /predict", a.predict)
	a.mux.HandleFunc("POST /embed", a.embed)
	a.mux.HandleFunc("GET /metrics", a.showMetrics)
	return a
}

// ServeHTTP counts and answers one request.
func (a *api) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a.metrics.inFlight.Add(1)
	defer a.metrics.inFlight.Add(-1)
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	a.mux.ServeHTTP(&counted{ResponseWriter: w, request: r, metrics: a.metrics}, r)
}

func (a *api) close() { a.model.close() }

func (a *api) loaded() bool { return !time.Now().Before(a.ready) }

func (a *api) health(w http.ResponseWriter, _ *http.Request) {
	if !a.loaded() {
		reply(w, http.StatusServiceUnavailable, []byte(`{"status":"not_ready"}`))
		return
	}
	reply(w, http.StatusOK, []byte(`{"status":"ready"}`))
}

// predict answers {"diagnosis": 0|1, "probability": p} for one patient.
func (a *api) predict(w http.ResponseWriter, r *http.Request) {
	var body map[string]any
	if err := decode(r, &body); err != nil {
		refuse(w, err)
		return
	}
	patient, err := patientOf(body)
	if err != nil {
		refuse(w, err)
		return
	}
	a.answer(w, r, job{cost: predictCost, compute: func() []byte {
		p := risk(&patient)
		diagnosis := 0
		if p > 0.5 {
			diagnosis = 1
		}
		return fmt.Appendf(nil, `{"diagnosis":%d,"probability":%.6f}`, diagnosis, p)
	}})
}

// embed answers {"embeddings": [[384 numbers], …], "dim": 384, "count": n}.
func (a *api) embed(w http.ResponseWriter, r *http.Request) {
	var body struct {
		Texts []string `json:"texts"`
	}
	if err := decode(r, &body); err != nil {
		refuse(w, err)
		return
	}
	if n := len(body.Texts); n < 1 || n > maxTexts {
		refuse(w, badRequest(fmt.Sprintf("texts must be a list of 1 to %d strings, not of %d", maxTexts, n)))
		return
	}
	a.answer(w, r, job{cost: embedCost(len(body.Texts)), compute: func() []byte {
		return appendEmbeddings(nil, body.Texts)
	}})
}

// answer has the model do a job and replies with what it computed.
func (a *api) answer(w http.ResponseWriter, r *http.Request, j job) {
	if !a.loaded() {
		reply(w, http.StatusServiceUnavailable, []byte(`{"error":"the model is not loaded yet"}`))
		return
	}
	out, err := a.model.do(r.Context(), j)
	switch {
	case errors.Is(err, errQueueFull):
		w.Header().Set("Retry-After", "1")
		reply(w, http.StatusServiceUnavailable, []byte(`{"error":"too many requests are waiting for the model"}`))
	case err != nil:
		// The client has gone, or was cut off: nobody reads this, but it is counted.
		reply(w, statusClientGone, nil)
	default:
		reply(w, http.StatusOK, out)
	}
}

func (a *api) showMetrics(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
	w.WriteHeader(http.StatusOK)
	a.metrics.write(w, a.model)
}

// statusClientGone marks, in the metrics, a request whose client did not wait.
const statusClientGone = 499

// badRequest is a request's fault, in a sentence for its sender.
type badRequest string

func (e badRequest) Error() string { return string(e) }

// decode reads a JSON body into v.
func decode(r *http.Request, v any) error {
	if t, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || t != "application/json" {
		return badRequest("the Content-Type must be application/json")
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(body, v); err != nil {
		var wrong *json.UnmarshalTypeError
		if errors.As(err, &wrong) && wrong.Field != "" {
			return badRequest(fmt.Sprintf("field %s is of the wrong type: %s", wrong.Field, wrong.Value))
		}
		return badRequest("the body must be a JSON object")
	}
	return nil
}

// refuse answers a request that cannot be done with a JSON error.
func refuse(w http.ResponseWriter, err error) {
	status := http.StatusBadRequest
	if tooLarge := new(http.MaxBytesError); errors.As(err, &tooLarge) {
		status = http.StatusRequestEntityTooLarge
		err = badRequest("the body is larger than " + strconv.Itoa(maxBody) + " bytes")
	}
	text, _ := json.Marshal(map[string]string{"error": strings.ToValidUTF8(err.Error(), "?")})
	reply(w, status, text)
}

// reply writes a JSON answer.
func reply(w http.ResponseWriter, status int, body []byte) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	// A client that has gone cannot be told.
	_, _ = w.Write(body)
}
