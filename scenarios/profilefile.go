package scenarios

// LoadProfile reads a profile from a file of its own: a YAML file with
// profiles, such as the session-profile.yaml that a session driven by hand
// leaves. The first profile is taken. The error is Problems.
func LoadProfile(path string) (*Profile, error) {
	src, err := readSource(path)
	if err != nil {
		return nil, Problems{{File: path, Message: reason(err)}}
	}
	d := &decoder{file: path, scenario: new(Scenario)}
	if _, err := d.read(src, d.profileFile); err != nil {
		return nil, err
	}
	return &d.scenario.Profiles[0], nil
}

// profileFile reads the tree of a file of profiles.
func (d *decoder) profileFile(root *node) {
	f, ok := d.keys(root, profileFileShape)
	if !ok {
		return
	}
	profiles := f.get("profiles")
	if profiles == nil || len(profiles.pairs) == 0 {
		d.fail(root.pos, "for example profiles: { session: { users: 10, run_time: 1m } }", "there is no profile in the file")
		return
	}
	d.profiles(profiles, nil)
}

var profileFileShape = &shape{"a file of profiles", "load over time", []key{
	{name: "profiles", kind: objectMap, of: profileShape, doc: "load over time, by name"},
}}
