package stats

import "cmp"

// Route is what a request is counted under: a method and a name. The name is
// fixed by the scenario, so that many addresses may share one route.
type Route struct {
	Method string // "GET", "POST"; empty for Aggregated
	Name   string // the scenario's name for it, or its path
}

// Aggregated is the route under which the total of all routes is reported, as
// Locust writes it in its files.
var Aggregated = Route{Name: "Aggregated"}

// String returns "POST single", or the name alone where there is no method.
func (r Route) String() string {
	if r.Method == "" {
		return r.Name
	}
	return r.Method + " " + r.Name
}

// Compare orders routes by name, then by method: the order of Locust's files.
func (r Route) Compare(o Route) int {
	return cmp.Or(cmp.Compare(r.Name, o.Name), cmp.Compare(r.Method, o.Method))
}
