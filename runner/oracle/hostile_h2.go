package oracle

import (
	"crypto/tls"
	"encoding/binary"
	"io"
	"strings"
	"time"
)

// The HTTP/2 frames that the misbehaviours are made of (RFC 9113 §6).
const (
	frameData         = 0x0
	frameHeaders      = 0x1
	frameReset        = 0x3
	frameSettings     = 0x4
	framePush         = 0x5
	framePing         = 0x6
	frameGoAway       = 0x7
	frameContinuation = 0x9

	flagAck        = 0x1
	flagEndStream  = 0x1
	flagEndHeaders = 0x4

	// Fields by HPACK's static table (RFC 7541, Appendix A).
	status200 = "\x88"          // :status 200
	status103 = "\x08\x03103"   // :status 103, not to be remembered
	length2   = "\x0f\x0d\x012" // content-length 2, not to be remembered
)

// frame returns the bytes of an HTTP/2 frame.
func frame(kind, flags byte, stream uint32, payload string) string {
	head := []byte{byte(len(payload) >> 16), byte(len(payload) >> 8), byte(len(payload)), kind, flags}
	return string(binary.BigEndian.AppendUint32(head, stream)) + payload
}

// number is a 32-bit number within a frame.
func number(n uint32) string { return string(binary.BigEndian.AppendUint32(nil, n)) }

// setting is one entry of a SETTINGS frame.
func setting(id uint16, value uint32) string {
	return string(binary.BigEndian.AppendUint16(nil, id)) + number(value)
}

// onHTTP2 lists what goes wrong once both sides speak HTTP/2. Each has a port
// of its own.
func onHTTP2() []Behaviour {
	own := func(name, what, settings string, answer func(c *conn, stream uint32)) Behaviour {
		return Behaviour{Name: name, What: what, tls: &tlsSpeech{
			config: func(c *tls.Config) { c.NextProtos = []string{"h2"} },
			speak:  func(c *conn) { c.speakHTTP2(settings, answer) },
		}}
	}
	answer := func(c *conn, stream uint32) {
		c.write([]byte(frame(frameHeaders, flagEndHeaders, stream, status200) + frame(frameData, flagEndStream, stream, "ok")))
	}
	return []Behaviour{
		own("h2-good", "answers over HTTP/2", "", answer),
		own("h2-goaway", "says GOAWAY instead of answering, and closes", "", func(c *conn, stream uint32) {
			const internal = 2
			c.write([]byte(frame(frameGoAway, 0, 0, number(stream)+number(internal))))
			_ = c.wire.Close()
		}),
		own("h2-reset", "resets the stream instead of answering", "", func(c *conn, stream uint32) {
			const internal = 2
			c.write([]byte(frame(frameReset, 0, stream, number(internal))))
		}),
		own("h2-reset-body", "resets the stream in the middle of the body", "", func(c *conn, stream uint32) {
			const internal = 2
			c.write([]byte(frame(frameHeaders, flagEndHeaders, stream, status200) + frame(frameData, 0, stream, "half") + frame(frameReset, 0, stream, number(internal))))
		}),
		own("h2-settings-flood", "sends SETTINGS without end", "", func(c *conn, _ uint32) { c.flood(frame(frameSettings, 0, 0, setting(3, 100))) }),
		own("h2-ping-flood", "sends PING without end", "", func(c *conn, _ uint32) { c.flood(frame(framePing, 0, 0, "12345678")) }),
		own("h2-zero-window", "allows no bytes of a request's body", setting(4, 0), func(c *conn, _ uint32) {}),
		own("h2-continuation-flood", "sends headers that do not end", "", func(c *conn, stream uint32) {
			field := "\x00\x06x-fill\x7f\x80\x01" + strings.Repeat("x", 255)
			c.write([]byte(frame(frameHeaders, 0, stream, status200)))
			c.flood(frame(frameContinuation, 0, stream, strings.Repeat(field, 60)))
		}),
		own("h2-table-bomb", "has headers of 16 KB that are 48 MB when unpacked", "", func(c *conn, stream uint32) {
			// A field to be remembered, and named again and again (RFC 7541 §6.1, §6.2.1).
			field := "\x40\x01x\x7f\xa1\x1e" + strings.Repeat("x", 4000)
			c.write([]byte(frame(frameHeaders, flagEndHeaders|flagEndStream, stream, status200+field+strings.Repeat("\xbe", 12000))))
		}),
		own("h2-status-none", "answers without a status", "", func(c *conn, stream uint32) {
			c.write([]byte(frame(frameHeaders, flagEndHeaders|flagEndStream, stream, length2)))
		}),
		own("h2-interim-many", "sends 103 a thousand times before the answer", "", func(c *conn, stream uint32) {
			c.write([]byte(strings.Repeat(frame(frameHeaders, flagEndHeaders, stream, status103), 1000)))
			answer(c, stream)
		}),
		own("h2-length-short", "ends a body before the length that it announced", "", func(c *conn, stream uint32) {
			c.write([]byte(frame(frameHeaders, flagEndHeaders, stream, status200+length2) + frame(frameData, flagEndStream, stream, "o")))
		}),
		own("h2-length-long", "sends more body than the length that it announced", "", func(c *conn, stream uint32) {
			c.write([]byte(frame(frameHeaders, flagEndHeaders, stream, status200+length2) + frame(frameData, flagEndStream, stream, "okay")))
		}),
		own("h2-data-first", "sends the body before the head", "", func(c *conn, stream uint32) {
			c.write([]byte(frame(frameData, 0, stream, "ok")))
			answer(c, stream)
		}),
		own("h2-push", "pushes what nobody asked for", "", func(c *conn, stream uint32) {
			c.write([]byte(frame(framePush, flagEndHeaders, stream, number(2)+status200)))
			answer(c, stream)
		}),
		own("h2-overrun", "sends more than the window that the client opened", "", func(c *conn, stream uint32) {
			c.write([]byte(frame(frameHeaders, flagEndHeaders, stream, status200)))
			c.flood(frame(frameData, 0, stream, strings.Repeat("x", 16<<10)))
		}),
		own("h2-other-stream", "answers on a stream that was never opened", "", func(c *conn, stream uint32) { answer(c, stream+100) }),
		own("h2-garbage", "sends bytes that are no frames", "", func(c *conn, _ uint32) { c.write([]byte(strings.Repeat("\xff garbage ", 100))) }),
		own("h2-silent", "never answers over HTTP/2", "", func(*conn, uint32) {}),
	}
}

// speakHTTP2 reads frames, and answers every request with what answer does.
func (c *conn) speakHTTP2(settings string, answer func(c *conn, stream uint32)) {
	const preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
	_ = c.sock.SetReadDeadline(time.Now().Add(c.server.options.Hold))
	if _, err := io.ReadFull(c.in, make([]byte, len(preface))); err != nil {
		return
	}
	c.write([]byte(frame(frameSettings, 0, 0, settings)))
	var head [9]byte
	for {
		_ = c.sock.SetReadDeadline(time.Now().Add(c.server.options.Hold))
		if _, err := io.ReadFull(c.in, head[:]); err != nil {
			return
		}
		size := int64(head[0])<<16 | int64(head[1])<<8 | int64(head[2])
		if _, err := io.CopyN(io.Discard, c.in, size); err != nil {
			return
		}
		kind, flags, stream := head[3], head[4], binary.BigEndian.Uint32(head[5:])
		switch {
		case kind == frameSettings && flags&flagAck == 0:
			c.write([]byte(frame(frameSettings, flagAck, 0, "")))
		case kind == frameHeaders:
			c.server.ledger.enter("HTTP/2")
			answer(c, stream)
		}
	}
}
