package cli

import (
	"fmt"
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
	for _, rec := range records {
		fmt.Fprintf(p.err, "A run was cut off after %s and has no reports yet: %s\n", clock(time.Duration(rec.Seconds)*time.Second), rec.Dir)
		if f.headless || !p.interactive() {
			fmt.Fprintf(p.err, "brink report %s makes them.\n", rec.Dir)
			continue
		}
		fmt.Fprint(p.err, "Make them now? [Y/n] ")
		if answer, ok := p.answer(); !ok || answer != "" && answer[0] != 'y' && answer[0] != 'Y' {
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
