package reports

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"brink/runner/stats"
)

// Hlog writes an HdrHistogram log, version 1.3, as HistogramLogProcessor and
// other tools read it: for each interval the response times of all routes without
// a tag, and those of each route under Tag=method_name. An interval is a second,
// and in a run of more than 12 minutes 2, 4, 8 … of them. Values are in µs, the
// column Interval_Max is in seconds.
func Hlog(w io.Writer, rec *Record) error {
	lw := hdrhistogram.NewHistogramLogWriter(w)
	base := rec.Header.Started.Truncate(time.Second)
	lw.SetBaseTime(base.UnixMilli())
	for _, line := range []func() error{
		func() error { return lw.OutputComment("[Response times in microseconds, written by brink]") },
		lw.OutputLogFormatVersion,
		func() error { return lw.OutputBaseTime(base.UnixMilli()) },
		func() error { return lw.OutputStartTime(base.UnixMilli()) },
		lw.OutputLegend,
	} {
		if err := line(); err != nil {
			return err
		}
	}
	for b, err := range rec.bins() {
		if err != nil {
			return err
		}
		out := func(tag string, h *stats.Histogram) error {
			hdr := h.HDR()
			hdr.SetTag(tag)
			hdr.SetStartTimeMs(rec.Header.Started.Add(b.start).UnixMilli())
			hdr.SetEndTimeMs(rec.Header.Started.Add(b.end).UnixMilli())
			return lw.OutputIntervalPackedHistogram(hdr)
		}
		if err := out("", &b.total.Times); err != nil {
			return err
		}
		for _, r := range slices.SortedFunc(maps.Keys(b.routes), stats.Route.Compare) {
			if err := out(tag(r), &b.routes[r].Times); err != nil {
				return fmt.Errorf("route %s: %w", r, err)
			}
		}
	}
	return nil
}

// tag makes a tag of a route: the format knows no commas, spaces or line
// breaks in it.
func tag(r stats.Route) string {
	return strings.Map(func(c rune) rune {
		if c == ',' || c <= ' ' {
			return '_'
		}
		return c
	}, stats.Clean(r.String(), 200))
}
