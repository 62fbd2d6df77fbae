package client

import (
	"bufio"
	"bytes"
	"compress/zlib"
	"errors"
	"io"
	"strings"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/flate"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"brink/runner/stats"
)

// maxCodings bounds how often a body may be encoded over.
const maxCodings = 3

// maxWindow bounds the memory that a zstd body may ask for; it is what RFC 9659
// demands of decoders.
const maxWindow = 8 << 20

// decode replaces a kept body by what it encodes. No body may become larger
// than limit bytes.
func decode(resp *Response, limit int64) stats.Failure {
	if len(resp.codings) == 0 || len(resp.Body) == 0 {
		return stats.Failure{}
	}
	codings := strings.Split(strings.ToLower(string(resp.codings)), ",")
	if len(codings) > maxCodings {
		return malformed("it is encoded more than three times over")
	}
	for i := len(codings) - 1; i >= 0; i-- {
		coding := strings.TrimSpace(codings[i])
		if coding == "identity" || coding == "" {
			continue
		}
		if f := decodeOne(resp, coding, limit); f.Failed() {
			return f
		}
	}
	return stats.Failure{}
}

func decodeOne(resp *Response, coding string, limit int64) stats.Failure {
	r, err := decoder(coding, bytes.NewReader(resp.Body))
	if errors.Is(err, errCoding) {
		return malformed("its content encoding " + stats.Clean(coding, 40) + " is not known")
	}
	var out bytes.Buffer
	if err == nil {
		defer r.Close()
		out = *bytes.NewBuffer(resp.spare[:0])
		_, err = out.ReadFrom(io.LimitReader(r, limit+1))
	}
	switch {
	case err == nil && int64(out.Len()) > limit, errors.Is(err, zstd.ErrDecoderSizeExceeded), errors.Is(err, zstd.ErrWindowSizeExceeded):
		return failed(stats.TooLarge, "the response's body is larger than %d bytes when decoded", limit)
	case err != nil:
		return malformed("its body is not valid " + coding)
	}
	resp.spare, resp.Body = resp.Body, out.Bytes()
	if cap(resp.spare) > bigBody {
		resp.spare = nil
	}
	return stats.Failure{}
}

var errCoding = errors.New("unknown content coding")

// decoder returns a reader that undoes one content coding (RFC 9110 §8.4.1).
func decoder(coding string, r io.Reader) (io.ReadCloser, error) {
	switch coding {
	case "gzip", "x-gzip":
		return gzip.NewReader(r)
	case "deflate":
		return inflate(bufio.NewReader(r))
	case "br":
		return io.NopCloser(brotli.NewReader(r)), nil
	case "zstd":
		d, err := zstd.NewReader(r, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(maxWindow))
		if err != nil {
			return nil, err
		}
		return d.IOReadCloser(), nil
	}
	return nil, errCoding
}

// inflate undoes "deflate", which is zlib by the standard and bare deflate by
// some servers: a zlib header has a checksum that tells.
func inflate(r *bufio.Reader) (io.ReadCloser, error) {
	head, err := r.Peek(2)
	if err == nil && head[0]&0x0f == 8 && (uint(head[0])<<8|uint(head[1]))%31 == 0 {
		return zlib.NewReader(r)
	}
	return flate.NewReader(r), nil
}
