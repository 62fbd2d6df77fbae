package reports

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	cdppage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/performance"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"brink/runner/stats"
)

// tab is a tab of a Chromium. Whatever the browser complains of fails the test:
// errors of scripts, breaches of the page's security policy, dialogs, requests
// to anywhere but the file itself.
type tab struct {
	*testing.T
	ctx context.Context

	mu         sync.Mutex
	complaints []string
}

// chromium starts a browser, or skips the test where there is none.
func chromium(t *testing.T) context.Context {
	t.Helper()
	var exe string
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil && exe == "" {
			exe = path
		}
	}
	if exe == "" && os.Getenv("BRINK_LONG") != "" {
		t.Fatal("CI needs Chromium for this test")
	}
	if exe == "" {
		t.Skip("there is no Chromium here (Debian: apt-get install chromium)")
	}
	ctx, cancel := chromedp.NewExecAllocator(t.Context(), append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(exe), chromedp.UserDataDir(t.TempDir()), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true),
		chromedp.WindowSize(1280, 900))...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx, chromedp.WithErrorf(func(string, ...any) {}))
	t.Cleanup(cancel)
	if err := chromedp.Do(ctx); err != nil {
		t.Fatal(err)
	}
	return ctx
}

// openTab opens a tab of a browser.
func openTab(t *testing.T, browser context.Context) *tab {
	t.Helper()
	b := &tab{T: t}
	ctx, cancel := chromedp.NewContext(browser, chromedp.WithListener(b.hear))
	t.Cleanup(cancel)
	b.ctx = ctx
	command(b, network.Enable, network.EnableParams{})
	command(b, log.Enable, cdp.Empty{})
	command(b, cdppage.Enable, cdppage.EnableParams{})
	b.ctx, cancel = context.WithTimeout(ctx, 10*time.Minute)
	t.Cleanup(cancel)
	t.Cleanup(func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		for _, c := range b.complaints {
			t.Error("the browser says: " + c)
		}
	})
	return b
}

// TestPage looks at the report in a real browser.
func TestPage(t *testing.T) {
	browser := chromium(t)
	for name, test := range map[string]func(*tab){
		"draws and sorts": drawsAndSorts, "charts are one": chartsAreOne, "fits phone and paper": fits,
		"without script": withoutScript, "nothing recorded": nothingRecorded, "nothing answered": nothingAnswered,
		"on paper": onPaper, "long run": longRun,
	} {
		t.Run(name, func(t *testing.T) { test(openTab(t, browser)) })
	}
}

// hear takes down what the browser complains of.
func (b *tab) hear(event any) {
	var what string
	switch e := event.(type) {
	case *runtime.EventExceptionThrown:
		what = e.ExceptionDetails.Text
	case *log.EventEntryAdded:
		what = e.Entry.Text
	case *cdppage.EventJavascriptDialogOpening:
		what = "a dialog opened: " + e.Message
	case *network.EventRequestWillBeSent:
		if u := e.Request.URL; !strings.HasPrefix(u, "file://") && !strings.HasPrefix(u, "data:") {
			what = "a request was sent to " + u
		}
	}
	if what != "" {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.complaints = append(b.complaints, what)
	}
}

func (b *tab) do(steps ...chromedp.Action[chromedp.Void]) {
	b.Helper()
	if err := chromedp.Do(b.ctx, steps...); err != nil {
		b.Fatal(err)
	}
}

// value returns what a script in the page gives.
func value[T any](b *tab, script string) T {
	b.Helper()
	v, err := chromedp.Run(b.ctx, chromedp.Evaluate[T](script))
	if err != nil {
		b.Fatalf("%s: %v", script, err)
	}
	return v
}

func command[P, R any](b *tab, c cdp.Command[P, R], params P) {
	b.Helper()
	if _, err := chromedp.Call(b.ctx, c, params); err != nil {
		b.Fatal(err)
	}
}

// open shows the page of a record.
func (b *tab) open(rec *Record) {
	b.Helper()
	b.show(made(b.T, rec, HTML))
}

func (b *tab) show(page []byte) {
	b.Helper()
	path := filepath.Join(b.TempDir(), "report.html")
	if err := os.WriteFile(path, page, 0o600); err != nil {
		b.Fatal(err)
	}
	b.do(chromedp.Navigate("file://" + path))
}

const pageReady = chromedp.CSS(`html[data-ready]`)

func drawsAndSorts(b *tab) {
	rec, err := Open("testdata/run.brink") // with what a hostile target may say
	if err != nil {
		b.Fatal(err)
	}
	b.open(rec)
	b.do(chromedp.WaitReady(pageReady))
	if charts, scripts := value[int](b, `document.querySelectorAll("canvas").length`), value[int](b, `document.scripts.length`); charts != 7 || scripts != 2 {
		b.Errorf("%d charts, %d scripts; want 7, 2", charts, scripts)
	}

	const head = chromedp.CSS(`table.sortable th:first-child button`)
	const names = `[...document.querySelector("table.sortable").tBodies[0].rows].map(r => r.cells[0].textContent).join(", ")`
	b.do(chromedp.Click(head))
	if got := value[string](b, names); got != "GET health, POST batch, POST single" {
		b.Errorf("sorted by name: %s", got)
	}
	b.do(chromedp.Click(head))
	if got := value[string](b, names); got != "POST single, POST batch, GET health" {
		b.Errorf("sorted by name, downwards: %s", got)
	}
}

// chartsAreOne moves and drags in one chart and looks at another:
// crosshair and zoom are shared.
func chartsAreOne(b *tab) {
	b.open(recorded(b.T, demoHeader(), demoRun()))
	b.do(chromedp.WaitReady(pageReady), chromedp.ScrollIntoView(chromedp.CSS(`#latency`)))
	at := value[map[string]float64](b, `(() => { const r = document.querySelector("#latency .u-over").getBoundingClientRect(); return {x: r.x, y: r.y, w: r.width, h: r.height}; })()`)
	x, y := at["x"]+at["w"]/4, at["y"]+at["h"]/2
	b.do(chromedp.MouseEvent("mouseMoved", x, y))
	b.await(`document.querySelector("#rate .u-legend").textContent.includes("At00:0")`)
	b.do(chromedp.MouseEvent("mousePressed", x, y, chromedp.ButtonLeft, chromedp.ClickCount(1)),
		chromedp.MouseEvent("mouseMoved", x+at["w"]/4, y, chromedp.ButtonLeft),
		chromedp.MouseEvent("mouseReleased", x+at["w"]/4, y, chromedp.ButtonLeft, chromedp.ClickCount(1)))
	b.await(`!document.getElementById("reset").hidden`)
	b.do(chromedp.Click(chromedp.CSS(`#reset`)))
	b.await(`document.getElementById("reset").hidden`)
	b.do(chromedp.SetValue(chromedp.CSS(`#route`), "GET health"))
	value[int](b, `(document.getElementById("route").dispatchEvent(new Event("change")), 0)`)
	b.await(`document.querySelector("#spectrum .u-legend").textContent.includes("GET health")`)
}

// await waits until a script's condition holds.
func (b *tab) await(condition string) {
	b.Helper()
	if _, err := chromedp.Run(b.ctx, chromedp.Poll[bool](condition, chromedp.WithPollingTimeout(time.Minute))); err != nil {
		b.Fatalf("%s: %v", condition, err)
	}
}

func fits(b *tab) {
	b.do(chromedp.EmulateViewport(390, 800))
	b.open(recorded(b.T, demoHeader(), demoRun()))
	b.do(chromedp.WaitReady(pageReady))
	if wide := value[int](b, `document.documentElement.scrollWidth`); wide > 390 {
		b.Errorf("the page is %d pixels wide on a phone of 390", wide)
	}
	paper := map[string]string{}
	for _, scheme := range []string{"light", "dark"} {
		command(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}})
		paper[scheme] = value[string](b, `getComputedStyle(document.body).backgroundColor`)
	}
	if paper["light"] != "rgb(252, 252, 251)" || paper["dark"] != "rgb(19, 21, 25)" {
		b.Errorf("the paper is %v", paper)
	}
	b.do(chromedp.ResetViewport())
	pdf, err := chromedp.Run(b.ctx, chromedp.PrintToPDF())
	if err != nil || len(pdf) < 20_000 {
		b.Errorf("printed %d bytes, %v", len(pdf), err)
	}
}

func withoutScript(b *tab) {
	command(b, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
	b.open(recorded(b.T, demoHeader(), demoRun()))
	text, err := chromedp.Run(b.ctx, chromedp.Text(chromedp.CSS(`main`)))
	if err != nil {
		b.Fatal(err)
	}
	for _, want := range []string{"2 of 4 thresholds failed", "p99.9 of health < 1s", "POST single", "80 users", "timed out after 10 s", "20 users by hand", "bench-1"} {
		if !strings.Contains(text, want) {
			b.Errorf("without script the page does not show %q", want)
		}
	}
	if strings.Contains(text, "Over time") {
		b.Error("without script the page shows the place of its charts")
	}
}

func nothingRecorded(b *tab) {
	b.open(recorded(b.T, demoHeader(), nil))
	b.do(chromedp.WaitReady(pageReady))
	if text := value[string](b, `document.querySelector("main").innerText`); !strings.Contains(text, "No request was finished") || strings.Contains(text, "Over time") {
		b.Errorf("the page says\n%s", text)
	}
}

// nothingAnswered is a run whose every request was still in flight at its end.
func nothingAnswered(b *tab) {
	p := newPlayer(demoHeader().Routes)
	b.open(recorded(b.T, demoHeader(), []*stats.Snapshot{p.second(5, 0), p.second(5, 0)}))
	b.do(chromedp.WaitReady(pageReady))
	if charts := value[int](b, `document.querySelectorAll("canvas").length`); charts != 4 {
		b.Errorf("%d charts, want the 4 over time", charts)
	}
}

// onPaper wants charts that were drawn for the sheet, two beside each other,
// and drawn for the screen again afterwards.
func onPaper(b *tab) {
	b.open(recorded(b.T, demoHeader(), demoRun()))
	b.do(chromedp.WaitReady(pageReady))
	wide := func() float64 {
		return value[float64](b, `document.querySelector("#latency canvas").getBoundingClientRect().width`)
	}
	screen := wide()
	value[bool](b, `dispatchEvent(new Event("beforeprint"))`)
	sheet := wide()
	value[bool](b, `dispatchEvent(new Event("afterprint"))`)
	again := wide()
	if screen < 450 || sheet > 340 || again != screen {
		b.Errorf("a chart is %g wide on the screen, %g on paper, then %g", screen, sheet, again)
	}
}

// longRun holds the promise: at most 2 MB and ready within 2 s, for
// an hour of 20 routes in CI's long part, for less of it elsewhere. Where the
// page had less than that of a processor, the machine was busy elsewhere.
func longRun(b *tab) {
	seconds := 20
	if os.Getenv("BRINK_LONG") != "" {
		seconds = 3600
	}
	rec, _ := busyRecord(b.T, seconds)
	page := made(b.T, rec, HTML)
	command(b, performance.Enable, performance.EnableParams{TimeDomain: performance.EnableTimeDomainThreadTicks})
	b.show(page)
	b.do(chromedp.WaitReady(pageReady))
	size := len(page)
	ready, worked := value[int](b, `+document.documentElement.dataset.ready`), b.worked()
	b.Logf("%d s: %d KB, ready in %d ms, %d ms of a processor", seconds, size/1000, ready, worked)
	if size > 2_000_000 || ready > 2000 && worked > 2000 {
		b.Errorf("the page of %d s has %d KB and is ready in %d ms; want at most 2000 KB, 2000 ms", seconds, size/1000, ready)
	} else if ready > 2000 {
		b.Skipf("this machine is too busy for the proof: ready in %d ms, of which the page had a processor for %d ms", ready, worked)
	}
}

// worked returns the processor time that the page's thread has had, in ms.
func (b *tab) worked() int {
	b.Helper()
	got, err := chromedp.Call(b.ctx, performance.GetMetrics, cdp.Empty{})
	if err != nil {
		b.Fatal(err)
	}
	for _, m := range got.Metrics {
		if m.Name == "TaskDuration" {
			return int(1000 * m.Value)
		}
	}
	b.Fatal("the browser does not say how long the page worked")
	return 0
}
