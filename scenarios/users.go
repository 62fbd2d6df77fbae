package scenarios

import (
	"fmt"
	"slices"
)

// userClasses reads users, or the one kind that tasks at the top make.
func (d *decoder) userClasses(f fields, set settings) {
	users, tasks := f.get("users"), f.get("tasks")
	switch {
	case users != nil && tasks != nil:
		d.fail(tasks.pos, "give the tasks to one of the users", "there are both users and tasks")
	case users == nil && tasks == nil:
		d.fail(f.node.pos, "add tasks: with at least one request", "the scenario does nothing: it has neither tasks nor users")
	case tasks != nil:
		c := &UserClass{Name: "user", Weight: 1, Wait: d.wait(f.get("wait"), Wait{})}
		d.class(c, f, set)
	default:
		d.classes(f, users, set)
	}
	if len(d.scenario.Users) == 0 && len(d.problems) == 0 {
		d.fail(position{}, "there are other tags, or none are needed", "no task has the tags that are asked for")
	}
}

func (d *decoder) classes(root fields, users *node, set settings) {
	wait := d.wait(root.get("wait"), Wait{})
	if users.kind != kindList {
		d.fail(users.pos, "begin each with - name: …", "users must be a list, not %s", kindWords[users.kind])
		return
	}
	for _, key := range []string{"on_start", "on_stop"} {
		if n := root.get(key); n != nil {
			d.fail(n.pos, "move it to one of the users", "%s stands beside users", key)
		}
	}
	for i, n := range users.items {
		f, ok := d.keys(n, userShape)
		if !ok {
			continue
		}
		c := &UserClass{Name: d.str(f.get("name")), Weight: 1, Wait: d.wait(f.get("wait"), wait)}
		if c.Name == "" {
			c.Name = fmt.Sprintf("users %d", i+1)
		}
		if w := f.get("weight"); w != nil {
			c.Weight = d.whole(w, 0, maxWeight)
		}
		if fixed := f.get("fixed"); fixed != nil {
			if f.get("weight") != nil {
				d.fail(fixed.pos, "keep one of them", "users have either a weight or a fixed number")
			}
			c.Fixed, c.Weight = d.whole(fixed, 1, maxUsers), 0
		}
		if f.get("tasks") == nil {
			d.fail(n.pos, "add tasks: with at least one request", "the users %q do nothing: they have no tasks", c.Name)
			continue
		}
		d.class(c, f, d.settings(f, set))
	}
	if len(d.scenario.Users) > 0 && !slices.ContainsFunc(d.scenario.Users, func(c *UserClass) bool { return c.Weight > 0 || c.Fixed > 0 }) {
		d.fail(users.pos, "give one a weight", "all users have the weight 0")
	}
}

// The bounds of numbers in a file.
const (
	maxWeight = 1_000_000
	maxUsers  = 1_000_000
)

// class reads what one kind of users does. A class that has no task left
// after --tags is left out.
func (d *decoder) class(c *UserClass, f fields, set settings) {
	sc := &scope{data: d.scenario.Data, values: map[string]int{}, env: d.secretEnv, used: map[int]bool{}}
	for _, key := range []string{"on_start", "tasks", "on_stop"} {
		d.slots(f.get(key), sc)
	}
	c.OnStart = d.steps(f.get("on_start"), "on_start", sc, set)
	tasks := f.get("tasks")
	if tasks.kind != kindList {
		d.fail(tasks.pos, "begin each with - get: /path", "tasks must be a list, not %s", kindWords[tasks.kind])
		return
	}
	if len(tasks.items) == 0 {
		d.fail(tasks.pos, "add - get: /path", "the list of tasks is empty")
	}
	for _, n := range tasks.items {
		routes := len(d.scenario.Routes)
		if t := d.task(n, sc, set); t != nil && d.wantedTags(t.Tags) {
			c.Tasks = append(c.Tasks, t)
		} else {
			d.scenario.Routes = d.scenario.Routes[:routes]
		}
	}
	c.OnStop = d.steps(f.get("on_stop"), "on_stop", sc, set)
	c.numValues = len(sc.values)
	for i := range d.scenario.Data {
		if sc.used[i] {
			c.data = append(c.data, i)
		}
	}
	if len(c.Tasks) == 0 {
		return
	}
	if !slices.ContainsFunc(c.Tasks, func(t *Task) bool { return t.Weight > 0 }) {
		d.fail(tasks.pos, "give one a weight", "all tasks have the weight 0")
	}
	d.scenario.Users = append(d.scenario.Users, c)
}

// secretEnv looks up a variable whose value is sent.
func (d *decoder) secretEnv(name string) (string, bool) {
	v, ok := d.env(name)
	if ok {
		d.secret(v)
	}
	return v, ok
}

// wantedTags applies --tags and --exclude-tags.
func (d *decoder) wantedTags(tags []string) bool {
	has := func(wanted []string) bool {
		return slices.ContainsFunc(wanted, func(w string) bool { return slices.Contains(tags, w) })
	}
	if len(d.options.Tags) > 0 && !has(d.options.Tags) {
		return false
	}
	return !has(d.options.ExcludeTags)
}

// slots gives a place to every value that steps within n extract, so that any
// step of the user can name it.
func (d *decoder) slots(n *node, sc *scope) {
	for _, step := range list(n) {
		if step.kind != kindObject {
			continue
		}
		d.slots(step.get("steps"), sc)
		x := step.get("extract")
		if x == nil || x.kind != kindObject {
			continue
		}
		for _, p := range x.pairs {
			switch {
			case !isName(p.key):
				d.fail(p.pos, "letters, digits and _, as in session_id", "%q is no name for a value", p.key)
			case sc.taken(p.key):
				d.fail(p.pos, "choose another name", "%q means something else already", p.key)
			default:
				if _, ok := sc.values[p.key]; !ok {
					sc.values[p.key] = len(sc.values)
				}
			}
		}
	}
}

func (d *decoder) task(n *node, sc *scope, set settings) *Task {
	f, ok := d.keys(n, taskShape)
	if !ok {
		return nil
	}
	t := &Task{Weight: 1}
	if w := f.get("weight"); w != nil {
		t.Weight = d.whole(w, 0, maxWeight)
	}
	for _, tag := range list(f.get("tags")) {
		t.Tags = append(t.Tags, d.str(tag))
	}
	if steps := f.get("steps"); steps != nil {
		for _, p := range n.pairs {
			if stepShape.has(p.key) && !slices.ContainsFunc(settingKeys(), func(k key) bool { return k.name == p.key }) && p.key != "name" {
				d.fail(p.pos, "move it into a step", "%s stands beside steps", p.key)
			}
		}
		t.Steps = d.steps(steps, "steps", sc, d.settings(f, set))
		if len(steps.items) == 0 && steps.kind == kindList {
			d.fail(steps.pos, "add - get: /path", "the list of steps is empty")
		}
	} else if st := d.step(f, sc, set); st != nil {
		t.Steps = []*Step{st}
	}
	if len(t.Steps) == 0 {
		return nil
	}
	if t.Name = d.name(f.get("name")); t.Name == "" {
		t.Name = t.Steps[0].Name
	}
	return t
}
