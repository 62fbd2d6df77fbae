// Package oracle is a server that knows the truth about a load test: it counts
// every request that it read, takes exactly as long over each as a plan says,
// and misbehaves on request in every way in which a server can.
//
// What a request asks for is in its path:
//
//	/plan/NAME     the answer after the time that the plan of that name gives
//	/status/503    the answer with that status
//	/hostile/NAME  the misbehaviour of that name, see Behaviours
//	/oracle        what was counted so far, as JSON
//	/oracle/log    what was logged so far, as JSON
//	/              a list of all this
//	anything else  the answer at once
//
// An answer carries the request's X-Run-Seq header back, in a header and in
// its body, so that a client can see that it was given its own answer.
//
// It is made for tests, and listens where it is told to.
package oracle

import (
	"bufio"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Options are what a server is started with. The zero value is useful.
type Options struct {
	Plans   map[string]Plan // by the name in /plan/NAME
	Log     int             // how many requests to log; 0: none
	Hostile bool            // misbehave where asked

	// Drip is the time between two bytes of a slow answer. 0: 1 s.
	Drip time.Duration
	// Hold is the longest that any misbehaviour goes on. 0: 1 min.
	Hold time.Duration
}

// Server is a running oracle. Its methods are safe for concurrent use.
type Server struct {
	options  Options
	start    time.Time
	listener net.Listener
	plans    map[string]*running
	ledger   ledger

	// Nil unless hostile.
	behaviours []Behaviour
	trust      *trust
	ports      []*tlsPort // of the misbehaviours that have one of their own

	closing chan struct{}
	work    sync.WaitGroup
	mu      sync.Mutex
	conns   map[net.Conn]struct{} // nil once closing
	opened  atomic.Int64
}

// running is a plan and how far it has come.
type running struct {
	Plan
	next atomic.Int64
}

// Start listens on addr and serves until Close. Without a host in addr it
// listens on loopback; an empty addr or port 0 takes a free port. The
// misbehaviours that need a port of their own get free ones of the same host.
func Start(addr string, o Options) (*Server, error) {
	if o.Drip <= 0 {
		o.Drip = time.Second
	}
	if o.Hold <= 0 {
		o.Hold = time.Minute
	}
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		host, port = "", addr
	}
	if host == "" {
		host = "127.0.0.1"
	}
	if port == "" {
		port = "0"
	}
	s := &Server{
		options: o,
		start:   time.Now(),
		plans:   map[string]*running{},
		ledger:  ledger{limit: o.Log},
		closing: make(chan struct{}),
		conns:   map[net.Conn]struct{}{},
	}
	for name, p := range o.Plans {
		s.plans[name] = &running{Plan: p}
	}
	if s.listener, err = net.Listen("tcp", net.JoinHostPort(host, port)); err != nil {
		return nil, fmt.Errorf("the oracle cannot listen on %s: %w", addr, err)
	}
	if o.Hostile {
		if err := s.learn(host); err != nil {
			s.Close()
			return nil, err
		}
	}
	s.work.Go(func() { s.accept(s.listener, s.serve) })
	return s, nil
}

// Addr returns the address of the plain port, as host:port.
func (s *Server) Addr() string { return s.listener.Addr().String() }

// URL returns the plain port's URL, without a path.
func (s *Server) URL() string { return "http://" + s.Addr() }

// Roots holds the authority that signed the certificates of those TLS ports
// whose certificate is meant to be good; nil unless hostile.
func (s *Server) Roots() *x509.CertPool {
	if s.trust == nil {
		return nil
	}
	return s.trust.roots
}

// Connections returns how many connections were accepted so far.
func (s *Server) Connections() int64 { return s.opened.Load() }

// Close ends all connections at once and returns when all goroutines have
// ended.
func (s *Server) Close() {
	s.mu.Lock()
	if s.conns == nil {
		s.mu.Unlock()
		return
	}
	// Connections first, or who waits for the end might still answer.
	for c := range s.conns {
		_ = c.Close()
	}
	s.conns = nil
	close(s.closing)
	s.mu.Unlock()
	_ = s.listener.Close()
	for _, p := range s.ports {
		_ = p.listener.Close()
	}
	s.work.Wait()
}

// accept serves each connection of a listener until that is closed.
func (s *Server) accept(l net.Listener, serve func(*conn)) {
	for {
		sock, err := l.Accept()
		if err != nil {
			select {
			case <-s.closing:
				return
			case <-time.After(10 * time.Millisecond): // no descriptors left, most likely
				continue
			}
		}
		s.mu.Lock()
		open := s.conns != nil
		if open {
			s.conns[sock] = struct{}{}
		}
		s.mu.Unlock()
		if !open {
			_ = sock.Close()
			return
		}
		c := &conn{server: s, sock: sock, id: s.opened.Add(1)}
		s.work.Go(func() {
			defer func() {
				_ = sock.Close()
				s.mu.Lock()
				delete(s.conns, sock)
				s.mu.Unlock()
			}()
			serve(c)
		})
	}
}

// conn is one accepted connection. Only its goroutine uses it.
type conn struct {
	server *Server
	sock   net.Conn
	id     int64
	wire   net.Conn // what is spoken on: sock, or TLS over it
	in     *bufio.Reader
	served int // requests answered on it
}

// serve answers the requests of a plain connection.
func (s *Server) serve(c *conn) {
	c.wire = c.sock
	s.converse(c)
}

// converse answers requests until the connection ends.
func (s *Server) converse(c *conn) {
	c.in = bufio.NewReaderSize(c.wire, 4<<10)
	for {
		r, err := http.ReadRequest(c.in)
		if err != nil {
			return
		}
		x := &exchange{conn: c, request: r, tag: r.Header.Get("X-Run-Seq")}
		act := s.behaviour(x)
		if !act.early {
			if _, err := io.Copy(io.Discard, r.Body); err != nil {
				return
			}
		}
		x.enter()
		if !act.timed {
			x.log()
		}
		keep := act.do(x)
		c.served++
		if !keep || r.Close {
			return
		}
	}
}

// action is how a request is answered; do reports whether the connection may
// be used again.
type action struct {
	do    func(*exchange) (keep bool)
	early bool // done before the request's body is read
	timed bool // it logs the request itself, with its times
}

// behaviour returns what a request asks for.
func (s *Server) behaviour(x *exchange) action {
	path := x.request.URL.Path
	switch {
	case path == "/":
		return action{do: (*exchange).help}
	case path == "/oracle":
		return action{do: (*exchange).counts}
	case path == "/oracle/log":
		return action{do: func(x *exchange) bool {
			body, _ := json.Marshal(x.server.Log())
			return x.text("application/json", string(body))
		}}
	case s.options.Hostile && strings.HasPrefix(path, "/hostile/"):
		name, _, _ := strings.Cut(strings.TrimPrefix(path, "/hostile/"), "/")
		if b, ok := s.named(name); ok && b.do != nil {
			return b.action
		}
		return action{do: func(x *exchange) bool { return x.answer(404, "there is no such misbehaviour") }}
	case strings.HasPrefix(path, "/status/"):
		status, err := strconv.Atoi(path[len("/status/"):])
		if err != nil || status < 200 || status > 999 {
			status = 400
		}
		return action{do: func(x *exchange) bool { return x.answer(status, http.StatusText(status)) }}
	case strings.HasPrefix(path, "/plan/"):
		if p := s.plans[path[len("/plan/"):]]; p != nil {
			return action{timed: true, do: func(x *exchange) bool { return x.follow(p) }}
		}
		return action{do: func(x *exchange) bool { return x.answer(404, "there is no such plan") }}
	}
	return action{do: (*exchange).ok}
}

// exchange is one request and its answer.
type exchange struct {
	*conn
	request *http.Request
	tag     string
	entry   Entry
}

// enter counts the request.
func (x *exchange) enter() {
	route := x.request.Method + " " + x.request.URL.Path
	x.entry = Entry{
		Seq: x.server.ledger.enter(route), Conn: x.id, Route: route, Tag: x.tag,
		At:          time.Since(x.server.start),
		Credentials: x.request.Header.Get("Authorization")+x.request.Header.Get("Cookie") != "",
	}
}

func (x *exchange) log() {
	if x.server.options.Log > 0 {
		x.server.ledger.write(x.entry)
	}
}

// ok answers at once.
func (x *exchange) ok() bool { return x.answer(200, "") }

// follow answers after the time that a plan gives. The time begins when the
// request was read.
func (x *exchange) follow(p *running) bool {
	x.entry.Wanted = p.At(p.next.Add(1) - 1)
	x.pause(x.entry.Wanted - (time.Since(x.server.start) - x.entry.At))
	x.entry.Took = time.Since(x.server.start) - x.entry.At
	x.log()
	return x.ok()
}

// answer writes a whole, well-behaved answer.
func (x *exchange) answer(status int, text string) bool {
	body, _ := json.Marshal(struct {
		Seq  int64  `json:"seq"`
		Tag  string `json:"tag,omitempty"`
		Text string `json:"text,omitempty"`
	}{x.entry.Seq, x.tag, text})
	if status == 204 || status == 304 {
		return x.write(fmt.Sprintf("HTTP/1.1 %d %s\r\n%s\r\n", status, http.StatusText(status), x.echo()))
	}
	head := fmt.Sprintf("HTTP/1.1 %d %s\r\nContent-Type: application/json\r\n%sContent-Length: %d\r\n\r\n",
		status, http.StatusText(status), x.echo(), len(body))
	if x.request.Method == http.MethodHead {
		body = nil
	}
	return x.write(head + string(body))
}

// echo is the header line that gives the tag back, if there is one.
func (x *exchange) echo() string {
	if x.tag == "" {
		return ""
	}
	return "X-Run-Seq: " + x.tag + "\r\n"
}

// counts answers with what was counted.
func (x *exchange) counts() bool {
	body, _ := json.MarshalIndent(struct {
		Received    int64            `json:"received"`
		Connections int64            `json:"connections"`
		Counts      map[string]int64 `json:"counts"`
	}{x.server.Received(), x.server.Connections(), x.server.Counts()}, "", "  ")
	return x.text("application/json", string(body)+"\n")
}

// help answers with what can be asked for.
func (x *exchange) help() bool {
	var b strings.Builder
	fmt.Fprintln(&b, "/status/503  the answer with that status\n/oracle      what was counted so far, as JSON\n/oracle/log  what was logged so far, as JSON")
	names := make([]string, 0, len(x.server.plans))
	for name := range x.server.plans {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		fmt.Fprintf(&b, "/plan/%s\n", name)
	}
	for _, l := range x.server.Behaviours() {
		fmt.Fprintf(&b, "%-60s %s\n", l.URL, l.What)
	}
	return x.text("text/plain; charset=utf-8", b.String())
}

func (x *exchange) text(kind, body string) bool {
	return x.write(fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n%s", kind, len(body), body))
}

// write sends bytes as they are, and reports whether they could be sent.
func (x *exchange) write(text string) bool { return x.conn.write([]byte(text)) }

func (c *conn) write(p []byte) bool {
	_ = c.sock.SetWriteDeadline(time.Now().Add(c.server.options.Hold))
	_, err := c.wire.Write(p)
	return err == nil
}

// pause lets d pass, less where the server is closed. It is exact to some
// 50 µs on Linux where the machine has a processor free.
func (c *conn) pause(d time.Duration) bool {
	const exact = 3 * time.Millisecond
	end := time.Now().Add(d)
	if d > exact {
		t := time.NewTimer(d - exact)
		defer t.Stop()
		select {
		case <-t.C:
		case <-c.server.closing:
			return false
		}
	}
	nap(time.Until(end))
	return true
}
