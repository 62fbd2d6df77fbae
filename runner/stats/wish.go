package stats

// Wish is a live change that somebody asks of a run: each field that is set is
// a wish. A Wish is sent by a screen and fulfilled by the runner.
type Wish struct {
	Users    *int           // hold this many users from now on; switches to the closed model
	Rate     *float64       // hold this arrival rate, requests a second; switches to the open model
	Pause    *bool          // start no new tasks, or go on
	HandBack bool           // return to the profile where it now stands
	Weights  map[string]int // weights of tasks by name; 0 switches a task off
	Mute     map[Route]bool // routes switched off (true) or on again
	Mark     string         // write this text into the record, now
	Stop     bool           // no new requests; those in flight get the grace period
	Cut      bool           // end at once, what is in flight is counted as unfinished
}
