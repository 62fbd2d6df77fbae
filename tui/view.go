package tui

// view is one of the five pictures of a run.
type view uint8

// The views, in the order of their number keys.
const (
	liveView view = iota
	routesView
	failuresView
	levelsView
	logView
	numViews
)

// String names the view in the row of tabs.
func (v view) String() string {
	return [...]string{"live", "routes", "failures", "levels", "log"}[v]
}
