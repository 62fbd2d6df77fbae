package cli

import (
	"fmt"
	"io"
	"time"

	"brink/runner/stats"
)

// progress is a sink that prints a line a second. A terminal that has gone is
// no reason to end a run, so failing to write is not reported.
type progress struct{ w io.Writer }

func (p progress) Put(s *stats.Snapshot) error {
	sum := stats.Summarize(s)
	total := &sum.Total
	if s.Load.Stopping && s.End-s.Start < time.Second/2 {
		return nil // the rest of the last second says little
	}
	share := ""
	if total.Failures > 0 {
		share = fmt.Sprintf(" (%.1f %%)", 100*total.FailShare())
	}
	fmt.Fprintf(p.w, "%s  users %d  %.0f req/s  failed %d%s  p50 %s  p95 %s%s\n",
		clock(s.End), s.Load.Users, sum.Rate(total.Requests), total.Failures, share,
		quantile(total.All(), 50), quantile(total.All(), 95), doing(&s.Load))
	for _, e := range s.Events {
		if e.Kind == stats.EventWarning {
			fmt.Fprintf(p.w, "%s  %s\n", clock(e.At), stats.Clean(e.Text, 300))
		}
	}
	return nil
}

func (progress) Close() error { return nil }

// doing says what else there is to know of a second.
func doing(l *stats.Load) string {
	switch {
	case l.Stopping:
		return fmt.Sprintf("  stopping, %d in flight", l.Busy)
	case l.Paused:
		return "  paused"
	case l.Dropped > 0:
		return fmt.Sprintf("  dropped %d", l.Dropped)
	}
	return ""
}

// clock writes a time since the start: "02:13", "1:02:13".
func clock(d time.Duration) string {
	seconds := int(d.Round(time.Second) / time.Second)
	if seconds >= 3600 {
		return fmt.Sprintf("%d:%02d:%02d", seconds/3600, seconds/60%60, seconds%60)
	}
	return fmt.Sprintf("%02d:%02d", seconds/60, seconds%60)
}

// quantile writes a percentile with its unit, "-" where there were no requests.
func quantile(h *stats.Histogram, p float64) string {
	if h.Count() == 0 {
		return "-"
	}
	switch v := h.Percentile(p); {
	case v < time.Millisecond:
		return fmt.Sprintf("%.2f ms", float64(v)/float64(time.Millisecond))
	case v < 10*time.Millisecond:
		return fmt.Sprintf("%.1f ms", float64(v)/float64(time.Millisecond))
	case v < 10*time.Second:
		return fmt.Sprintf("%d ms", v.Milliseconds())
	default:
		return fmt.Sprintf("%.1f s", v.Seconds())
	}
}
