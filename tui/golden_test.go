package tui

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/exp/golden"

	"brink/runner/stats"
)

// sizes are those every view is looked at in.
var sizes = []struct{ w, h int }{{60, 20}, {80, 24}, {120, 36}, {200, 60}}

// looks are the terminals every view is looked at on.
var looks = []struct {
	name    string
	profile colorprofile.Profile
}{{"colour", colorprofile.TrueColor}, {"plain", colorprofile.ASCII}}

// climb is a run that somebody walked up by hand, past the knee; made once.
var climb = sync.OnceValue(func() *fakeRun {
	run := newFakeRun(40)
	for i, users := range []int{40, 80, 120, 160, 200} {
		if i > 0 {
			run.Set(stats.Wish{Users: &users})
		}
		if users == 160 {
			run.Set(stats.Wish{Mark: "second replica is up"})
		}
		for range 12 {
			run.step()
		}
	}
	return run
})

// walked shows a climb that goes on.
func walked(t *testing.T) *driver {
	t.Helper()
	return running(t, climb().fork(), 120, 36, 3)
}

// fits fails the test unless the screen is exactly w by h cells.
func fits(t *testing.T, content string, w, h int) {
	t.Helper()
	lines := 1
	for _, r := range content {
		if r == '\n' {
			lines++
		}
	}
	if lines != h {
		t.Errorf("%d lines; want %d", lines, h)
	}
	at := 0
	for line := range splitLines(content) {
		at++
		if n := ansi.StringWidth(line); n != w {
			t.Errorf("line %d has %d cells; want %d: %q", at, n, w, ansi.Strip(line))
		}
	}
}

// picture is a screen to compare with its golden file.
type picture struct {
	name, content string
	w, h          int
}

// compare checks that each picture has its size and is as in its golden file.
func compare(t *testing.T, pictures []picture) {
	for _, p := range pictures {
		t.Run(p.name, func(t *testing.T) {
			fits(t, p.content, p.w, p.h)
			golden.RequireEqual(t, p.content)
		})
	}
}

// Every view, in every size, in colour and without.
func TestViews(t *testing.T) {
	t.Parallel()
	var pictures []picture
	synctest.Test(t, func(t *testing.T) {
		d := walked(t)
		for v := range numViews {
			for _, size := range sizes {
				for _, look := range looks {
					d.send(tea.WindowSizeMsg{Width: size.w, Height: size.h})
					d.send(tea.ColorProfileMsg{Profile: look.profile})
					d.keys(string(rune('1' + v)))
					pictures = append(pictures, picture{fmt.Sprintf("%s-%dx%d-%s", v, size.w, size.h, look.name), d.app.View().Content, size.w, size.h})
				}
			}
		}
	})
	compare(t, pictures)
}

// The details and the dialogs of the views.
func TestDetails(t *testing.T) {
	t.Parallel()
	var pictures []picture
	for name, keys := range map[string][]string{
		"route":    {"2", "j", "j", "enter"},
		"both":     {"2", "c", "c", "right", "right"},
		"failure":  {"3", "enter"},
		"help":     {"?"},
		"weights":  {"w", "down"},
		"columns":  {"2", "C"},
		"save":     {"S"},
		"prompt":   {"u", "1", "4", "0"},
		"ask":      {"q"},
		"stopping": {"q", "q"},
		"5-min":    {"]"},
		"all":      {"]", "]"},
	} {
		synctest.Test(t, func(t *testing.T) {
			d := walked(t)
			d.keys(keys...)
			for _, size := range sizes[1:3] {
				d.send(tea.WindowSizeMsg{Width: size.w, Height: size.h})
				pictures = append(pictures, picture{fmt.Sprintf("%s-%dx%d", name, size.w, size.h), d.screen(), size.w, size.h})
			}
		})
	}
	compare(t, pictures)
}

// What comes before a run.
func TestBeforeARun(t *testing.T) {
	t.Parallel()
	var pictures []picture
	for name, keys := range map[string][]string{
		"picker":  nil,
		"broken":  {"down", "down", "enter"},
		"form":    {"enter"},
		"stages":  {"enter", "up", "right"},
		"waiting": {"enter", "enter"},
	} {
		synctest.Test(t, func(t *testing.T) {
			o := options(t, newFakeRun(1))
			o.Start = func(ctx context.Context, _ Setup, say func(string)) (*Started, error) {
				say("503 not_ready")
				<-ctx.Done()
				return nil, ctx.Err()
			}
			d := newDriver(t, o, 80, 24)
			d.keys(keys...)
			d.time = d.time.Add(3 * time.Second)
			for _, size := range sizes[:3] {
				d.send(tea.WindowSizeMsg{Width: size.w, Height: size.h})
				pictures = append(pictures, picture{fmt.Sprintf("%s-%dx%d", name, size.w, size.h), d.screen(), size.w, size.h})
			}
		})
	}
	compare(t, pictures)
}

// Where the locale is C the screen is ASCII, every cell of it.
func TestASCII(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := running(t, newFakeRun(60), 80, 24, 20, "LC_ALL=C")
		for v := range numViews {
			d.keys(string(rune('1' + v)))
			content := d.app.View().Content
			fits(t, content, 80, 24)
			for i, r := range content {
				if r > 126 {
					t.Fatalf("%q is not ASCII: %q", r, content[max(0, i-20):i+8])
				}
			}
		}
		d.keys("1")
		golden.RequireEqual(t, ansi.Strip(d.app.View().Content))
	})
}

// A light background has other colours, and the same text.
func TestLightBackground(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := running(t, newFakeRun(60), 80, 24, 20)
		dark := d.app.View().Content
		d.app.restyle(d.app.s.profile, false)
		d.app.dirty = true
		light := d.app.View().Content
		if dark == light || ansi.Strip(dark) != ansi.Strip(light) {
			t.Error("light and dark should differ in colours only")
		}
	})
}

// Of the 16 colours, those that some background swallows are not used: bright
// black on any, yellow and cyan on a light one.
func TestSixteenColours(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		dark         bool
		used, unused []string
	}{
		"dark":  {true, []string{"2", "33", "36"}, []string{"90"}},
		"light": {false, []string{"2", "31", "34"}, []string{"90", "33", "36"}},
	} {
		synctest.Test(t, func(t *testing.T) {
			d := running(t, newFakeRun(60), 80, 24, 20)
			d.app.restyle(colorprofile.ANSI, test.dark)
			used := map[string]bool{}
			for v := range numViews {
				d.keys(string(rune('1' + v)))
				for _, m := range sgr.FindAllStringSubmatch(d.app.View().Content, -1) {
					for _, code := range strings.Split(m[1], ";") {
						used[code] = true
					}
				}
			}
			for _, code := range test.used {
				if !used[code] {
					t.Errorf("on a %s background SGR %s is not used", name, code)
				}
			}
			for _, code := range test.unused {
				if used[code] {
					t.Errorf("on a %s background SGR %s is used", name, code)
				}
			}
		})
	}
}

// sgr finds what sets the looks of text.
var sgr = regexp.MustCompile("\x1b\\[([0-9;]*)m")

// Names in Chinese and with emoji stay in their columns.
func TestWideNames(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		run := newFakeRun(60)
		run.names = []stats.Route{{Method: "POST", Name: "预测 心脏病"}, {Method: "GET", Name: "🚀 launch"}, {Method: "GET", Name: "e\u0301tat\x1b[31m"}}
		d := running(t, run, 120, 36, 10)
		for v := range numViews {
			d.keys(string(rune('1' + v)))
			fits(t, d.app.View().Content, 120, 36)
		}
		d.keys("1")
		d.shows("POST 预测 心脏病", "🚀 launch", `\x1b[31m`)
		golden.RequireEqual(t, d.screen())
	})
}

// What is wrong is said in the header, in words.
func TestAlarms(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		run := newFakeRun(60)
		d := running(t, run, 120, 36, 3)
		run.mu.Lock()
		run.dropping = true
		run.mu.Unlock()
		d.step(run, 3)
		d.shows("21 arrivals dropped: no user was free")
		run.mu.Lock()
		run.dropping, run.silent = false, true
		run.mu.Unlock()
		d.step(run, 4)
		d.shows("nothing answered for 4 s: 60 in flight", " 0 req/s")
		d.time = d.time.Add(9 * time.Second)
		d.send(tickMsg{})
		d.shows("no news from the run for 9 s")
	})
}

// Too small a terminal says so, and the run goes on.
func TestTooSmall(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := running(t, newFakeRun(60), 59, 19, 3)
		d.shows("too small", "59×19", "60×20")
		d.send(tea.WindowSizeMsg{Width: 60, Height: 20})
		d.shows("1 live")
		d.send(tea.WindowSizeMsg{Width: 3, Height: 1})
		fits(t, d.app.View().Content, 3, 1)
	})
}

// Any size shows something of exactly that size, in every view.
func TestEverySize(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := walked(t)
		for w := 60; w <= 210; w += 25 {
			for h := 20; h <= 64; h += 11 {
				d.send(tea.WindowSizeMsg{Width: w, Height: h})
				for _, k := range []string{"1", "2", "3", "4", "5"} {
					d.keys(k)
					fits(t, d.app.View().Content, w, h)
				}
			}
		}
	})
}
