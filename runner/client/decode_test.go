package client

import (
	"bytes"
	"runtime"
	"strings"
	"testing"

	"brink/runner/stats"
)

// TestBombs unpacks what would become far larger than allowed: that is a
// failure, and the memory it takes is bounded by the limit.
func TestBombs(t *testing.T) {
	const size, limit = 32 << 20, 1 << 20
	zeros := strings.Repeat("\x00", size)
	for coding, how := range map[string]string{"gzip": "gzip", "deflate": "zlib", "br": "br", "zstd": "zstd"} {
		t.Run(coding, func(t *testing.T) {
			resp := Response{Body: []byte(compressed(how, zeros)), codings: []byte(coding)}
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			f := decode(&resp, &Options{MaxKept: limit})
			runtime.ReadMemStats(&after)
			if f.Class != stats.TooLarge || !strings.Contains(f.Text, "when decoded") {
				t.Errorf("%+v", f)
			}
			if used := after.TotalAlloc - before.TotalAlloc; used > 24<<20 {
				t.Errorf("it took %d MB", used>>20)
			}
		})
	}
}

// TestDecoderReused decodes good and bad bodies one after the other with the
// same memory.
func TestDecoderReused(t *testing.T) {
	for coding, how := range map[string]string{"gzip": "gzip", "deflate": "zlib", "br": "br", "zstd": "zstd"} {
		var resp Response
		for i, text := range []string{"first", strings.Repeat("second ", 1000), "", "fourth"} {
			body := compressed(how, text)
			if text == "" {
				body = "this is not " + coding
			}
			resp.Body, resp.codings = append(resp.Body[:0], body...), []byte(coding)
			f := decode(&resp, &Options{MaxKept: 1 << 20})
			if f.Failed() != (text == "") || !f.Failed() && string(resp.Body) != text {
				t.Errorf("%s %d: %+v %.20q", coding, i, f, resp.Body)
			}
		}
	}
}

// FuzzDecode decodes anything without a panic and within the limit.
func FuzzDecode(f *testing.F) {
	for coding, how := range map[string]string{"gzip": "gzip", "deflate": "zlib", "br": "br", "zstd": "zstd", "br, gzip": "gzip"} {
		f.Add(coding, []byte(compressed(how, "hello hello hello")))
	}
	f.Fuzz(func(t *testing.T, coding string, body []byte) {
		resp := Response{Body: bytes.Clone(body), codings: []byte(coding)}
		if f := decode(&resp, &Options{MaxKept: 1 << 12}); !f.Failed() && len(resp.Body) > max(len(body), 1<<12) {
			t.Errorf("%d bytes", len(resp.Body))
		}
	})
}
