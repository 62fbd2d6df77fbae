package reports

import (
	"fmt"
	"time"

	"brink/runner/stats"
)

// healthSum is how the generator did in the whole run.
type healthSum struct {
	seconds          int
	cpu, peakCPU     float64 // shares of the cores; cpu is summed
	cores, busiest   float64
	throttled, pause time.Duration // summed; the longest of a second
	sched            time.Duration // p99 of the worst second
	stall            time.Duration // the longest
	lag              stats.Histogram
	memory           int64
	files, fileLimit int
	ports, portLimit int
	goroutines       int
}

func (h *healthSum) add(o *stats.Health) {
	cpu := cpuShare(o)
	h.seconds++
	h.cpu += cpu
	h.peakCPU = max(h.peakCPU, cpu)
	h.cores = max(h.cores, o.Cores)
	h.busiest = max(h.busiest, o.BusiestCore)
	h.throttled += o.Throttled
	h.pause = max(h.pause, o.GCPause)
	h.sched = max(h.sched, o.SchedLatency)
	h.stall = max(h.stall, o.Stall)
	h.lag.Merge(&o.Lag)
	h.memory = max(h.memory, o.Memory)
	h.files, h.fileLimit = max(h.files, o.OpenFiles), max(h.fileLimit, o.FileLimit)
	h.ports, h.portLimit = max(h.ports, o.Ports), max(h.portLimit, o.PortLimit)
	h.goroutines = max(h.goroutines, o.Goroutines)
}

// mean returns the mean share of the cores that was used.
func (h *healthSum) mean() float64 { return h.cpu / float64(max(1, h.seconds)) }

// cpuShare returns what share of its cores the generator used in a second.
func cpuShare(o *stats.Health) float64 {
	if o.Cores <= 0 {
		return 0
	}
	return o.CPU / o.Cores
}

// facts are what the page tells of it.
func (h *healthSum) facts() []fact {
	facts := []fact{
		{"CPU", fmt.Sprintf("%.0f %%", 100*h.mean()), fmt.Sprintf("of %s cores on average; %.0f %% in the busiest second", short(h.cores), 100*h.peakCPU)},
		{"Memory", bytesText(float64(h.memory)), "at most"},
		{"Open files", grouped(int64(h.files)), fmt.Sprintf("connections included, at most; of %s", grouped(int64(h.fileLimit)))},
		{"Local ports", grouped(int64(h.ports)), fmt.Sprintf("in use at most, of %s", grouped(int64(h.portLimit)))},
		{"Goroutines", grouped(int64(h.goroutines)), "at most"},
		{"Garbage collection", short(milliseconds(h.pause)) + " ms", "stop-the-world time in the worst second"},
		{"Scheduling", short(milliseconds(h.sched)) + " ms", "p99 wait for a processor in the worst second"},
	}
	if h.stall > 0 {
		facts = append(facts, fact{"Standstill", short(milliseconds(h.stall)) + " ms", "longest time in which the generator did not run"})
	}
	if h.throttled > 0 {
		facts = append(facts, fact{"Throttled", short(h.throttled.Seconds()) + " s", "held back by the cgroup"})
	}
	if h.lag.Count() > 0 {
		facts = append(facts, fact{"Lag", short(milliseconds(h.lag.Percentile(99))) + " ms",
			fmt.Sprintf("p99 of how late arrivals were handed out; at most %s ms", short(milliseconds(h.lag.Max())))})
	}
	return facts
}
