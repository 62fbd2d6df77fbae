package reports

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"brink/runner/stats"
)

// Hlog writes an HdrHistogram log, version 1.3, as HistogramLogProcessor and
// other tools read it: each second the response times of all routes without a
// tag, and those of each route under Tag=method_name. Values are in µs, the
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
	out := func(tag string, s *stats.Snapshot, h *stats.Histogram) error {
		hdr := h.HDR()
		hdr.SetTag(tag)
		hdr.SetStartTimeMs(rec.Header.Started.Add(s.Start).UnixMilli())
		hdr.SetEndTimeMs(rec.Header.Started.Add(s.End).UnixMilli())
		return lw.OutputIntervalPackedHistogram(hdr)
	}
	for s, err := range rec.All() {
		if err != nil {
			return err
		}
		var total stats.Histogram
		for i := range s.Routes {
			all := s.Routes[i].All()
			total.Merge(all)
			if err := out(tag(s.Routes[i].Route), s, all); err != nil {
				return fmt.Errorf("route %s: %w", s.Routes[i].Route, err)
			}
		}
		if err := out("", s, &total); err != nil {
			return err
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
