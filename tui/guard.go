package tui

import (
	"runtime/debug"

	tea "charm.land/bubbletea/v2"
)

// guard keeps a fault in the screen from leaving the terminal unusable: it
// ends the program, and keeps what happened.
type guard struct {
	model *app
	quit  func()
	panic *Panic
}

// panicMsg brings a fault from a command.
type panicMsg struct{ *Panic }

// Init calls the model's.
func (g *guard) Init() tea.Cmd { return g.model.Init() }

// Update calls the model's.
func (g *guard) Update(msg tea.Msg) (m tea.Model, cmd tea.Cmd) {
	defer func() {
		if v := recover(); v != nil {
			g.panic = newPanic(v)
			m, cmd = g, tea.Quit
		}
	}()
	if p, ok := msg.(panicMsg); ok {
		g.panic = p.Panic
		return g, tea.Quit
	}
	if g.panic != nil {
		return g, tea.Quit
	}
	_, cmd = g.model.Update(msg)
	return g, cmd
}

// View calls the model's.
func (g *guard) View() (v tea.View) {
	defer func() {
		if r := recover(); r != nil {
			if g.panic == nil {
				g.panic = newPanic(r)
				go g.quit()
			}
			v = tea.View{}
		}
	}()
	if g.panic != nil {
		return tea.View{}
	}
	return g.model.View()
}

func newPanic(v any) *Panic { return &Panic{Value: v, Stack: string(debug.Stack())} }

// guarded makes a command of f whose fault ends the program in order.
func guarded(f func() tea.Msg) tea.Cmd {
	return func() (msg tea.Msg) {
		defer func() {
			if v := recover(); v != nil {
				msg = panicMsg{newPanic(v)}
			}
		}()
		return f()
	}
}
