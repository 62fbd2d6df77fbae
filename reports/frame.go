package reports

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
)

// A journal is a file of the 16 bytes of magic, then frames:
//
//	length    uint32, little endian   of kind and body, in bytes; at most maxFrame
//	checksum  uint32, little endian   CRC-32C (Castagnoli) of kind and body
//	kind      1 byte                  'H', 'S' or 'E'
//	body      length-1 bytes          H: a Header as JSON, always the first frame
//	                                  S: a Snapshot, as Snapshot.AppendBinary writes it
//	                                  E: an Ending as JSON, always the last frame
//
// The number in magic is the format of the frames; the Snapshot's bytes begin
// with a version of their own. A reader ignores frames of a kind it does not
// know.
const (
	magic    = "brink journal 1\n"
	maxFrame = 64 << 20
	preamble = 8 // bytes of length and checksum
)

// The kinds of frames.
const (
	frameHeader   = 'H'
	frameSnapshot = 'S'
	frameEnding   = 'E'
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// appendFrame appends a frame whose body is what fill appends.
func appendFrame(b []byte, kind byte, fill func([]byte) ([]byte, error)) ([]byte, error) {
	start := len(b)
	b = append(b, make([]byte, preamble)...)
	b = append(b, kind)
	b, err := fill(b)
	if err != nil {
		return b[:start], err
	}
	body := b[start+preamble:]
	if len(body) > maxFrame {
		return b[:start], fmt.Errorf("a frame of %d bytes is over the limit of %d", len(body), maxFrame)
	}
	binary.LittleEndian.PutUint32(b[start:], uint32(len(body)))
	binary.LittleEndian.PutUint32(b[start+4:], crc32.Checksum(body, castagnoli))
	return b, nil
}

// errDamaged marks a frame whose bytes were changed after it was written; the
// next frame can still be read.
var errDamaged = errors.New("damaged frame")

// frameReader reads frames one after the other and counts the bytes of those
// that were whole.
type frameReader struct {
	r    *bufio.Reader
	left int64 // bytes that the file still has
	buf  []byte
}

// next returns the kind and body of the next frame, valid until the next call.
// io.EOF means a clean end, io.ErrUnexpectedEOF a cut one, errDamaged a frame
// to be skipped.
func (f *frameReader) next() (kind byte, body []byte, err error) {
	if f.left == 0 {
		return 0, nil, io.EOF
	}
	var pre [preamble]byte
	if f.left <= preamble {
		return 0, nil, io.ErrUnexpectedEOF
	}
	if _, err := io.ReadFull(f.r, pre[:]); err != nil {
		return 0, nil, cut(err)
	}
	length := int64(binary.LittleEndian.Uint32(pre[:]))
	if length < 1 || length > maxFrame || length > f.left-preamble {
		return 0, nil, io.ErrUnexpectedEOF
	}
	if int64(cap(f.buf)) < length {
		f.buf = make([]byte, length)
	}
	f.buf = f.buf[:length]
	if _, err := io.ReadFull(f.r, f.buf); err != nil {
		return 0, nil, cut(err)
	}
	f.left -= preamble + length
	if crc32.Checksum(f.buf, castagnoli) != binary.LittleEndian.Uint32(pre[4:]) {
		return 0, nil, errDamaged
	}
	return f.buf[0], f.buf[1:], nil
}

// cut makes any early end of the file look the same, and keeps other errors.
func cut(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}
