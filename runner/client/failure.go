package client

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"strings"
	"time"

	"brink/runner/stats"
)

// stage is how far an exchange had come when it failed.
type stage uint8

const (
	connecting stage = iota
	handshaking
	sending
	waiting // for the first byte of the response
	inHead
	inBody
)

// where says a stage as the end of a sentence.
var where = [...]string{
	connecting:  "while connecting",
	handshaking: "during the TLS handshake",
	sending:     "while the request was being sent",
	waiting:     "before the response began",
	inHead:      "in the middle of the response's head",
	inBody:      "in the middle of the response's body",
}

// errOverdue is a request whose timeout passed.
var errOverdue = errors.New("overdue")

// stageError is an error of making a connection, with how far it came.
type stageError struct {
	at  stage
	err error
}

func (e *stageError) Error() string { return e.err.Error() }
func (e *stageError) Unwrap() error { return e.err }

func failed(class stats.Class, format string, args ...any) stats.Failure {
	return stats.Failure{Class: class, Text: fmt.Sprintf(format, args...)}
}

// malformed is a response that broke the protocol.
func malformed(why string) stats.Failure {
	return stats.Failure{Class: stats.Malformed, Text: "the response is malformed: " + why}
}

// ended is a request that its context ended.
func ended(ctx context.Context) stats.Failure {
	return stats.Failure{Class: stats.Other, Text: context.Cause(ctx).Error()}
}

// overdue is a request that took longer than its timeout.
func overdue(timeout time.Duration, at stage) stats.Failure {
	class := stats.TimedOut
	switch at {
	case connecting, handshaking:
		class = stats.ConnectTimeout
	case sending:
		class = stats.SendTimeout
	}
	return failed(class, "timed out after %v %s", timeout, where[at])
}

// explain says what an error of the wire means to a user. addr is where the
// request went.
func explain(err error, at stage, addr string) stats.Failure {
	if f := explainMachine(err, addr); f.Failed() {
		return f
	}
	var s *stageError
	if errors.As(err, &s) {
		at = s.at
	}
	switch {
	case at == connecting:
		return explainDial(err, addr)
	case at == handshaking || isAlert(err):
		return explainTLS(err, addr)
	case errors.Is(err, errReset):
		return failed(stats.Reset, "the server reset the connection %s", where[at])
	case at == sending:
		return failed(stats.WriteFailed, "the connection ended %s", where[at])
	case errors.Is(err, io.ErrUnexpectedEOF) && at == inBody:
		return failed(stats.ConnClosed, "the connection ended without a TLS close %s", where[at])
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, errPipe):
		return failed(stats.ConnClosed, "the server closed the connection %s", where[at])
	case errors.Is(err, errTimedOut):
		return failed(stats.Unreachable, "the network lost the server %s", where[at])
	}
	return failed(stats.Other, "the connection failed %s: %v", where[at], root(err))
}

// explainMachine knows the limits of this machine, which show at any stage.
func explainMachine(err error, addr string) stats.Failure {
	var forbidden *forbiddenError
	switch {
	case errors.As(err, &forbidden):
		return failed(stats.Forbidden, "not allowed: %s", forbidden.why)
	case isAny(err, errDescriptors), strings.Contains(err.Error(), "too many open files"):
		return failed(stats.NoDescriptors, "this machine lets brink open no more files or connections: raise the limit (ulimit -n) or use fewer users")
	case errors.Is(err, errNoPort):
		return failed(stats.NoPorts, "this machine has no local port left for a connection to %s: keep connections open, use fewer users, or widen the range of local ports", addr)
	case isAny(err, errMemory):
		return failed(stats.Other, "this machine's kernel has no memory left for a connection")
	}
	return stats.Failure{}
}

// explainDial knows what keeps a connection from being made.
func explainDial(err error, addr string) stats.Failure {
	var name *nameError
	switch {
	case errors.As(err, &name):
		return explainName(name, addr)
	case errors.Is(err, errRefused):
		return failed(stats.Refused, "connection refused: nothing listens at %s", addr)
	case errors.Is(err, fs.ErrNotExist):
		return failed(stats.Refused, "there is no socket %s", addr)
	case isAny(err, errNoRoute):
		return failed(stats.Unreachable, "%s cannot be reached: %v", addr, root(err))
	case errors.Is(err, fs.ErrPermission):
		return failed(stats.Unreachable, "this machine does not let brink connect to %s: %v", addr, root(err))
	case errors.Is(err, errReset):
		return failed(stats.Reset, "the connection to %s was reset %s", addr, where[connecting])
	case isTimeout(err):
		return failed(stats.ConnectTimeout, "no answer from %s %s", addr, where[connecting])
	}
	return failed(stats.Other, "no connection to %s: %v", addr, root(err))
}

// explainName knows why a name has no address.
func explainName(err error, addr string) stats.Failure {
	host, _, _ := net.SplitHostPort(addr)
	var dns *net.DNSError
	switch ok := errors.As(err, &dns); {
	case ok && dns.IsNotFound:
		return failed(stats.NameUnresolved, "the name %s is not known: DNS has no address for it", host)
	case isTimeout(err):
		return failed(stats.NameUnresolved, "the name %s was not resolved: DNS did not answer in time", host)
	case ok:
		return failed(stats.NameUnresolved, "the name %s was not resolved: %s", host, dns.Err)
	}
	return failed(stats.NameUnresolved, "the name %s was not resolved: %v", host, err)
}

// explainTLS knows what goes wrong in a handshake.
func explainTLS(err error, addr string) stats.Failure {
	var (
		record    tls.RecordHeaderError
		invalid   x509.CertificateInvalidError
		host      x509.HostnameError
		authority x509.UnknownAuthorityError
		weak      x509.InsecureAlgorithmError
	)
	why := ""
	switch {
	case errors.As(err, &record):
		why = "it answers in plain text; is it http:// and not https://?"
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		why = "its certificate has expired or is not valid yet"
	case errors.As(err, &host):
		why = "its certificate is for another name: " + host.Error()
	case errors.As(err, &authority):
		why = "its certificate is signed by an authority that this machine does not trust"
	case errors.As(err, &invalid), errors.As(err, &weak):
		why = "its certificate is not acceptable: " + root(err).Error()
	case errors.Is(err, errReset):
		why = "it reset the connection " + where[handshaking]
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, errPipe):
		why = "it closed the connection " + where[handshaking]
	case isTimeout(err):
		return failed(stats.ConnectTimeout, "no answer from %s %s", addr, where[handshaking])
	default:
		why = strings.TrimPrefix(root(err).Error(), "tls: ")
		if isAlert(err) {
			why = "it ended the handshake: " + why
		}
	}
	return failed(stats.TLSFailed, "TLS with %s failed: %s", addr, why)
}

// isAlert reports whether the server refused the handshake by an alert. Since
// TLS 1.3 one about the client's certificate comes with the first read.
func isAlert(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) && op.Op == "remote error"
}

func isTimeout(err error) bool {
	var t interface{ Timeout() bool }
	return errors.Is(err, os.ErrDeadlineExceeded) || errors.Is(err, context.DeadlineExceeded) ||
		errors.As(err, &t) && t.Timeout()
}

func isAny(err error, targets []error) bool {
	for _, t := range targets {
		if errors.Is(err, t) {
			return true
		}
	}
	return false
}

// root returns the innermost error: without ports and addresses, which differ
// from request to request.
func root(err error) error {
	for {
		next := errors.Unwrap(err)
		if next == nil {
			return err
		}
		err = next
	}
}
