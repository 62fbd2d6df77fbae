package oracle

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"strings"
	"time"
)

// tlsSpeech is how a port of its own speaks.
type tlsSpeech struct {
	selfSigned bool
	stranger   bool                    // its authority is one that nobody trusts
	flaw       func(*x509.Certificate) // of its certificate; nil: none
	config     func(*tls.Config)       // nil: as is
	// bare speaks on the connection before any TLS; nil: the handshake is
	// done, and speak goes on.
	bare  func(*conn)
	speak func(*conn) // nil: answers requests
}

// tlsPort is a listening port with one misbehaviour.
type tlsPort struct {
	listener net.Listener
	speech   *tlsSpeech
	config   *tls.Config
}

// learn makes the server able to misbehave.
func (s *Server) learn(host string) (err error) {
	if s.trust, err = newTrust(); err != nil {
		return fmt.Errorf("the oracle has no certificate authority: %w", err)
	}
	list := everyBehaviour()
	for i := range list {
		b := &list[i]
		b.URL = s.URL() + "/hostile/" + b.Name
		if b.tls == nil {
			continue
		}
		if b.URL, err = s.openTLS(host, b.tls); err != nil {
			return fmt.Errorf("the oracle cannot serve %s: %w", b.Name, err)
		}
	}
	s.behaviours = list
	return nil
}

// openTLS opens a port for one misbehaviour and returns its URL.
func (s *Server) openTLS(host string, speech *tlsSpeech) (url string, err error) {
	flaw := speech.flaw
	if flaw == nil {
		flaw = noFlaw
	}
	authority := s.trust
	if speech.stranger {
		if authority, err = newTrust(); err != nil {
			return "", err
		}
	}
	cert, err := authority.issue(speech.selfSigned, flaw)
	if err != nil {
		return "", err
	}
	p := &tlsPort{speech: speech, config: &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS12}}
	if speech.config != nil {
		speech.config(p.config)
	}
	if p.listener, err = net.Listen("tcp", net.JoinHostPort(host, "0")); err != nil {
		return "", err
	}
	s.ports = append(s.ports, p)
	s.work.Go(func() { s.accept(p.listener, p.serve) })
	return "https://" + p.listener.Addr().String() + "/", nil
}

func (p *tlsPort) serve(c *conn) {
	c.wire = c.sock
	if p.speech.bare != nil {
		c.ready()
		p.speech.bare(c)
		return
	}
	t := tls.Server(c.sock, p.config)
	_ = c.sock.SetDeadline(time.Now().Add(c.server.options.Hold))
	if t.Handshake() != nil {
		return
	}
	_ = c.sock.SetDeadline(time.Time{})
	c.wire = t
	if p.speech.speak != nil {
		c.ready()
		p.speech.speak(c)
		return
	}
	c.server.converse(c)
	_ = t.Close()
}

// onTLS lists what goes wrong with TLS. Each has a port of its own, because it
// goes wrong before there is a path.
func onTLS() []Behaviour {
	own := func(name, what string, t tlsSpeech) Behaviour { return Behaviour{Name: name, What: what, tls: &t} }
	return []Behaviour{
		own("tls-good", "is a good TLS server, if its authority is trusted", tlsSpeech{}),
		own("tls-expired", "has a certificate that has expired", tlsSpeech{flaw: func(c *x509.Certificate) {
			c.NotBefore, c.NotAfter = time.Now().Add(-48*time.Hour), time.Now().Add(-24*time.Hour)
		}}),
		own("tls-future", "has a certificate that is not valid yet", tlsSpeech{flaw: func(c *x509.Certificate) {
			c.NotBefore = time.Now().Add(12 * time.Hour)
		}}),
		own("tls-name", "has a certificate for another name", tlsSpeech{flaw: func(c *x509.Certificate) {
			c.DNSNames, c.IPAddresses = []string{"elsewhere.invalid"}, nil
		}}),
		own("tls-nameless", "has a certificate for no name", tlsSpeech{flaw: func(c *x509.Certificate) {
			c.DNSNames, c.IPAddresses = nil, nil
		}}),
		own("tls-self-signed", "has a certificate that it signed itself", tlsSpeech{selfSigned: true}),
		own("tls-unknown", "has a certificate of an authority that nobody knows", tlsSpeech{stranger: true}),
		own("tls-purpose", "has a certificate that is for clients only", tlsSpeech{flaw: func(c *x509.Certificate) {
			c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}
		}}),
		own("tls-sha1", "has a certificate signed with SHA-1", tlsSpeech{flaw: func(c *x509.Certificate) {
			c.SignatureAlgorithm = x509.ECDSAWithSHA1
		}}),
		own("tls-1.0", "speaks no later version than TLS 1.0", tlsSpeech{config: func(c *tls.Config) {
			c.MinVersion, c.MaxVersion = tls.VersionTLS10, tls.VersionTLS10
		}}),
		own("tls-client-certificate", "wants a certificate of the client", tlsSpeech{config: func(c *tls.Config) {
			c.ClientAuth = tls.RequireAnyClientCert
		}}),
		own("tls-alpn", "speaks no protocol that the client speaks", tlsSpeech{config: func(c *tls.Config) {
			c.NextProtos = []string{"smtp"}
		}}),
		own("tls-plain", "answers in plain text", tlsSpeech{bare: func(c *conn) {
			c.write([]byte("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"))
			c.halfClose()
		}}),
		own("tls-garbage", "answers the handshake with random bytes", tlsSpeech{bare: func(c *conn) {
			c.write([]byte("\x16\x03\x03\x00\x10" + strings.Repeat("\xff", 16)))
			c.halfClose()
		}}),
		own("tls-silent", "never answers the handshake", tlsSpeech{bare: func(c *conn) { c.lull() }}),
		own("tls-close", "closes the connection in the middle of the handshake", tlsSpeech{bare: func(c *conn) { c.stallOnce() }}),
		own("tls-reset", "resets the connection in the middle of the handshake", tlsSpeech{bare: func(c *conn) {
			c.stallOnce()
			c.reset()
		}}),
		own("tls-cut-sized", "ends a body of known length too early and without closing TLS", tlsSpeech{speak: func(c *conn) {
			c.stallOnce()
			c.write([]byte("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nhalf of i"))
		}}),
		own("tls-cut", "ends a body of unknown length without closing TLS, so that nobody knows whether it is whole", tlsSpeech{speak: func(c *conn) {
			c.stallOnce()
			c.write([]byte("HTTP/1.1 200 OK\r\n\r\nis this all"))
		}}),
	}
}
