package client

import "brink/runner/stats"

// intake is where the response of one request goes, whichever way it comes.
type intake struct {
	o    *Options
	resp *Response
	s    *stats.Sample
	keep bool // the caller wants the whole body
}

// begin makes ready for a request.
func (in *intake) begin(req *Request, resp *Response, s *stats.Sample) {
	in.resp, in.s, in.keep = resp, s, req.KeepBody
	s.Phases = stats.Phases{}
	s.Status, s.BytesIn, s.BytesOut = 0, 0, 0
	s.NewConn, s.Retried = false, false
	resp.Sent = 0
}

// take counts a piece of body and keeps what the caller wants of it.
func (in *intake) take(p []byte) stats.Failure {
	in.s.BytesIn += int64(len(p))
	if in.s.BytesIn > in.o.maxBody() {
		return tooLarge("body", in.o.maxBody())
	}
	if !in.keep {
		p = p[:min(len(p), stats.MaxExchange-len(in.resp.Body))]
	} else if int64(len(in.resp.Body)+len(p)) > in.o.maxKept() {
		return tooLarge("body", in.o.maxKept())
	}
	in.resp.Body = append(in.resp.Body, p...)
	return in.resp.grow(in.o)
}

// maxText bounds the sentence about a failure, in characters.
const maxText = 500

// finish ends a request with f; the body that a caller wants is decoded. What f
// quotes, such as the host that a redirect leads to, is made safe to draw.
func (in *intake) finish(f stats.Failure) {
	if !f.Failed() && in.keep {
		f = decode(in.resp, in.o)
	}
	if f.Failed() {
		f.Text = stats.Clean(f.Text, maxText)
	}
	in.s.Failure = f
	in.resp, in.s = nil, nil
}

func tooLarge(what string, limit int64) stats.Failure {
	return failed(stats.TooLarge, "the response's %s is larger than %d bytes", what, limit)
}
