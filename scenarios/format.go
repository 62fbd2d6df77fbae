package scenarios

import "slices"

// shape is a kind of object in a scenario file: its keys and what they mean.
// The decoder refuses other keys by it, and the JSON Schema is made of it.
type shape struct {
	name string // as problems call it
	doc  string
	keys []key
}

// key is a key of a shape.
type key struct {
	name string
	kind valueKind
	doc  string
	of   *shape   // of kinds that hold objects
	enum []string // of kindWord
}

// valueKind says what values a key takes; schema.go has each as JSON Schema.
type valueKind uint8

const (
	aText        valueKind = iota
	anyText                // text, a number, true or false: taken as written
	aNumber                // from 0
	aCount                 // a whole number from 0
	aDuration              // 500ms, 10s; 0
	aSize                  // 10KB; bytes
	aWord                  // one of enum
	anyValue               // anything: a JSON body
	aTextList              // text or a list of texts
	aWordList              // one of enum or a list of them
	textMap                // names to texts; null takes one away
	valueMap               // names to texts or lists of texts
	objects                // a list of of
	objectMap              // names to of
	wordOrObject           // one of enum, or of
	textOrMap              // names to text or of
	aWait                  // a time, a range, or an object of waits
	anAuth                 // none, or of
	aRedirect              // true, false or how many
	anExpect               // a status, a list of them, or of
	aProfile               // a profile's name or of
	dataMap                // names to a file or of
	partMap                // names to text, a list, or of
	aRate                  // 200/s
	aStatus                // 200, 4xx or a list
	aReady                 // a path or of
	stepList               // a list of of, as on_start has them
)

func (s *shape) names() []string {
	out := make([]string, len(s.keys))
	for i, k := range s.keys {
		out[i] = k.name
	}
	return out
}

func (s *shape) has(name string) bool {
	return slices.ContainsFunc(s.keys, func(k key) bool { return k.name == name })
}

// methods are the keys that name a method and an address.
var methods = []string{"get", "post", "put", "patch", "delete", "head", "options"}

func methodKeys() []key {
	var out []key
	for _, m := range methods {
		out = append(out, key{name: m, kind: aText, doc: "the path to request, or a whole address"})
	}
	return append(out, key{name: "request", kind: aText, doc: "any other method and the path: PURGE /cache"})
}

var authShape = &shape{"auth", "who asks", []key{
	{name: "basic", kind: aText, doc: "user:password"},
	{name: "bearer", kind: aText, doc: "a token"},
}}

var expectShape = &shape{"expect", "what makes a response a success", []key{
	{name: "status", kind: aStatus, doc: "200, 4xx, or a list; without it: below 400"},
	{name: "that", kind: aTextList, doc: "expressions that must hold, over status, headers, body, json, time and size"},
	{name: "contains", kind: aTextList, doc: "text that must be in the body"},
	{name: "max_time", kind: aDuration, doc: "the longest time for an answer"},
	{name: "max_size", kind: aSize, doc: "the largest body"},
}}

var extractShape = &shape{"extract", "where a value comes from", []key{
	{name: "value", kind: aText, doc: "an expression, as json.token"},
	{name: "header", kind: aText, doc: "the name of a header"},
	{name: "regex", kind: aText, doc: "a pattern to look for in the body"},
	{name: "group", kind: aCount, doc: "which group of the pattern; 1, or 0 for all that matches"},
	{name: "default", kind: anyText, doc: "the value where there is none; without it that is a failure"},
}}

var breakShape = &shape{"break", "how requests are broken on purpose", []key{
	{name: "kind", kind: aWordList, enum: breakWords, doc: "a way, or a list of which each request takes one"},
	{name: "size", kind: aSize, doc: "of oversized; 2MiB"},
}}

var partShape = &shape{"a part of multipart", "a part of a form", []key{
	{name: "file", kind: aText, doc: "a file to send; a pattern with * takes one of many each time"},
	{name: "value", kind: anyText, doc: "text to send"},
	{name: "filename", kind: aText, doc: "the name to give for it"},
	{name: "type", kind: aText, doc: "its content type"},
}}

// settingKeys are those that stand at the top, at a kind of users, and at a
// step; the inner one wins.
func settingKeys() []key {
	return []key{
		{name: "headers", kind: textMap, doc: "headers of every request; null takes one away"},
		{name: "auth", kind: anAuth, of: authShape, doc: "basic, bearer, or none"},
		{name: "timeout", kind: aDuration, doc: "for a whole request; 30s"},
		{name: "follow_redirects", kind: aRedirect, doc: "true for up to 10, or how many; false"},
		{name: "http_version", kind: aWord, enum: []string{"1.1", "2"}, doc: "1.1 or 2"},
		{name: "client", kind: aWord, enum: []string{"raw", "std"}, doc: "which client: raw or std (net/http)"},
	}
}

func stepKeys() []key {
	keys := append([]key{{name: "name", kind: aText, doc: "the name of the route; without it the path"}}, methodKeys()...)
	keys = append(keys,
		key{name: "query", kind: valueMap, doc: "values for the query, escaped"},
		key{name: "json", kind: anyValue, doc: "the body, as JSON"},
		key{name: "form", kind: valueMap, doc: "the body, as a form"},
		key{name: "multipart", kind: partMap, of: partShape, doc: "the body, as a form with files"},
		key{name: "body", kind: anyText, doc: "the body, as text"},
		key{name: "body_file", kind: aText, doc: "a file as the body; a pattern with * takes one of many each time"},
		key{name: "break", kind: wordOrObject, of: breakShape, enum: breakWords, doc: "break the request on purpose"},
		key{name: "connection", kind: aWord, enum: []string{"keep", "new"}, doc: "new: never on a connection that was used"},
		key{name: "expect", kind: anExpect, of: expectShape, doc: "what makes the response a success"},
		key{name: "extract", kind: textOrMap, of: extractShape, doc: "values to take out of the response for later steps"},
	)
	return append(keys, settingKeys()...)
}

var stepShape = &shape{"a step", "one request", stepKeys()}

var taskShape = &shape{"a task", "what a user does in one go: a request, or steps", append(stepKeys(),
	key{name: "weight", kind: aCount, doc: "how often it is chosen, relative to the others; 1"},
	key{name: "tags", kind: aTextList, doc: "for --tags and --exclude-tags"},
	key{name: "steps", kind: objects, of: stepShape, doc: "requests one after the other, instead of one"},
)}

var readyShape = &shape{"ready", "what must hold before there is load", append(readyKeys(),
	key{name: "timeout", kind: aDuration, doc: "how long to wait for it; 60s"},
	key{name: "every", kind: aDuration, doc: "how often to ask; 500ms"},
)}

// readyKeys are a step's but for what makes no sense before the load.
func readyKeys() []key {
	return slices.DeleteFunc(stepKeys(), func(k key) bool {
		return k.name == "name" || k.name == "break" || k.name == "extract" || k.name == "timeout"
	})
}

var waitShape = &shape{"wait", "the time between two tasks of a user", []key{
	{name: "pace", kind: aDuration, doc: "at most one task each so often"},
	{name: "per_second", kind: aNumber, doc: "at most so many tasks a second"},
	{name: "normal", kind: aDuration, doc: "the mean of a normal distribution"},
	{name: "deviation", kind: aDuration, doc: "of normal; a quarter of the mean"},
	{name: "exponential", kind: aDuration, doc: "the mean of an exponential distribution"},
	{name: "min", kind: aDuration, doc: "never less"},
	{name: "max", kind: aDuration, doc: "never more"},
}}

func userKeys() []key {
	return append([]key{
		{name: "wait", kind: aWait, of: waitShape, doc: "the time between two tasks of a user; none"},
		{name: "on_start", kind: stepList, of: stepShape, doc: "requests that each user begins with"},
		{name: "on_stop", kind: stepList, of: stepShape, doc: "requests that each user ends with"},
		{name: "tasks", kind: objects, of: taskShape, doc: "what a user does, again and again"},
	}, settingKeys()...)
}

var userShape = &shape{"a kind of users", "users that do the same", append([]key{
	{name: "name", kind: aText, doc: "what they are called"},
	{name: "weight", kind: aCount, doc: "their share of all users, relative to the others; 1"},
	{name: "fixed", kind: aCount, doc: "exactly so many of them, whatever the number of users"},
}, userKeys()...)}

var dataShape = &shape{"data", "a file of rows", []key{
	{name: "file", kind: aText, doc: "a .csv file with a first line of names, or a .jsonl file"},
	{name: "order", kind: aWord, enum: orderWords, doc: "which row is next; random"},
}}

var stageShape = &shape{"a stage", "a part of a profile", []key{
	{name: "name", kind: aText, doc: "what it is called"},
	{name: "users", kind: aCount, doc: "users to go to"},
	{name: "rate", kind: aRate, doc: "arrivals to go to"},
	{name: "over", kind: aDuration, doc: "how long it takes to get there; at once"},
	{name: "for", kind: aDuration, doc: "how long to stay"},
}}

var profileShape = &shape{"a profile", "load over time", []key{
	{name: "users", kind: aCount, doc: "users at the same time"},
	{name: "spawn_rate", kind: aNumber, doc: "users started a second; all at once"},
	{name: "run_time", kind: aDuration, doc: "how long; until stopped"},
	{name: "stages", kind: objects, of: stageShape, doc: "several levels one after the other"},
	{name: "rate", kind: aRate, doc: "arrivals of requests: 200/s, 90/m; not users"},
	{name: "arrivals", kind: aWord, enum: []string{"constant", "poisson"}, doc: "evenly spaced, or at random times; constant"},
	{name: "max_users", kind: aCount, doc: "of a rate: users at most; 1000"},
}}

var rootShape = &shape{"the scenario", "a scenario of brink", append([]key{
	{name: "name", kind: aText, doc: "what the scenario is called; the file's name"},
	{name: "target", kind: aText, doc: "where the requests go: http://host:port, https://…, unix:/path"},
	{name: "allow_hosts", kind: aTextList, doc: "hosts beside the target's that requests may go to"},
	{name: "ready", kind: aReady, of: readyShape, doc: "no load before it holds"},
	{name: "define", kind: anyValue, doc: "a place for YAML anchors; not read otherwise"},
	{name: "data", kind: dataMap, of: dataShape, doc: "files of rows, by name"},
	{name: "users", kind: objects, of: userShape, doc: "several kinds of users, instead of tasks"},
	{name: "profiles", kind: objectMap, of: profileShape, doc: "load over time, by name"},
	{name: "profile", kind: aProfile, of: profileShape, doc: "the profile used when none is asked for"},
	{name: "thresholds", kind: aTextList, doc: "what must hold for the run to pass"},
}, userKeys()...)}
