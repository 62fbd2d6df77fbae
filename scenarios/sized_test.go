package scenarios

import (
	"reflect"
	"testing"
	"time"
)

func TestSized(t *testing.T) {
	simple := Profile{Name: "simple", Users: 50, SpawnRate: 5, RunTime: time.Minute}
	staged := Profile{Name: "staged", Stages: []Stage{{Users: 20, For: 10 * time.Second}, {Users: 80, Over: 10 * time.Second, For: 20 * time.Second}}}
	builtin := staged
	builtin.Builtin = true
	open := Profile{Name: "open", Rate: 100, MaxUsers: 500, RunTime: time.Minute}
	for _, c := range []struct {
		name    string
		from    Profile
		users   int
		spawn   float64
		runTime time.Duration
		want    Profile
	}{
		{"nothing given", simple, 0, 0, 0, simple},
		{"all given", simple, 10, 2, time.Hour, Profile{Name: "simple", Users: 10, SpawnRate: 2, RunTime: time.Hour}},
		{"stages of a file", staged, 40, 0, 20 * time.Second, Profile{Name: "staged", RunTime: 20 * time.Second,
			Stages: []Stage{{Users: 10, For: 10 * time.Second}, {Users: 40, Over: 10 * time.Second, For: 20 * time.Second}}}},
		{"stages of a built-in one", builtin, 160, 0, 80 * time.Second, Profile{Name: "staged", Builtin: true, RunTime: 80 * time.Second,
			Stages: []Stage{{Users: 40, For: 20 * time.Second}, {Users: 160, Over: 20 * time.Second, For: 40 * time.Second}}}},
		{"open", open, 30, 0, 0, Profile{Name: "open", Rate: 100, MaxUsers: 30, RunTime: time.Minute}},
	} {
		before := c.from
		got, err := c.from.Sized(c.users, c.spawn, c.runTime)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if len(got.Stages) == 0 {
			got.Stages = nil
		}
		if !reflect.DeepEqual(*got, c.want) {
			t.Errorf("%s: %+v, want %+v", c.name, *got, c.want)
		}
		if !reflect.DeepEqual(c.from, before) {
			t.Errorf("%s: the profile itself was changed", c.name)
		}
	}
	for _, p := range []Profile{staged, open} {
		if _, err := p.Sized(0, 3, 0); err == nil {
			t.Errorf("%s took a spawn rate", p.Name)
		}
	}
}
