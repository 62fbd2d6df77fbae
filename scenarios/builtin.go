package scenarios

import "time"

// builtinProfiles are those that every scenario has, for 50 users and 5
// minutes, an hour for soak; Sized makes them larger or smaller.
func builtinProfiles() []Profile {
	level := func(users int, hold time.Duration) Stage { return Stage{Users: users, For: hold} }
	return []Profile{
		// From no user to all of them, evenly.
		{Name: "ramp-up", Builtin: true, Stages: []Stage{{Users: 50, Over: 5 * time.Minute}}},
		// All users, after a tenth of the time to get there.
		{Name: "sustained", Builtin: true, Stages: []Stage{{Users: 50, Over: 30 * time.Second, For: 270 * time.Second}}},
		// A tenth of the users, for a fifth of the time all of them, a tenth again.
		{Name: "spike", Builtin: true, Stages: []Stage{level(5, 2*time.Minute), level(50, time.Minute), level(5, 2*time.Minute)}},
		// Five levels of the same length.
		{Name: "steps", Builtin: true, Stages: []Stage{
			level(10, time.Minute), level(20, time.Minute), level(30, time.Minute), level(40, time.Minute), level(50, time.Minute),
		}},
		// Half of the users, for long.
		{Name: "soak", Builtin: true, Stages: []Stage{{Users: 25, Over: time.Minute, For: 59 * time.Minute}}},
	}
}
