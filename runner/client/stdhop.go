package client

import (
	"bytes"
	"context"
	"errors"
	"io"
	"maps"
	"net/http"
	"net/http/httptrace"
	"net/textproto"
	"net/url"
	"slices"
	"strings"

	"brink/runner/stats"
)

// stdHop performs the requests of one chain of redirects.
type stdHop struct {
	*Std
	ctx context.Context
}

func (c *stdHop) hop(req *Request) stats.Failure {
	f, again := c.try(req)
	if again && c.ctx.Err() == nil {
		c.s.Retried = true
		f, _ = c.try(req)
	}
	return f
}

// try performs a request. again reports that it failed on a connection that
// the server had closed.
func (c *stdHop) try(req *Request) (f stats.Failure, again bool) {
	c.resp.clear()
	if err := c.o.Allow.Host(req.Origin); err != nil {
		return explain(err, connecting, req.Origin.Addr), false
	}
	t := trace{now: c.now}
	hr, err := c.request(req, &t)
	if err != nil {
		return stats.Failure{Class: stats.BadRequest, Text: "the request cannot be made: " + root(err).Error()}, false
	}
	resp, err := c.transport(req.Origin).RoundTrip(hr)
	if err == nil {
		f = c.receive(resp, req, &t)
	} else {
		f = c.explain(err, req, &t)
	}
	end := t.fold(c.s, c.now())
	c.resp.Sent++
	if end.again {
		c.resp.Sent++ // net/http sent it again
	}
	if end.wrote {
		c.s.BytesOut += int64(len(appendHead(nil, req)) + len(req.Body))
	}
	again = end.reused && end.stage <= waiting &&
		(f.Class == stats.ConnClosed || f.Class == stats.Reset || f.Class == stats.WriteFailed)
	return f, again
}

// request makes what net/http sends.
func (c *stdHop) request(req *Request, t *trace) (*http.Request, error) {
	if !token([]byte(req.Method)) {
		return nil, errors.New("the method is not a name")
	}
	u, err := url.ParseRequestURI(string(req.Path))
	if err != nil {
		return nil, err
	}
	if u.RequestURI() != string(req.Path) && c.o.Proxy == nil {
		u = &url.URL{Opaque: string(req.Path)}
	}
	u.Scheme, u.Host = req.Origin.Scheme, req.Origin.Host
	hr := &http.Request{Method: req.Method, URL: u, Host: req.Origin.Host, Close: req.NewConn}
	if hr.Header, err = headerOf(req.Header); err != nil {
		return nil, err
	}
	if len(req.Body) > 0 {
		hr.ContentLength = int64(len(req.Body))
		hr.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(req.Body)), nil }
		hr.Body, _ = hr.GetBody()
	}
	ctx := context.WithValue(c.ctx, traceKey{}, t)
	return hr.WithContext(httptrace.WithClientTrace(ctx, t.hooks())), nil
}

// headerOf reads "Name: value\r\n" lines.
func headerOf(lines []byte) (http.Header, error) {
	// A key without a value keeps net/http from adding its own.
	h := http.Header{"User-Agent": nil}
	for line := range bytes.Lines(lines) {
		name, value, ok := bytes.Cut(bytes.TrimRight(line, "\r\n"), []byte(":"))
		if !ok || !token(name) || !printable(value) {
			return nil, errors.New("a header line is not \"Name: value\"")
		}
		key := textproto.CanonicalMIMEHeaderKey(string(name))
		h[key] = append(h[key], string(bytes.Trim(value, " \t")))
	}
	return h, nil
}

// receive reads the response.
func (c *stdHop) receive(resp *http.Response, req *Request, t *trace) stats.Failure {
	defer resp.Body.Close()
	if resp.StatusCode == http.StatusSwitchingProtocols {
		return malformed("it switches protocols, which nobody asked for")
	}
	if resp.StatusCode < 100 {
		return malformed("the status line has no status from 100 to 999")
	}
	if c.version == "2" && resp.ProtoMajor != 2 {
		return malformed("the server answers " + resp.Proto + " where HTTP/2 was asked for")
	}
	c.s.Status, c.resp.Status = resp.StatusCode, resp.StatusCode
	c.resp.Proto = resp.Proto
	for _, name := range slices.Sorted(maps.Keys(resp.Header)) {
		for _, v := range resp.Header[name] {
			c.resp.Head = append(append(append(append(c.resp.Head, name...), ": "...), v...), "\r\n"...)
		}
	}
	if resp.StatusCode/100 == 3 {
		c.resp.Location = append(c.resp.Location, resp.Header.Get("Location")...)
	}
	if c.keep {
		c.resp.codings = append(c.resp.codings, strings.Join(resp.Header["Content-Encoding"], ",")...)
	}
	return c.drain(resp, req, t)
}

// drain reads the body to its end.
func (c *stdHop) drain(resp *http.Response, req *Request, t *trace) stats.Failure {
	if resp.ContentLength > c.o.maxBody() && req.Method != "HEAD" {
		return tooLarge("body", c.o.maxBody())
	}
	t.reach(inBody)
	b := buffers.Get().(*buffer)
	defer buffers.Put(b)
	for {
		n, err := resp.Body.Read(b[:])
		if f := c.take(b[:n]); f.Failed() {
			return f
		}
		if err == io.EOF {
			if resp.ProtoMajor == 1 {
				t.settle()
			}
			return stats.Failure{}
		}
		if err == io.ErrUnexpectedEOF && resp.ProtoMajor == 2 && c.ctx.Err() == nil {
			return failed(stats.ConnClosed, "the response or its HTTP/2 connection ended %s", where[inBody])
		}
		if err != nil {
			return c.explain(err, req, t)
		}
	}
}

// explain says what an error of net/http means to a user.
func (c *stdHop) explain(err error, req *Request, t *trace) stats.Failure {
	at := t.reached()
	if c.ctx.Err() != nil {
		if errors.Is(context.Cause(c.ctx), context.DeadlineExceeded) && c.now() >= c.s.Start+req.Timeout && req.Timeout > 0 {
			return overdue(req.Timeout, at)
		}
		return ended(c.ctx)
	}
	var unresolved *nameError
	if at <= handshaking && isTimeout(err) && !errors.As(err, &unresolved) {
		return overdue(c.o.connectTimeout(), at)
	}
	// net/http has no types for most of what can be wrong with a response.
	text := err.Error()
	switch {
	case strings.Contains(text, "server response headers exceeded"), strings.Contains(text, "header list larger"):
		return tooLarge("head", c.o.maxHead())
	case strings.Contains(text, "stream error") && strings.Contains(text, "received from peer"):
		return failed(stats.Reset, "the server reset the HTTP/2 stream: %s", code(text))
	case strings.Contains(text, "stream error"): // net/http reset it, for what the server sent
		return malformed("it breaks the rules of HTTP/2: " + code(text))
	case strings.Contains(text, "GOAWAY"):
		return failed(stats.ConnClosed, "the server ended the HTTP/2 connection %s: %s", where[at], code(text))
	case strings.Contains(text, "server closed idle connection"), strings.Contains(text, "client connection lost"), strings.Contains(text, "client connection force closed"):
		return failed(stats.ConnClosed, "the server closed the connection %s", where[at])
	}
	f := explain(err, at, req.Origin.Addr)
	if f.Class == stats.Other && at > sending {
		f = malformed(code(root(err).Error()))
	}
	return f
}

// code returns the part of an error's text that does not quote the response
// or number its stream, so that like failures read alike.
func code(text string) string {
	for part := range strings.SplitSeq(text, "; ") {
		part = strings.TrimPrefix(part, "ErrCode=")
		part, _, _ = strings.Cut(part, ", debug=")
		if part != "" && part == strings.ToUpper(part) {
			return part
		}
	}
	text, _, _ = strings.Cut(text, " \"")
	return stats.Clean(text, 120)
}
