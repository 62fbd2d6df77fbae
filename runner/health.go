package runner

import (
	"math"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"time"

	"brink/runner/stats"
)

// health watches the generator itself: a target looks slow, too, to a
// generator that is short of processor time, descriptors or ports.
type health struct {
	probe   *probe
	before  usage
	files   int // open before the load
	others  int // connections of other programs in TIME-WAIT: the fewest there were
	pauses  debug.GCStats
	paused  time.Duration // stop-the-world time so far
	samples [1]metrics.Sample
	waits   []uint64 // scheduling latencies so far, by bucket
}

// usage is what the operating system says of the process and the machine at a
// moment. What it does not say is 0.
type usage struct {
	cpu       time.Duration // used by the process
	cores     float64       // it may use
	perCore   []coreTime
	throttled time.Duration
	memory    int64
	files     int
	timeWait  int // TCP connections of the machine in TIME-WAIT
}

// coreTime is a processor core's time since the machine started, in ticks.
type coreTime struct{ busy, total uint64 }

// start takes the figures before the load.
func (h *health) start() {
	h.probe = newProbe()
	h.samples[0].Name = "/sched/latencies:seconds"
	var unused stats.Health
	h.read(&unused, time.Second)
	h.files, h.others = h.before.files, h.before.timeWait
}

// read fills in how the generator did in the time since the last read.
func (h *health) read(out *stats.Health, since time.Duration) {
	var now usage
	h.probe.read(&now)
	if s := since.Seconds(); s > 0 {
		out.CPU = (now.cpu - h.before.cpu).Seconds() / s
	}
	out.Cores = now.cores
	out.BusiestCore = busiest(h.before.perCore, now.perCore)
	out.Throttled = now.throttled - h.before.throttled
	out.Memory = now.memory
	out.OpenFiles, out.FileLimit = now.files, fileLimit()
	// Of the machine's ports those of our own connections, and those that
	// connections closed since the start still hold. What was held before is
	// other programs', and gets less by the minute.
	h.others = min(h.others, now.timeWait)
	out.Ports, out.PortLimit = max(0, now.files-h.files)+now.timeWait-h.others, portLimit()
	out.Goroutines = runtime.NumGoroutine()
	h.before = now

	debug.ReadGCStats(&h.pauses)
	out.GCPause = h.pauses.PauseTotal - h.paused
	h.paused = h.pauses.PauseTotal
	metrics.Read(h.samples[:])
	out.SchedLatency = h.schedLatency()
}

// schedLatency returns the p99 of how long goroutines waited for a processor
// since it was last called.
func (h *health) schedLatency() time.Duration {
	if h.samples[0].Value.Kind() != metrics.KindFloat64Histogram {
		return 0
	}
	all := h.samples[0].Value.Float64Histogram()
	if len(h.waits) != len(all.Counts) {
		h.waits = make([]uint64, len(all.Counts))
	}
	var total uint64
	for i, n := range all.Counts {
		h.waits[i] = n - h.waits[i] // what came since
		total += h.waits[i]
	}
	p99, seen := 0.0, uint64(0)
	for i, n := range h.waits {
		if seen += n; total > 0 && seen*100 >= total*99 {
			p99 = all.Buckets[i+1]
			if math.IsInf(p99, 1) {
				p99 = all.Buckets[i]
			}
			break
		}
	}
	copy(h.waits, all.Counts)
	return time.Duration(p99 * float64(time.Second))
}

// busiest returns the share of its time that the busiest core was busy.
func busiest(before, now []coreTime) float64 {
	share := 0.0
	for i := range min(len(before), len(now)) {
		if total := now[i].total - before[i].total; total > 0 && now[i].busy >= before[i].busy {
			share = max(share, float64(now[i].busy-before[i].busy)/float64(total))
		}
	}
	return min(share, 1)
}
