package scenarios

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"
)

func TestWaits(t *testing.T) {
	const s = time.Second
	for text, want := range map[string]Wait{
		"0":                                      {},
		"1s":                                     {Mean: s},
		"1s..5s":                                 {Kind: WaitUniform, Min: s, Max: 5 * s},
		"100ms .. 2s":                            {Kind: WaitUniform, Min: s / 10, Max: 2 * s},
		"{ pace: 2s }":                           {Kind: WaitPace, Mean: 2 * s},
		"{ per_second: 0.5 }":                    {Kind: WaitPace, Mean: 2 * s},
		"{ normal: 2s }":                         {Kind: WaitNormal, Mean: 2 * s, Dev: s / 2},
		"{ normal: 2s, deviation: 1s, max: 3s }": {Kind: WaitNormal, Mean: 2 * s, Dev: s, Max: 3 * s},
		"{ exponential: 2s, min: 1s }":           {Kind: WaitExponential, Mean: 2 * s, Min: s},
	} {
		sc := parsed(t, "target: http://127.0.0.1:1\nwait: "+text+"\ntasks: [{ get: / }]")
		if got := sc.Users[0].Wait; got != want {
			t.Errorf("%s: %+v, want %+v", text, got, want)
		}
	}
}

// TestWaitNext draws many waits and looks at their bounds and mean.
func TestWaitNext(t *testing.T) {
	const s = time.Second
	for _, c := range []struct {
		w                 Wait
		least, mean, most time.Duration
	}{
		{Wait{}, 0, 0, 0},
		{Wait{Mean: s}, s, s, s},
		{Wait{Kind: WaitUniform, Min: s, Max: 5 * s}, s, 3 * s, 5 * s},
		{Wait{Kind: WaitUniform, Min: s, Max: s}, s, s, s},
		{Wait{Kind: WaitNormal, Mean: 10 * s, Dev: s}, 4 * s, 10 * s, 16 * s},
		{Wait{Kind: WaitNormal, Mean: 2 * s, Dev: s, Max: 2 * s}, 0, 1600 * time.Millisecond, 2 * s},
		{Wait{Kind: WaitExponential, Mean: 2 * s}, 0, 2 * s, 60 * s},
		{Wait{Kind: WaitExponential, Mean: 2 * s, Min: s, Max: 3 * s}, s, 1767 * time.Millisecond, 3 * s},
		{Wait{Kind: WaitPace, Mean: 2 * s}, 1500 * time.Millisecond, 1500 * time.Millisecond, 1500 * time.Millisecond},
		{Wait{Kind: WaitPace, Mean: s / 10}, 0, 0, 0},
	} {
		r := rand.New(rand.NewPCG(1, 2))
		const n = 20_000
		var sum time.Duration
		for range n {
			d := c.w.Next(r, 10*s, 10*s+s/2)
			if d < c.least || d > c.most {
				t.Fatalf("%+v gave %s", c.w, d)
			}
			sum += d
		}
		if mean := sum / n; math.Abs(float64(mean-c.mean)) > 0.05*float64(c.mean)+1 {
			t.Errorf("%+v: mean %s, want %s", c.w, mean, c.mean)
		}
	}
}

func TestProfiles(t *testing.T) {
	s := parsed(t, `
target: http://127.0.0.1:1
tasks: [{ get: / }]
profiles:
  steady: { users: 100, spawn_rate: 10, run_time: 2m }
  soak: { users: 3 }
  steps: { stages: [ { users: 20, for: 30s, name: low }, { users: 100, over: 10s, for: 30s } ] }
  open: { rate: 90/m, arrivals: poisson, max_users: 500, run_time: 1m }
  climb: { stages: [ { rate: 10/s, for: 1m }, { rate: 3600/h, over: 1m } ] }
profile: steps
`)
	for name, want := range map[string]Profile{
		"steady": {Users: 100, SpawnRate: 10, RunTime: 2 * time.Minute},
		"soak":   {Users: 3},
		"steps":  {Stages: []Stage{{Name: "low", Users: 20, For: 30 * time.Second}, {Users: 100, Over: 10 * time.Second, For: 30 * time.Second}}},
		"open":   {Rate: 1.5, Poisson: true, MaxUsers: 500, RunTime: time.Minute},
		"climb":  {MaxUsers: defaultMaxUsers, Stages: []Stage{{Rate: 10, For: time.Minute}, {Rate: 1, Over: time.Minute}}},
	} {
		want.Name = name
		got, ok := s.Profile(name)
		if !ok || fmt.Sprint(*got) != fmt.Sprint(want) {
			t.Errorf("%s: %+v, want %+v", name, got, want)
		}
	}
	var names []string
	for _, p := range s.Profiles {
		names = append(names, p.Name)
	}
	if fmt.Sprint(names) != "[steady soak steps open climb ramp-up sustained spike]" || s.Default != "steps" {
		t.Errorf("profiles %v, default %s", names, s.Default)
	}
	if one := parsed(t, "target: http://127.0.0.1:1\ntasks: [{ get: / }]\nprofile: { users: 7 }"); one.Default != "default" || one.Profiles[0].Users != 7 {
		t.Errorf("a profile in place: %+v", one.Profiles[0])
	}
}

// TestBuiltinProfiles sizes every built-in profile by users and run time.
func TestBuiltinProfiles(t *testing.T) {
	for _, p := range builtinProfiles() {
		sized, err := p.Sized(8, 0, 10*time.Minute)
		if err != nil {
			t.Fatal(err)
		}
		peak, length := 0, time.Duration(0)
		for _, st := range sized.Stages {
			peak, length = max(peak, st.Users), length+st.Over+st.For
			if st.Users < 1 {
				t.Errorf("%s: a level without users: %+v", p.Name, sized.Stages)
			}
		}
		want := 8
		if p.Name == "soak" {
			want = 4
		}
		if peak != want || (length-10*time.Minute).Abs() > time.Millisecond {
			t.Errorf("%s: %d users, %s: %+v", p.Name, peak, length, sized.Stages)
		}
	}
}

// TestTags leaves tasks out, with their routes, and users without any.
func TestTags(t *testing.T) {
	const src = `
target: http://127.0.0.1:1
users:
  - { name: a, tasks: [ { get: /1, tags: [x, y] }, { get: /2, tags: x }, { get: /3 } ] }
  - { name: b, tasks: [ { get: /4, tags: [y] } ] }
thresholds: [ p95 of /3 < 1s ]
`
	for _, c := range []struct {
		tags, exclude []string
		want          string
	}{
		{nil, nil, "[GET /1 GET /2 GET /3 GET /4]"},
		{[]string{"x"}, nil, "[GET /1 GET /2]"},
		{[]string{"y"}, nil, "[GET /1 GET /4]"},
		{[]string{"x"}, []string{"y"}, "[GET /2]"},
		{nil, []string{"x", "y"}, "[GET /3]"},
	} {
		s, err := Parse("x.yaml", []byte(src), Options{Tags: c.tags, ExcludeTags: c.exclude})
		if err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprint(s.Routes); got != c.want {
			t.Errorf("%v without %v: %s, want %s", c.tags, c.exclude, got, c.want)
		}
	}
	if _, err := Parse("x.yaml", []byte(src), Options{Tags: []string{"z"}}); err == nil {
		t.Error("tags that no task has are no error")
	}
}

func TestFromURL(t *testing.T) {
	for raw, want := range map[string]string{
		"http://127.0.0.1:8000":                   "http://127.0.0.1:8000 /",
		"http://127.0.0.1:8000/a/b?c=d&e":         "http://127.0.0.1:8000 /a/b?c=d&e",
		"https://[::1]:8443/x#frag":               "https://[::1]:8443 /x",
		"http://127.0.0.1/a%20b/{{c}}/${d}?{{e}}": "http://127.0.0.1 /a%20b/%7B%7Bc%7D%7D/$%7Bd%7D?%7B%7Be%7D%7D",
	} {
		s, err := FromURL(raw)
		if err != nil {
			t.Fatal(raw, err)
		}
		var req Request
		if err := s.Users[0].Tasks[0].Steps[0].Render(sessionOf(t, s), &req); err != nil {
			t.Fatal(err)
		}
		if got := req.Scheme + "://" + req.Host + " " + string(req.Path); got != want || len(s.Routes) != 1 || s.File != "" {
			t.Errorf("%s: %s, want %s", raw, got, want)
		}
	}
	for _, raw := range []string{"", "http://", "ftp://x", "http://x:99999/", "http://a b/", "http://x:y/"} {
		if _, err := FromURL(raw); err == nil {
			t.Errorf("%q is taken", raw)
		}
	}
}
