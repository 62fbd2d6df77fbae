package client

import "net/netip"

// Public reports whether an address is one of the open internet: not this
// machine's, nor a private, link-local or metadata address.
func Public(a netip.Addr) bool { return kindOf(a) == public }

// LinkLocal reports whether an address is link-local or one at which a cloud
// gives credentials away.
func LinkLocal(a netip.Addr) bool { return kindOf(a) == local }
