// Package demo is the target inside the program: a model API on a free
// loopback port, with a knee that can be found by adding users.
//
// It behaves as a small model service does. A fixed number of workers share
// the model, each busy with one request at a time for a service time that
// varies and grows with the batch. Requests wait in a bounded queue, and are
// refused with 503 when it is full. The vectors and probabilities are really
// computed, but that is cheap: most of the service time a worker waits, so
// that the target leaves the machine's processors to the load generator.
package demo

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"time"
)

// Scenario is the scenario file for this target.
//
//go:embed demo.yaml
var Scenario []byte

// Options are the target's sizes. The zero value is the target that the
// scenario was written for.
type Options struct {
	Workers int           // requests the model computes at the same time; 0: 4
	Queue   int           // requests that may wait for a worker; 0: 64
	Loading time.Duration // until the model is ready; 0: 1 s, negative: at once
	Seed    uint64        // of the service times; the answers do not depend on it
}

// withDefaults fills in what is zero.
func (o Options) withDefaults() Options {
	if o.Workers <= 0 {
		o.Workers = 4
	}
	if o.Queue <= 0 {
		o.Queue = 64
	}
	if o.Loading == 0 {
		o.Loading = time.Second
	}
	return o
}

// Server is a running target.
type Server struct {
	api      *api
	http     *http.Server
	listener net.Listener
	served   chan error
}

// Start listens on addr and serves until Close. Without a host in addr it
// listens on loopback only; port 0, or an empty addr, takes a free port.
func Start(addr string, o Options) (*Server, error) {
	l, err := net.Listen("tcp", loopback(addr))
	if err != nil {
		if op := new(net.OpError); errors.As(err, &op) {
			err = op.Err // without the address, which is said already
		}
		return nil, fmt.Errorf("the demo cannot listen on %s: %w", loopback(addr), err)
	}
	a := newAPI(o.withDefaults())
	s := &Server{
		api:      a,
		listener: l,
		served:   make(chan error, 1),
		http: &http.Server{
			Handler:           a,
			ReadHeaderTimeout: 10 * time.Second,
			ReadTimeout:       30 * time.Second,
			IdleTimeout:       2 * time.Minute,
			// A client that goes away in the middle is nothing to report.
			ErrorLog: log.New(io.Discard, "", 0),
		},
	}
	go func() { s.served <- s.http.Serve(l) }()
	return s, nil
}

// Addr returns the address it listens on, as host:port.
func (s *Server) Addr() string { return s.listener.Addr().String() }

// URL returns the address to send requests to.
func (s *Server) URL() string { return "http://" + s.Addr() }

// Close stops listening, gives requests in flight until ctx ends, and returns
// when all goroutines of the target have.
func (s *Server) Close(ctx context.Context) error {
	err := s.http.Shutdown(ctx)
	if err != nil {
		s.http.Close()
	}
	if served := <-s.served; !errors.Is(served, http.ErrServerClosed) {
		err = errors.Join(err, served)
	}
	s.api.close()
	return err
}

// loopback completes an address: a bare port or one without a host is meant
// for this machine only.
func loopback(addr string) string {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		host, port = "", addr
	}
	if port == "" {
		port = "0"
	}
	if host == "" {
		host = "127.0.0.1"
	}
	return net.JoinHostPort(host, port)
}
