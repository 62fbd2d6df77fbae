package client

import (
	"fmt"
	"net"
	"strconv"
	"strings"
)

// NewOrigin returns the origin of a scheme ("http" or "https") and a host with
// or without a port, as a URL has it. unix, where not empty, is the path of a
// socket to dial instead.
func NewOrigin(scheme, host, unix string) (*Origin, error) {
	o := &Origin{Scheme: strings.ToLower(scheme), Host: strings.ToLower(host), Unix: unix}
	port := "80"
	switch o.Scheme {
	case "http":
	case "https":
		port = "443"
	default:
		return nil, fmt.Errorf("the scheme %q is neither http nor https", scheme)
	}
	name := o.Host
	if h, p, err := net.SplitHostPort(o.Host); err == nil {
		name = h
		if p != "" {
			port = p
		}
	} else {
		name = strings.TrimSuffix(strings.TrimPrefix(name, "["), "]")
	}
	if n, err := strconv.Atoi(port); err != nil || n < 1 || n > 65535 {
		return nil, fmt.Errorf("the port of %q is not a number from 1 to 65535", host)
	}
	if name == "" && unix == "" || strings.ContainsAny(name, " /@\\\r\n\t?#") {
		return nil, fmt.Errorf("%q is not a host", host)
	}
	o.Addr = net.JoinHostPort(name, port)
	return o, nil
}

// String returns "http://host:8000".
func (o *Origin) String() string { return o.Scheme + "://" + o.Host }

// name returns the host without the port, as TLS wants it.
func (o *Origin) name() string {
	host, _, err := net.SplitHostPort(o.Addr)
	if err != nil {
		return o.Addr
	}
	return host
}

// same reports whether both are the same place.
func (o *Origin) same(p *Origin) bool {
	return o == p || o.Scheme == p.Scheme && o.Addr == p.Addr && o.Unix == p.Unix
}
