package runner

import (
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
)

// portLimit returns how many local ports connections to one target can have
// (ip(7), ip_local_port_range), 0 where that is not known.
func portLimit() int {
	var low, high int
	if n, _ := fmt.Sscan(string(read("/proc/sys/net/ipv4/ip_local_port_range")), &low, &high); n != 2 {
		return 0
	}
	return high - low + 1
}

// memoryLimit returns how many bytes of memory the process may take: the
// machine's, less where a control group bounds it.
func memoryLimit() int64 {
	limit := field(read("/proc/meminfo"), "MemTotal:", "") << 10
	for _, dir := range cgroups(read("/proc/self/cgroup"), "memory") {
		for _, file := range []string{"memory.max", "memory.limit_in_bytes"} {
			n, err := strconv.ParseInt(strings.TrimSpace(string(read(filepath.Join(dir, file)))), 10, 64)
			if err == nil && (limit == 0 || n < limit) {
				limit = n
			}
		}
	}
	return limit
}
