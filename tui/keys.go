package tui

import (
	"charm.land/bubbles/v2/key"
)

// keyMap is every key of the views of a run, with its help. `keys` in the help
// of a binding are as they are drawn, so they exist in two alphabets.
type keyMap struct {
	up, down, upTen, downTen, double, halve key.Binding
	users, rate, pause, handBack            key.Binding
	weights, mark, reset, save              key.Binding

	nextView, prevView, view key.Binding
	shorter, longer, scope   key.Binding

	next, prev, pageDown, pageUp, top, bottom key.Binding
	enter, back, copyCurl                     key.Binding
	sortNext, sortPrev, reverse               key.Binding
	filter, columns                           key.Binding

	help, quit, cut, suspend, redraw key.Binding
}

// newKeys returns brink's keys; with Locust's, w W s S change users too and
// what they were for is on e and ctrl+s alone.
func newKeys(set Keys, ascii bool) *keyMap {
	up, down, shift, left, right := "↑", "↓", "⇧", "←", "→"
	if ascii {
		up, down, shift, left, right = "up", "down", "shift+", "left", "right"
	}
	bind := func(help, text string, keys ...string) key.Binding {
		return key.NewBinding(key.WithKeys(keys...), key.WithHelp(help, text))
	}
	k := &keyMap{
		up:       bind(up, "one user more (1/s in rate mode)", "up", "+", "="),
		down:     bind(down, "one user less", "down", "-"),
		upTen:    bind(shift+up+" K", "ten more", "shift+up", "K"),
		downTen:  bind(shift+down+" J", "ten less", "shift+down", "J"),
		double:   bind(">", "twice as many", ">", "*"),
		halve:    bind("<", "half as many", "<"),
		users:    bind("u", "set users to a number", "u"),
		rate:     bind("r", "set a rate, requests a second", "r"),
		pause:    bind("space", "pause, go on", "space"),
		handBack: bind("P", "give the load back to the profile", "P", "b"),
		weights:  bind("w", "weights of tasks, routes on and off", "w", "e"),
		mark:     bind("m", "write a mark with a text into the record", "m"),
		reset:    bind("R", "reset what is shown, not the record", "R"),
		save:     bind("S", "save a report now", "S", "ctrl+s"),

		nextView: bind("tab", "next view", "tab"),
		prevView: bind(shift+"tab", "previous view", "shift+tab"),
		view:     bind("1-5", "live, routes, failures, levels, log", "1", "2", "3", "4", "5"),
		shorter:  bind("[", "charts: shorter time", "["),
		longer:   bind("]", "charts: longer time", "]"),
		scope:    bind("c", "since the start, the last 10 s, or both", "c"),

		next:     bind("j", "next row", "j", "ctrl+n"),
		prev:     bind("k", "previous row", "k", "ctrl+p"),
		pageDown: bind("pgdn", "a page on", "pgdown", "ctrl+d"),
		pageUp:   bind("pgup", "a page back", "pgup", "ctrl+u"),
		top:      bind("home g", "first row", "home", "g"),
		bottom:   bind("end G", "last row", "end", "G"),
		enter:    bind("enter", "open", "enter"),
		back:     bind("esc", "back", "esc", "backspace"),
		copyCurl: bind("y", "copy as a curl command", "y"),
		sortNext: bind(right, "sort by the next column", "right", "l"),
		sortPrev: bind(left, "sort by the previous column", "left", "h"),
		reverse:  bind("o", "reverse the order", "o"),
		filter:   bind("/", "filter by name", "/"),
		columns:  bind("C", "columns to show", "C"),

		help:    bind("?", "all keys", "?"),
		quit:    bind("q", "stop and save", "q", "ctrl+c"),
		cut:     bind("X", "emergency: cut everything now", "X"),
		suspend: bind("ctrl+z", "to the shell; fg comes back", "ctrl+z"),
		redraw:  bind("ctrl+l", "draw the screen anew", "ctrl+l"),
	}
	if set == KeysLocust {
		k.up.SetKeys(append(k.up.Keys(), "w")...)
		k.upTen.SetKeys(append(k.upTen.Keys(), "W")...)
		k.down.SetKeys(append(k.down.Keys(), "s")...)
		k.downTen.SetKeys(append(k.downTen.Keys(), "S")...)
		k.up.SetHelp(up+" w", k.up.Help().Desc)
		k.upTen.SetHelp(shift+up+" K W", k.upTen.Help().Desc)
		k.down.SetHelp(down+" s", k.down.Help().Desc)
		k.downTen.SetHelp(shift+down+" J S", k.downTen.Help().Desc)
		k.weights = bind("e", k.weights.Help().Desc, "e")
		k.save = bind("ctrl+s", k.save.Help().Desc, "ctrl+s")
	}
	return k
}

// group is a heading of the help with its keys.
type group struct {
	title string
	keys  []key.Binding
}

// groups returns the keys of a view for the help.
func (k *keyMap) groups(v view) []group {
	load := group{"Load", []key.Binding{k.up, k.down, k.upTen, k.downTen, k.double, k.halve, k.users, k.rate, k.pause, k.handBack, k.weights}}
	run := group{"Run", []key.Binding{k.mark, k.reset, k.save, k.quit, k.cut}}
	screen := group{"Screen", []key.Binding{k.nextView, k.prevView, k.view, k.help, k.suspend, k.redraw}}
	rows := []key.Binding{k.next, k.prev, k.pageDown, k.pageUp, k.top, k.bottom}
	var here group
	switch v {
	case liveView:
		here = group{"Live", []key.Binding{k.shorter, k.longer, k.scope, k.next, k.prev}}
	case routesView:
		here = group{"Routes", append(rows, k.enter, k.back, k.sortPrev, k.sortNext, k.reverse, k.filter, k.columns, k.scope)}
	case failuresView:
		here = group{"Failures", append(rows, k.enter, k.back, k.copyCurl)}
	case levelsView:
		here = group{"Levels", rows}
	case logView:
		here = group{"Log", rows}
	}
	return []group{load, here, run, screen}
}

// hint is a key and a word or two for the footer.
type hint struct {
	key, text string
	less      int
}
