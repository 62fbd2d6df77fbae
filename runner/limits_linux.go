package runner

import "fmt"

// portLimit returns how many local ports connections to one target can have
// (ip(7), ip_local_port_range), 0 where that is not known.
func portLimit() int {
	var low, high int
	if n, _ := fmt.Sscan(string(read("/proc/sys/net/ipv4/ip_local_port_range")), &low, &high); n != 2 {
		return 0
	}
	return high - low + 1
}
