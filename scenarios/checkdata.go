package scenarios

// CheckData reads the data files whole: what Load, which looks at their first
// lines alone, has not seen. Its error is Problems.
func (s *Scenario) CheckData() error {
	var problems Problems
	for _, d := range s.Data {
		f, err := openFeed(d)
		if err != nil {
			problems = append(problems, Problem{File: s.File, Line: d.pos.line, Column: d.pos.column, Source: d.source, Message: err.Error()})
			continue
		}
		if err := f.close(); err != nil {
			problems = append(problems, Problem{File: s.File, Message: err.Error()})
		}
	}
	if len(problems) > 0 {
		return problems
	}
	return nil
}
