package runner

import (
	"bytes"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// probe reads /proc and the process's cgroups (proc(5), cgroups(7)).
type probe struct{ cgroups []string } // their folders

func newProbe() *probe { return &probe{cgroups: cgroups(read("/proc/self/cgroup"), "cpu")} }

func (p *probe) read(u *usage) {
	var r unix.Rusage
	if unix.Getrusage(unix.RUSAGE_SELF, &r) == nil {
		u.cpu = time.Duration(r.Utime.Nano() + r.Stime.Nano())
	}
	u.cores = float64(runtime.NumCPU())
	for _, dir := range p.cgroups {
		if quota := quota(dir); quota > 0 {
			u.cores = min(u.cores, quota)
		}
		u.throttled = max(u.throttled, throttled(read(dir+"/cpu.stat")))
	}
	u.perCore = coreTimes(read("/proc/stat"))
	u.memory = residentPages(read("/proc/self/statm")) * int64(os.Getpagesize())
	u.files = openFiles()
	u.timeWait = int(field(read("/proc/net/sockstat"), "TCP:", "tw"))
}

// read returns a file's text, empty where it cannot be read: a figure that the
// machine does not give is not worth ending a run for.
func read(path string) []byte {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil
	}
	return b
}

// coreTimes reads the lines "cpu0 user nice system idle iowait irq softirq
// steal …" of /proc/stat. What was stolen by other machines counts as busy:
// nobody else could use it.
func coreTimes(text []byte) []coreTime {
	var out []coreTime
	for line := range bytes.Lines(text) {
		f := bytes.Fields(line)
		if len(f) < 9 || len(f[0]) < 4 || !bytes.HasPrefix(f[0], []byte("cpu")) {
			continue
		}
		var c coreTime
		for i, field := range f[1:9] {
			n, _ := strconv.ParseUint(string(field), 10, 64)
			c.total += n
			if i != 3 && i != 4 {
				c.busy += n
			}
		}
		out = append(out, c)
	}
	return out
}

// residentPages is the second number of /proc/self/statm.
func residentPages(text []byte) int64 {
	f := bytes.Fields(text)
	if len(f) < 2 {
		return 0
	}
	n, _ := strconv.ParseInt(string(f[1]), 10, 64)
	return n
}

// openFiles counts the process's descriptors. Since Linux 6.2 the folder's
// size tells their number; before, it has to be read.
func openFiles() int {
	var st unix.Stat_t
	if unix.Stat("/proc/self/fd", &st) == nil && st.Size > 0 {
		return int(st.Size)
	}
	f, err := os.Open("/proc/self/fd")
	if err != nil {
		return 0
	}
	defer f.Close()
	names, _ := f.Readdirnames(-1)
	return max(0, len(names)-1) // without the one that reads
}

// cgroups returns the folders that may bound what a controller gives the
// process: of its group and those around it, in either version of cgroups. Where
// a container shows another root, those that are not there read as empty.
func cgroups(text []byte, controller string) []string {
	var out []string
	for line := range strings.Lines(string(text)) {
		parts := strings.SplitN(strings.TrimSpace(line), ":", 3)
		if len(parts) != 3 {
			continue
		}
		root := "/sys/fs/cgroup"
		if parts[1] != "" {
			if !slices.Contains(strings.Split(parts[1], ","), controller) {
				continue
			}
			root += "/" + parts[1]
		}
		for path := parts[2]; ; path = filepath.Dir(path) {
			out = append(out, filepath.Join(root, path))
			if path == "/" || path == "." {
				break
			}
		}
	}
	return out
}

// quota returns how many cores a group may use, 0 where it has no bound: in
// cpu.max "quota period" or "max period", or in the two files of version 1.
func quota(dir string) float64 {
	text := strings.Fields(string(read(dir + "/cpu.max")))
	if len(text) != 2 {
		text = strings.Fields(string(read(dir+"/cpu.cfs_quota_us")) + " " + string(read(dir+"/cpu.cfs_period_us")))
	}
	if len(text) != 2 {
		return 0
	}
	quota, err := strconv.ParseFloat(text[0], 64)
	period, err2 := strconv.ParseFloat(text[1], 64)
	if err != nil || err2 != nil || quota <= 0 || period <= 0 {
		return 0
	}
	return quota / period
}

// throttled reads how long a group was held back, in cpu.stat: microseconds,
// in version 1 nanoseconds.
func throttled(stat []byte) time.Duration {
	return time.Duration(field(stat, "throttled_usec", ""))*time.Microsecond +
		time.Duration(field(stat, "throttled_time", ""))
}

// field returns the number after a word of the line that begins with another,
// 0 where there is none. Without a word it is the line's first number.
func field(text []byte, line, word string) int64 {
	for l := range strings.Lines(string(text)) {
		f := strings.Fields(l)
		if len(f) < 2 || f[0] != line {
			continue
		}
		i := 0
		if word != "" {
			i = slices.Index(f, word)
		}
		if i >= 0 && i+1 < len(f) {
			n, _ := strconv.ParseInt(f[i+1], 10, 64)
			return n
		}
	}
	return 0
}
