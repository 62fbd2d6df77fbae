package stats

// Sink takes a run's Snapshots in order: a journal, a printer, a bus. Put must
// not change the Snapshot and must not block for long; its error is reported
// once and does not end the run. Close comes after the last Put.
type Sink interface {
	Put(*Snapshot) error
	Close() error
}
