package client

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"strings"
	"sync"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/flate"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zlib"
	"github.com/klauspost/compress/zstd"

	"brink/runner/stats"
)

// maxCodings bounds how often a body may be encoded over.
const maxCodings = 3

// maxWindow bounds the memory that a zstd body may ask for; it is what RFC 9659
// demands of decoders.
const maxWindow = 8 << 20

// decode replaces a kept body by what it encodes, within the options' bounds.
func decode(resp *Response, o *Options) stats.Failure {
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
		if f := decodeOne(resp, coding, o); f.Failed() {
			return f
		}
	}
	return stats.Failure{}
}

func decodeOne(resp *Response, coding string, o *Options) stats.Failure {
	c := codecs[coding]
	if c == nil {
		return malformed("its content encoding " + stats.Clean(coding, 40) + " is not known")
	}
	d := c.get()
	defer c.put(d)
	d.src.Reset(resp.Body)
	resp.spare = resp.spare[:0]
	r, err := d.open()
	for err == nil && int64(len(resp.spare)) <= o.maxKept() {
		resp.spare = slices.Grow(resp.spare, 512)
		if f := resp.grow(o); f.Failed() {
			return f
		}
		var n int
		n, err = r.Read(resp.spare[len(resp.spare):cap(resp.spare)])
		resp.spare = resp.spare[:len(resp.spare)+n]
	}
	switch {
	case int64(len(resp.spare)) > o.maxKept(), errors.Is(err, zstd.ErrDecoderSizeExceeded), errors.Is(err, zstd.ErrWindowSizeExceeded):
		return failed(stats.TooLarge, "the response's body is larger than %d bytes when decoded", o.maxKept())
	case err != io.EOF:
		return malformed("its body is not valid " + coding)
	}
	resp.spare, resp.Body = resp.Body, resp.spare
	return stats.Failure{}
}

// codecs undo content codings (RFC 9110 §8.4.1).
var codecs = map[string]*codec{
	"gzip":    {new: newGzip},
	"x-gzip":  {new: newGzip},
	"deflate": {new: newDeflate},
	"br":      {new: newBrotli},
	"zstd":    {new: newZstd},
}

// codec keeps decoders of one coding, whose tables cost more than most bodies.
type codec struct {
	new  func(d *decoder)
	pool sync.Pool
}

// decoder undoes one coding of src each time it is opened.
type decoder struct {
	src  bytes.Reader
	open func() (io.Reader, error)
}

func (c *codec) get() *decoder {
	if d, ok := c.pool.Get().(*decoder); ok {
		return d
	}
	d := new(decoder)
	c.new(d)
	return d
}

func (c *codec) put(d *decoder) {
	d.src.Reset(nil)
	c.pool.Put(d)
}

func newGzip(d *decoder) {
	var z gzip.Reader
	d.open = func() (io.Reader, error) { return &z, z.Reset(&d.src) }
}

func newBrotli(d *decoder) {
	r := brotli.NewReader(nil)
	d.open = func() (io.Reader, error) { return r, r.Reset(&d.src) }
}

func newZstd(d *decoder) {
	r, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(maxWindow))
	d.open = func() (io.Reader, error) {
		if err != nil {
			return nil, err
		}
		return r, r.Reset(&d.src)
	}
}

// newDeflate makes a decoder of "deflate", which is zlib by the standard and
// bare deflate by some servers: a zlib header has a checksum that tells.
func newDeflate(d *decoder) {
	d.open = func() (io.Reader, error) {
		var head [2]byte
		n, _ := d.src.ReadAt(head[:], 0)
		if n == 2 && head[0]&0x0f == 8 && (uint(head[0])<<8|uint(head[1]))%31 == 0 {
			return zlib.NewReader(&d.src)
		}
		return flate.NewReader(&d.src), nil
	}
}
