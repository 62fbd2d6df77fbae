package tui

import (
	"math"
	"testing"
	"time"

	"brink/runner/stats"
)

// second makes the n-th second of a run with one request of each given time.
func second(n int, times ...time.Duration) *stats.Snapshot {
	r := stats.RouteStats{Route: single, Requests: int64(len(times))}
	for _, d := range times {
		r.OK.Record(d)
	}
	return &stats.Snapshot{
		Seq: n, Start: time.Duration(n) * time.Second, End: time.Duration(n+1) * time.Second,
		Load: stats.Load{Users: 1, WantedUsers: 1}, Routes: []stats.RouteStats{r},
		Events: []stats.Event{{At: time.Duration(n) * time.Second, Kind: stats.EventMark, Text: "mark"}},
	}
}

// However long a run, what is kept of it is bounded, and nothing of what it
// counts is lost.
func TestMemoryIsBounded(t *testing.T) {
	t.Parallel()
	const seconds = 3_000
	tl := newTally()
	for n := range seconds {
		tl.add(second(n, time.Duration(1+n%100)*time.Millisecond))
	}
	if n := len(tl.course.fine); n > fineSeconds {
		t.Errorf("%d fine points; want at most %d", n, fineSeconds)
	}
	if n := len(tl.course.coarse); n > coarsePoints || n < coarsePoints/2 {
		t.Errorf("%d coarse points; want %d to %d", n, coarsePoints/2, coarsePoints)
	}
	if n := len(tl.events); n != maxEvents {
		t.Errorf("%d events; want %d", n, maxEvents)
	}
	if n := len(tl.trends[single]); n != trendPoints {
		t.Errorf("%d points of a trend; want %d", n, trendPoints)
	}
	var counted int64
	for i := range tl.course.coarse {
		counted += tl.course.coarse[i].ok
	}
	if counted != seconds || tl.total.Total.Requests != seconds {
		t.Errorf("the course counts %d, the total %d; want %d", counted, tl.total.Total.Requests, seconds)
	}
}

// A column of many seconds shows the percentiles of all its requests, not a
// mean of percentiles.
func TestColumnsAreExact(t *testing.T) {
	t.Parallel()
	tl := newTally()
	tl.add(second(0, 10*time.Millisecond, 10*time.Millisecond, 10*time.Millisecond, 10*time.Millisecond))
	tl.add(second(1, 90*time.Millisecond))
	columns := tl.course.columns(0, 2*time.Second, 1)
	if got := columns[0].marks[0]; got.Round(time.Millisecond) != 10*time.Millisecond {
		t.Errorf("p50 of both seconds is %s; want 10ms", got)
	}
	if got := columns[0].marks[2]; got.Round(time.Millisecond) != 90*time.Millisecond {
		t.Errorf("p99 of both seconds is %s; want 90ms", got)
	}
	if got := columns[0].rate(columns[0].ok); got != 2.5 {
		t.Errorf("%g requests a second; want 2.5", got)
	}
}

// Where there are more columns than seconds the line goes on between them, and
// a gap in the run stays a gap.
func TestPlotFillsBetweenSeconds(t *testing.T) {
	t.Parallel()
	tl := newTally()
	for _, n := range []int{0, 1, 4} {
		s := second(n, time.Millisecond)
		s.Load.Users = n
		tl.add(s)
	}
	values := plot(tl.course.columns(0, 5*time.Second, 10), func(p *point) float64 { return p.users }, nil)
	// The seconds lie in the middle of their columns: 0.5, 1.5 and 4.5 s.
	want := []float64{math.NaN(), 0, 0.5, 1, math.NaN(), math.NaN(), math.NaN(), math.NaN(), math.NaN(), 4}
	for i := range want {
		if values[i] != want[i] && !(math.IsNaN(values[i]) && math.IsNaN(want[i])) {
			t.Fatalf("plotted %v; want %v", values, want)
		}
	}
	if tl.unseen != 2 {
		t.Errorf("%d seconds unseen; want 2", tl.unseen)
	}
}

// The window forgets what is older than ten seconds, and a reset forgets all.
func TestWindowAndReset(t *testing.T) {
	t.Parallel()
	tl := newTally()
	for n := range 30 {
		tl.add(second(n, time.Duration(n+1)*time.Millisecond))
	}
	w := &tl.window
	if w.ok != 10 || w.duration() != 10*time.Second || w.perSecond(w.ok) != 1 {
		t.Errorf("the window has %d requests in %s", w.ok, w.duration())
	}
	if got := w.summary().Total.OK.Min().Round(time.Millisecond); got != 21*time.Millisecond {
		t.Errorf("its shortest took %s; want 21ms", got)
	}
	if got := w.counts(single).Requests; got != 10 {
		t.Errorf("its route had %d requests; want 10", got)
	}
	tl.reset()
	tl.add(second(30, time.Millisecond))
	if tl.total.Total.Requests != 1 || tl.window.ok != 1 || tl.since != 30*time.Second {
		t.Errorf("after the reset: total %d, window %d, since %s", tl.total.Total.Requests, tl.window.ok, tl.since)
	}
	if len(tl.course.fine) != 31 {
		t.Errorf("the course was reset too: %d points", len(tl.course.fine))
	}
}

// The chart's frame stands still for a step and always holds the present.
func TestFrameStandsStill(t *testing.T) {
	t.Parallel()
	for r, most := range map[chartRange]int{lastMinute: 1 + 1000/10, lastFiveMinutes: 1 + 1000/60, wholeRun: 12} {
		changes := 0
		var before frame
		for s := range 1000 {
			now := time.Duration(s) * time.Second
			f := r.frameAt(now)
			if f != before {
				changes++
			}
			before = f
			if now < f.from || now > f.from+f.long {
				t.Fatalf("%s: %s is not in the frame from %s for %s", r, now, f.from, f.long)
			}
		}
		if changes > most {
			t.Errorf("%s: the frame moved %d times in 1000 s; want at most %d", r, changes, most)
		}
	}
}

func TestRoundUp(t *testing.T) {
	t.Parallel()
	for _, c := range [][2]float64{{0, 1}, {1, 1}, {0.07, 0.08}, {9.1, 10}, {101, 120}, {1201, 1600}, {4100, 5000}} {
		if got := roundUp(c[0]); math.Abs(got-c[1]) > 1e-9*c[1] {
			t.Errorf("roundUp(%g) = %g; want %g", c[0], got, c[1])
		}
	}
}

func TestFormats(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ got, want string }{
		{count(0), "0"}, {count(999), "999"}, {count(1000), "1 000"}, {count(-1234567), "-1 234 567"},
		{perSecond(0), "0"}, {perSecond(0.03), "0.03"}, {perSecond(0.25), "0.2"}, {perSecond(9.96), "10"}, {perSecond(1243.4), "1 243"},
		{percent(0, 10), "0 %"}, {percent(1, 100000), "<0.1 %"}, {percent(1, 500), "0.2 %"}, {percent(1, 2), "50 %"}, {percent(0, 0), "0 %"},
		{millis(0), "0"}, {millis(420 * time.Microsecond), "0.42"}, {millis(3400 * time.Microsecond), "3.4"}, {millis(12 * time.Millisecond), "12"}, {millis(90 * time.Second), "90 000"},
		{size(512), "512 B"}, {size(8300), "8.1 KB"}, {size(3e6), "2.9 MB"},
		{clock(0), "00:00"}, {clock(133 * time.Second), "02:13"}, {clock(3723 * time.Second), "1:02:03"},
		{span(3 * time.Second), "3 s"}, {span(90 * time.Second), "90 s"}, {span(5 * time.Minute), "5 min"}, {span(2500 * time.Millisecond), "2.5 s"},
		{plural(1, "user"), "1 user"}, {plural(1200, "user"), "1 200 users"},
		{short(123456789, 9), "123M"}, {short(1234567, 8), "1 234k"}, {short(99, 8), "99"},
		{fit("预测模型", 5), "预测…"}, {fit("ab", 4), "ab  "}, {fitRight("ab", 4), "  ab"},
		{axisNumber(1200), "1200"}, {axisNumber(12500), "12.5k"}, {axisNumber(37.5), "37.5"}, {axisNumber(0.25), "0.25"}, {axisNumber(2.4e6), "2.4M"},
	} {
		if c.got != c.want {
			t.Errorf("got %q; want %q", c.got, c.want)
		}
	}
}
