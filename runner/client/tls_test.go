package client

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"io"
	"math/big"
	"net"
	"strings"
	"testing"
	"time"

	"brink/runner/stats"
)

// authority signs certificates for tests.
type authority struct {
	key  *ecdsa.PrivateKey
	cert *x509.Certificate
	pool *x509.CertPool
}

func newAuthority(t testing.TB) *authority {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test authority"},
		NotBefore: now.Add(-time.Hour), NotAfter: now.Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	a := &authority{key: key, pool: x509.NewCertPool()}
	if a.cert, err = x509.ParseCertificate(der); err != nil {
		t.Fatal(err)
	}
	a.pool.AddCert(a.cert)
	return a
}

// issue returns a certificate for 127.0.0.1, changed by change.
func (a *authority) issue(t testing.TB, change func(*x509.Certificate)) tls.Certificate {
	t.Helper()
	now := time.Now()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "test server"},
		NotBefore: now.Add(-time.Hour), NotAfter: now.Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		KeyUsage:    x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	if change != nil {
		change(template)
	}
	der, err := x509.CreateCertificate(rand.Reader, template, a.cert, &a.key.PublicKey, a.key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: a.key}
}

// TestTLS meets every way in which TLS goes wrong, and some in which it goes
// well.
func TestTLS(t *testing.T) {
	ca, other := newAuthority(t), newAuthority(t)
	good := ca.issue(t, nil)
	expired := ca.issue(t, func(c *x509.Certificate) { c.NotAfter = time.Now().Add(-time.Minute) })
	misnamed := ca.issue(t, func(c *x509.Certificate) { c.IPAddresses, c.DNSNames = nil, []string{"other.test"} })
	answer := func(k *tls.Conn) {
		defer k.Close()
		for request(k) {
			io.WriteString(k, hello)
		}
	}
	with := func(c *tls.Config, f func(*tls.Conn)) func(*net.TCPConn) {
		return func(k *net.TCPConn) { f(tls.Server(k, c)) }
	}
	certs := func(c ...tls.Certificate) []tls.Certificate { return c }
	for _, c := range []struct {
		name    string
		handle  func(*net.TCPConn)
		timeout time.Duration
		class   stats.Class
		text    string
		raw     bool // net/http takes part in it otherwise
	}{
		{name: "TLS 1.3", handle: with(&tls.Config{Certificates: certs(good)}, answer)},
		{name: "TLS 1.2", handle: with(&tls.Config{Certificates: certs(good), MaxVersion: tls.VersionTLS12}, answer)},
		{name: "expired", handle: with(&tls.Config{Certificates: certs(expired)}, answer), class: stats.TLSFailed, text: "its certificate has expired"},
		{name: "wrong name", handle: with(&tls.Config{Certificates: certs(misnamed)}, answer), class: stats.TLSFailed, text: "its certificate is for another name"},
		{name: "unknown issuer", handle: with(&tls.Config{Certificates: certs(other.issue(t, nil))}, answer), class: stats.TLSFailed, text: "an authority that this machine does not trust"},
		{name: "plain text", handle: func(k *net.TCPConn) {
			k.Read(make([]byte, 1))
			io.WriteString(k, "HTTP/1.1 400 Bad Request\r\n\r\n")
			hang(k)
		}, class: stats.TLSFailed, text: "it answers in plain text"},
		{name: "TLS 1.0 only", handle: with(&tls.Config{Certificates: certs(good), MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS10}, answer), class: stats.TLSFailed, text: "version"},
		{name: "no protocol in common", raw: true, handle: with(&tls.Config{Certificates: certs(good), NextProtos: []string{"smtp"}}, answer), class: stats.TLSFailed, text: "no application protocol"},
		{name: "client certificate wanted", handle: with(&tls.Config{Certificates: certs(good), ClientAuth: tls.RequireAnyClientCert}, answer), class: stats.TLSFailed, text: "certificate required"},
		{name: "closed in the handshake", handle: func(k *net.TCPConn) { k.Read(make([]byte, 1)); k.CloseWrite(); hang(k) }, class: stats.TLSFailed, text: "it closed the connection during the TLS handshake"},
		{name: "reset in the handshake", handle: func(k *net.TCPConn) { k.Read(make([]byte, 1)); reset(k) }, class: stats.TLSFailed, text: "it reset the connection during the TLS handshake"},
		{name: "silence in the handshake", handle: hangOn, timeout: 30 * time.Millisecond, class: stats.ConnectTimeout, text: "during the TLS handshake"},
		{name: "body ends with close_notify", handle: with(&tls.Config{Certificates: certs(good)}, func(k *tls.Conn) {
			request(k)
			io.WriteString(k, ok+"\r\nhello")
			k.Close()
		})},
		{name: "reset before the head", handle: with(&tls.Config{Certificates: certs(good)}, func(k *tls.Conn) {
			request(k)
			reset(k.NetConn().(*net.TCPConn))
		}), class: stats.Reset, text: "before the response began"},
		{name: "closed before the head", handle: with(&tls.Config{Certificates: certs(good)}, func(k *tls.Conn) {
			request(k)
			k.Close()
		}), class: stats.ConnClosed, text: "before the response began"},
	} {
		t.Run(c.name, func(t *testing.T) {
			onPaths(t, func(t *testing.T, path func(*Options) Client) {
				o := serve(t, func(k *net.TCPConn, _ int) { c.handle(k) })
				o.Scheme = "https"
				client := path(&Options{TLS: &tls.Config{RootCAs: ca.pool}})
				defer client.Close()
				if _, raw := client.(*Raw); c.raw && !raw {
					t.Skip("net/http offers no protocol")
				}
				req := get(o)
				right := func(f stats.Failure) bool { return f.Class == c.class && strings.Contains(f.Text, c.text) }
				if c.timeout > 0 {
					req.Timeout = c.timeout
					s := timeOut(t, client, req, right)
					if !right(s.Failure) || !strings.HasPrefix(s.Failure.Text, fmt.Sprintf("timed out after %v ", req.Timeout)) {
						t.Errorf("%v: %s; the timeout was %v", s.Failure.Class, s.Failure.Text, req.Timeout)
					}
					return
				}
				for i := range 3 {
					s, resp := do(t, client, req)
					if !right(s.Failure) {
						t.Fatalf("%v: %s", s.Failure.Class, s.Failure.Text)
					}
					if c.class == stats.OK && (string(resp.Body) != "hello" || s.Phases.TLS <= 0 && i == 0) {
						t.Fatalf("%q %+v", resp.Body, s)
					}
				}
			})
		})
	}
}

// gathered is a connection whose writes go out together.
type gathered struct {
	net.Conn
	held []byte
	hold bool
}

func (g *gathered) Write(p []byte) (int, error) {
	if g.hold {
		g.held = append(g.held, p...)
		return len(p), nil
	}
	return g.Conn.Write(p)
}

// TestStrayRecord has a server send a second response in a record of its own,
// together with the first: nobody asked for it, and it answers no request.
func TestStrayRecord(t *testing.T) {
	ca := newAuthority(t)
	config := &tls.Config{Certificates: []tls.Certificate{ca.issue(t, nil)}}
	const stray = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nstray"
	onPaths(t, func(t *testing.T, path func(*Options) Client) {
		o := serve(t, func(k *net.TCPConn, _ int) {
			g := &gathered{Conn: k}
			c := tls.Server(g, config)
			for request(c) {
				g.hold = true
				io.WriteString(c, hello)
				io.WriteString(c, stray)
				g.hold = false
				if _, err := k.Write(g.held); err != nil {
					return
				}
				g.held = g.held[:0]
			}
		})
		o.Scheme = "https"
		client := path(&Options{TLS: &tls.Config{RootCAs: ca.pool}})
		defer client.Close()
		if _, raw := client.(*Raw); !raw {
			t.Skip("net/http takes it for the next response where that is asked for at once")
		}
		for range 20 {
			s, resp := do(t, client, get(o))
			if string(resp.Body) != "hello" {
				t.Fatalf("%q %+v", resp.Body, s)
			}
		}
	})
}
