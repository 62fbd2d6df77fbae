package tui

import (
	"context"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"
)

// submit starts the run, or says what is wrong.
func (f *form) submit() tea.Cmd {
	setup, ok := f.setup()
	if !ok {
		return nil
	}
	return send(beginMsg{setup})
}

// setup reads the fields. It marks those that make no sense.
func (f *form) setup() (Setup, bool) {
	f.trouble = [numFields]string{}
	target := strings.TrimSpace(f.inputs[targetField].Value())
	if u, err := url.Parse(target); err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		f.trouble[targetField] = "a URL such as http://127.0.0.1:8000"
	}
	s := Setup{Scenario: f.entry.Scenario, Path: f.entry.Path, Profile: f.profiles[f.chosen]}
	if target != targetOf(&f.entry) {
		s.Target = target
	}
	f.number(usersField, func(text string) bool {
		n, err := strconv.Atoi(text)
		s.Users = n
		return err == nil && n >= 1 && n <= 1_000_000
	}, "a whole number from 1 to 1000000")
	f.number(spawnField, func(text string) bool {
		v, err := strconv.ParseFloat(text, 64)
		s.SpawnRate = v
		return err == nil && v > 0 && v <= 1e6
	}, "a number above 0, users a second")
	f.number(timeField, func(text string) bool {
		d, err := parseDuration(text)
		s.RunTime = d
		return err == nil && d > 0
	}, "a time such as 30s, 5m or 1h")
	if f.chosen == 0 && s.Users == 0 && f.trouble[usersField] == "" {
		f.trouble[usersField] = "how many users to begin with?"
	}
	for i, t := range f.trouble {
		if t != "" {
			f.focusOn(field(i))
			return s, false
		}
	}
	if f.Resolve != nil && s.Target != "" {
		scenario, err := f.Resolve(s.Path, s.Target)
		if err != nil {
			f.refuse(err)
			return s, false
		}
		s.Scenario = scenario
	}
	return s, true
}

// number reads one field with read, unless it is empty or not asked for.
func (f *form) number(at field, read func(string) bool, want string) {
	text := strings.TrimSpace(f.inputs[at].Value())
	if text != "" && !f.skipped(at) && !read(text) {
		f.trouble[at] = want
	}
}

// parseDuration reads "90", in seconds, "90s" or "1m30s".
func parseDuration(text string) (time.Duration, error) {
	if n, err := strconv.Atoi(text); err == nil {
		if n < 0 || n > 1_000_000_000 {
			return 0, fmt.Errorf("%q is out of range", text)
		}
		return time.Duration(n) * time.Second, nil
	}
	return time.ParseDuration(strings.ReplaceAll(text, " ", ""))
}

// try sends one user's requests once, off the screen's loop.
func (f *form) try() tea.Cmd {
	setup, ok := f.setup()
	if f.Try == nil || !ok {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	f.trying = cancel
	try := f.Try
	return guarded(func() tea.Msg {
		defer cancel()
		text, err := try(ctx, setup)
		if err != nil {
			text += "\n" + err.Error()
		}
		return triedMsg(strings.TrimSpace(text) + "\n")
	})
}
