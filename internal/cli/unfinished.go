package cli

import (
	"bufio"
	"fmt"
	"io"
	"strings"
	"time"

	"brink/reports"
)

// offerUnfinished says which runs in the folder of results were cut off by a
// crash, and offers to make their reports where somebody can answer.
func (p *program) offerUnfinished(f *runFlags) {
	records, err := reports.Unfinished(resultsFolder)
	if err != nil {
		return // the results of earlier runs are no reason to refuse this one
	}
	answers := bufio.NewReader(p.in)
	for _, rec := range records {
		fmt.Fprintf(p.err, "A run was cut off after %s and has no reports yet: %s\n", clock(time.Duration(rec.Seconds)*time.Second), rec.Dir)
		if f.headless || !p.interactive() {
			fmt.Fprintf(p.err, "brink report %s makes them.\n", rec.Dir)
			continue
		}
		fmt.Fprint(p.err, "Make them now? [Y/n] ")
		if !yes(answers) {
			continue
		}
		paths, err := reports.Write(rec, reports.Output{Existing: reports.Keep})
		for _, path := range paths {
			fmt.Fprintln(p.out, "  "+path)
		}
		if err != nil {
			fmt.Fprintf(p.err, "brink: %v\n", err)
		}
	}
}

// yes reads an answer, where an empty line means yes.
func yes(r *bufio.Reader) bool {
	line, err := r.ReadString('\n')
	if err != nil && err != io.EOF {
		return false
	}
	switch strings.ToLower(strings.TrimSpace(line)) {
	case "", "y", "yes":
		return err == nil
	}
	return false
}
