package tui

import (
	"context"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"
)

// begin is a start of a run under way.
type begin struct {
	setup  Setup
	cancel context.CancelFunc
	words  chan string   // what the target answers, the latest only
	done   chan struct{} // closed when Start has returned
}

// startedMsg is the end of a start.
type startedMsg struct {
	started *Started
	err     error
}

// saidMsg is a word on how a start goes.
type saidMsg string

// begin starts a run and shows the wait for it.
func (a *app) begin(setup Setup) tea.Cmd {
	if a.begun != nil {
		return nil
	}
	ctx, cancel := context.WithCancel(a.ctx)
	b := &begin{setup: setup, cancel: cancel, words: make(chan string, 1), done: make(chan struct{})}
	a.begun = b
	a.screen = &waiting{common: a.common, begin: b, since: a.now()}
	start := guarded(func() tea.Msg {
		defer close(b.done)
		started, err := a.Start(ctx, setup, b.say)
		return startedMsg{started, err}
	})
	return tea.Batch(start, b.listen())
}

// say keeps the latest word. It may be called from any goroutine and never
// waits for the screen.
func (b *begin) say(text string) {
	for {
		select {
		case b.words <- text:
			return
		default:
		}
		select {
		case <-b.words:
		default:
		}
	}
}

// listen waits for the next word.
func (b *begin) listen() tea.Cmd {
	return guarded(func() tea.Msg {
		select {
		case text := <-b.words:
			return saidMsg(text)
		case <-b.done:
			return nil
		}
	})
}

// waiting is the screen between asking for a run and its first second.
type waiting struct {
	*common
	*begin
	since     time.Time
	said      string
	cancelled bool
}

func (s *waiting) update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case saidMsg:
		s.said = string(msg)
		return s.listen()
	case tea.KeyPressMsg:
		switch msg.String() {
		case "esc", "ctrl+c", "q":
			s.cancelled = true
			s.cancel()
		}
	}
	return nil
}

func (s *waiting) view() string {
	var b strings.Builder
	target := s.setup.Target
	name := ""
	limit := time.Duration(0)
	if sc := s.setup.Scenario; sc != nil {
		name = sc.Name
		if sc.Target != nil && target == "" {
			target = sc.Target.String()
		}
		if sc.Ready != nil {
			limit = sc.Ready.Timeout
		}
	}
	passed := s.now().Sub(s.since).Truncate(time.Second)
	line := func(parts ...string) { b.WriteString("  " + strings.Join(parts, "") + "\n") }
	b.WriteString("\n")
	line(s.s.brand.Render("brink"), "  ", s.s.bold.Render(clean(name)), s.s.dim.Render(" "+s.s.glyph.arrow+" "), clean(target))
	b.WriteString("\n")
	switch {
	case s.cancelled:
		line("Giving up" + s.s.glyph.ellipsis)
	case limit > 0:
		line("Waiting for the target to be ready: ", s.s.bold.Render(span(passed)), " of ", span(limit), ".")
	default:
		line("Starting", s.s.glyph.ellipsis, " ", span(passed))
	}
	if s.said != "" {
		line("It answers: ", s.s.warn.Render(fit(clean(s.said), max(1, min(s.w-16, len([]rune(clean(s.said))))))))
	}
	b.WriteString("\n")
	line(s.s.key.Render("esc"), " gives up")
	return fill(b.String(), s.w, s.h)
}
