package reports

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"

	"brink/runner/stats"
)

// The parts of JUnit's XML that every CI system reads.
type junitSuites struct {
	XMLName xml.Name     `xml:"testsuites"`
	Suites  []junitSuite `xml:"testsuite"`
}

type junitSuite struct {
	Name      string      `xml:"name,attr"`
	Tests     int         `xml:"tests,attr"`
	Failures  int         `xml:"failures,attr"`
	Errors    int         `xml:"errors,attr"`
	Time      string      `xml:"time,attr"`
	Timestamp string      `xml:"timestamp,attr"`
	Hostname  string      `xml:"hostname,attr,omitempty"`
	Cases     []junitCase `xml:"testcase"`
	Out       junitText   `xml:"system-out"`
}

type junitCase struct {
	Class   string        `xml:"classname,attr"`
	Name    string        `xml:"name,attr"`
	Time    string        `xml:"time,attr"`
	Failure *junitProblem `xml:"failure"`
	Error   *junitProblem `xml:"error"`
}

type junitText struct {
	Text string `xml:",cdata"`
}

type junitProblem struct {
	Message string `xml:"message,attr"`
	Text    string `xml:",chardata"`
}

// JUnit writes JUnit's XML: a case for each threshold, one for the requests
// (some must succeed) and one for the verdict, which is an error where the
// numbers show the generator and not the target.
func JUnit(w io.Writer, rec *Record) error {
	res, err := rec.Result()
	if err != nil {
		return err
	}
	suite := junitSuite{
		Name:      "brink: " + stats.Clean(res.Run.Scenario, 200),
		Time:      fixed(res.Run.Duration),
		Timestamp: res.Run.Started.UTC().Format("2006-01-02T15:04:05"),
		Hostname:  stats.Clean(res.Run.Host, 200),
	}
	for _, t := range res.Thresholds {
		c := suite.add("thresholds", stats.Clean(t.Text, 200))
		if !t.Held {
			c.Failure = problem(strings.TrimSuffix("measured "+t.Measured+"; "+t.Note, "; "))
		}
	}
	c := suite.add("run", "some requests succeed")
	c.Time = suite.Time // the others judge what it made; CI systems add the times up
	if res.Total.Requests == res.Total.Failures {
		c.Failure = problem(fmt.Sprintf("%d requests were made and none succeeded", res.Total.Requests))
	}
	if c := suite.add("run", "the numbers can be trusted"); res.Verdict.Grade == stats.Invalid.String() {
		c.Error = problem(res.Verdict.Grade + ": " + strings.Join(res.Verdict.Reasons, "; "))
	}
	suite.count()
	var out strings.Builder
	if err := Console(false, 0)(&out, rec); err != nil {
		return err
	}
	suite.Out.Text = out.String()
	return writeXML(w, junitSuites{Suites: []junitSuite{suite}})
}

func (s *junitSuite) add(class, name string) *junitCase {
	s.Cases = append(s.Cases, junitCase{Class: "brink." + class, Name: name, Time: fixed(0)})
	return &s.Cases[len(s.Cases)-1]
}

func (s *junitSuite) count() {
	s.Tests = len(s.Cases)
	for _, c := range s.Cases {
		if c.Failure != nil {
			s.Failures++
		}
		if c.Error != nil {
			s.Errors++
		}
	}
}

func problem(text string) *junitProblem {
	text = stats.Clean(text, maxCell)
	return &junitProblem{Message: text, Text: text}
}

func writeXML(w io.Writer, v any) error {
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	e := xml.NewEncoder(w)
	e.Indent("", "  ")
	if err := e.Encode(v); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}
