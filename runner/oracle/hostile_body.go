package oracle

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"strings"
	"sync"
)

// codings have bodies that are not what their coding says, or far more.
func codings() []Behaviour {
	coded := func(name, what, coding string, body []byte) Behaviour {
		return says(name, what, fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Encoding: %s\r\nContent-Length: %d\r\n\r\n%s", coding, len(body), body))
	}
	text := []byte("hello, this is a body")
	once := gzipped(text)
	zeros := sync.OnceValue(func() string { return string(gzipped(make([]byte, 16<<20))) })
	return []Behaviour{
		coded("gzip", "has a gzip body, which is allowed", "gzip", once),
		coded("gzip-twice", "has a body that is gzip within gzip", "gzip, gzip", gzipped(once)),
		coded("gzip-deep", "has a body that is gzip within gzip within gzip within gzip", "gzip, gzip, gzip, gzip", gzipped(gzipped(gzipped(once)))),
		coded("gzip-broken", "has a gzip body that is none", "gzip", text),
		coded("gzip-cut", "has a gzip body that ends too early", "gzip", once[:len(once)-6]),
		coded("gzip-behind", "has bytes behind the end of its gzip body", "gzip", append(bytes.Clone(once), "poison"...)),
		coded("br-broken", "has a br body that is none", "br", text),
		coded("zstd-broken", "has a zstd body that is none", "zstd", text),
		coded("deflate-broken", "has a deflate body that is none", "deflate", text),
		coded("coding-unknown", "has a coding that does not exist", "middle-out", text),
		plain("gzip-bomb", "has a gzip body of 10 MB that is 10 GB when decoded", func(x *exchange) bool {
			// Gzip members may follow one another: one of 16 MB again and again.
			member := zeros()
			if !x.write("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n") {
				return false
			}
			chunk := fmt.Sprintf("%x\r\n%s\r\n", len(member), member)
			for range 10 << 30 / (16 << 20) {
				if !x.write(chunk) {
					return false
				}
			}
			return x.write("0\r\n\r\n")
		}),
	}
}

func gzipped(p []byte) []byte {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = w.Write(p)
	_ = w.Close()
	return b.Bytes()
}

// redirects lead where a load test must not go.
func redirects() []Behaviour {
	to := func(name, what, location string) Behaviour {
		return says(name, what, "HTTP/1.1 302 Found\r\nLocation: "+location+"\r\nContent-Length: 0\r\n\r\n")
	}
	return []Behaviour{
		to("redirect-loop", "redirects to itself", "/hostile/redirect-loop"),
		plain("redirect-growing", "redirects to an address that grows", func(x *exchange) bool {
			return x.write("HTTP/1.1 302 Found\r\nLocation: " + x.request.URL.Path + "/and-on\r\nContent-Length: 0\r\n\r\n")
		}),
		to("redirect-away", "redirects to another host", "http://elsewhere.invalid/"),
		to("redirect-schemeless", "redirects to another host without naming a scheme", "//elsewhere.invalid/"),
		to("redirect-credentials", "redirects to another host that looks like credentials", "http://127.0.0.1:80@elsewhere.invalid/"),
		to("redirect-metadata", "redirects to a cloud's metadata service", "http://169.254.169.254/latest/meta-data/"),
		plain("redirect-https", "redirects to https on the same port", func(x *exchange) bool {
			return x.write("HTTP/1.1 302 Found\r\nLocation: https://" + x.server.Addr() + "/\r\nContent-Length: 0\r\n\r\n")
		}),
		plain("redirect-tag", "redirects to the host that the request's X-Run-Seq names", func(x *exchange) bool {
			return x.write("HTTP/1.1 302 Found\r\nLocation: http://" + x.tag + "/\r\nContent-Length: 0\r\n\r\n")
		}),
		plain("redirect-long", "redirects to an address of 30 KB, another each time", func(x *exchange) bool {
			return x.write(fmt.Sprintf("HTTP/1.1 302 Found\r\nLocation: http://%d.%s.invalid/\r\nContent-Length: 0\r\n\r\n", x.entry.Seq, strings.Repeat("x", 30<<10)))
		}),
		to("redirect-file", "redirects to a file", "file:///etc/passwd"),
		to("redirect-unix", "redirects to a unix socket", "unix:///var/run/docker.sock"),
		to("redirect-script", "redirects to a script", "javascript:alert(1)"),
		to("redirect-nowhere", "redirects to an empty address", ""),
		says("redirect-none", "redirects without an address", "HTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n"),
		to("redirect-garbage", "redirects to what is no address", "http://[::1:bad/%zz"),
	}
}

// streams are what a model's event stream can look like when it goes wrong,
// and texts that aim at who looks at them.
func streams() []Behaviour {
	const head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
	chunk := func(text string) string { return fmt.Sprintf("%x\r\n%s\r\n", len(text), text) }
	const last = "0\r\n\r\n"
	const token = "data: {\"choices\":[{\"delta\":{\"content\":\"hi\"}}]}\n\n"
	aim := "\x1b]52;c;cG9pc29u\x07\x1b[2J\x1b[31m\u202ereversed\u202c<script>alert(1)</script>=cmd|'/c calc'!A1"
	return []Behaviour{
		says("sse-comments", "streams comments between its events, which is allowed", head+chunk(": still here\n\n")+chunk(token)+chunk("data: [DONE]\n\n")+last),
		says("sse-split", "splits a character between two chunks, which is allowed", head+chunk("data: \xc3")+chunk("\xa4\n\n")+chunk("data: [DONE]\n\n")+last),
		says("sse-no-done", "ends its stream without [DONE]", head+chunk(token)+last),
		ends("sse-cut", "closes the connection in the middle of its stream", head+chunk(token)+"1f\r\ndata: {"),
		says("sse-error", "reports an error in the middle of its stream", head+chunk(token)+chunk("data: {\"error\":{\"message\":\"overloaded\"}}\n\n")+last),
		plain("sse-large", "streams an event of 10 MB", func(x *exchange) bool {
			return x.write(head + chunk("data: "+strings.Repeat("x", 10<<20)+"\n\n") + last)
		}),
		plain("json-lists", "sends 15 MB of JSON that is empty lists, which take ten times that when read", func(x *exchange) bool {
			lists := "[" + strings.Repeat("[],", 5<<20) + "[]]"
			return x.text("application/json", lists)
		}),
		says("escapes", "fails with control characters in its body that aim at the terminal",
			fmt.Sprintf("HTTP/1.1 500 \u202eoops\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n\r\n%s", len(aim), aim)),
		says("escapes-redirect", "redirects to an address that aims at the terminal and at HTML",
			"HTTP/1.1 302 Found\r\nLocation: http://\u202e<script>alert(1)</script>.invalid/\u009b31m\r\nContent-Length: 0\r\n\r\n"),
	}
}
