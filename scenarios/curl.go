package scenarios

import (
	"fmt"
	"net/textproto"
	"net/url"
	"slices"
	"strings"
	"time"
)

// curl is a curl command: what it would send.
type curl struct {
	method  string
	address string
	headers [][2]string
	data    []string // of -d and its like, joined by &
	form    []string // of -F
	file    string   // the body is this file
	json    bool
	user    string
	get     bool // data goes into the query
	follow  bool
	timeout time.Duration
	version string
	socket  string
	ignored []string // flags that a scenario has nothing for
}

// curlTakes are the flags that take a value, by both names.
var curlTakes = map[string]func(c *curl, v string) error{
	"-X": (*curl).request, "--request": (*curl).request,
	"-H": (*curl).header, "--header": (*curl).header,
	"-d": (*curl).post, "--data": (*curl).post, "--data-ascii": (*curl).post, "--data-binary": (*curl).post,
	"--data-raw":       func(c *curl, v string) error { c.data = append(c.data, v); return nil },
	"--data-urlencode": (*curl).encode,
	"--json": func(c *curl, v string) error {
		c.json = true
		return c.post(v)
	},
	"-F": (*curl).part, "--form": (*curl).part, "--form-string": (*curl).part,
	"-u": (*curl).credentials, "--user": (*curl).credentials,
	"-A": (*curl).agent, "--user-agent": (*curl).agent,
	"-e": (*curl).referer, "--referer": (*curl).referer,
	"-b": (*curl).cookie, "--cookie": (*curl).cookie,
	"-m": (*curl).maxTime, "--max-time": (*curl).maxTime,
	"-T": (*curl).upload, "--upload-file": (*curl).upload,
	"--url":           func(c *curl, v string) error { c.address = v; return nil },
	"--unix-socket":   func(c *curl, v string) error { c.socket = v; return nil },
	"--oauth2-bearer": func(c *curl, v string) error { return c.header("Authorization: Bearer " + v) },
}

// curlIgnores are flags with a value that change nothing of the request, or
// that a scenario has nothing for.
var curlIgnores = []string{
	"-o", "--output", "-w", "--write-out", "-D", "--dump-header", "-c", "--cookie-jar", "--connect-timeout", "--retry", "--retry-delay",
	"--retry-max-time", "-x", "--proxy", "--cacert", "--cert", "-E", "--key", "--resolve", "--limit-rate", "--max-redirs", "--stderr", "--trace", "--trace-ascii",
	"-K", "--config", "--interface", "-r", "--range", "--ciphers", "--tls-max", "-z", "--time-cond", "-Y", "-y", "--noproxy", "--capath", "--pinnedpubkey",
}

// curlSilent are flags without a value that change nothing of the request.
var curlSilent = "sSviNfgq#"

// parseCurl reads a curl command.
func parseCurl(command string) (*curl, error) {
	words, err := shellWords(command)
	if err != nil {
		return nil, err
	}
	if len(words) > 0 && (words[0] == "curl" || strings.HasSuffix(words[0], "/curl")) {
		words = words[1:]
	}
	c := &curl{timeout: 0}
	for i := 0; i < len(words); i++ {
		word := words[i]
		if !strings.HasPrefix(word, "-") || word == "-" {
			if c.address != "" {
				return nil, fmt.Errorf("there are two addresses, %s and %s; a scenario begins with one", c.address, word)
			}
			c.address = word
			continue
		}
		name, value, rest := curlFlag(word)
		takes, known := curlTakes[name]
		if !known && !slices.Contains(curlIgnores, name) {
			if err := c.switches(word); err != nil {
				return nil, err
			}
			continue
		}
		if !rest {
			if i++; i == len(words) {
				return nil, fmt.Errorf("%s lacks its value", name)
			}
			value = words[i]
		}
		if !known {
			c.ignored = append(c.ignored, name)
			continue
		}
		if err := takes(c, value); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	if c.address == "" {
		return nil, fmt.Errorf("the command has no address")
	}
	return c, nil
}

// curlFlag cuts -XPOST and --request=POST into name and value; rest says
// whether there was one.
func curlFlag(word string) (name, value string, rest bool) {
	if strings.HasPrefix(word, "--") {
		name, value, rest = strings.Cut(word, "=")
		return name, value, rest
	}
	if len(word) > 2 {
		if _, takes := curlTakes[word[:2]]; takes || slices.Contains(curlIgnores, word[:2]) {
			return word[:2], word[2:], true
		}
	}
	return word, "", false
}

// switches reads flags without values: --location, or -sSL.
func (c *curl) switches(word string) error {
	switch word {
	case "--get":
		c.get = true
	case "--head":
		c.method = "HEAD"
	case "--location", "--location-trusted":
		c.follow = true
	case "--compressed":
		c.headers = append(c.headers, [2]string{"Accept-Encoding", "gzip, deflate, br"})
	case "--http2", "--http2-prior-knowledge":
		c.version = "2"
	case "--http1.1", "--http1.0", "-0":
	case "--insecure":
		c.ignored = append(c.ignored, word)
	case "--silent", "--show-error", "--verbose", "--include", "--fail", "--fail-with-body", "--no-buffer", "--globoff", "--progress-bar", "--no-progress-meter",
		"--path-as-is", "--tcp-nodelay", "--no-keepalive", "--ipv4", "--ipv6", "-4", "-6", "--basic", "--remote-name":
	default:
		if strings.HasPrefix(word, "--") {
			return fmt.Errorf("the flag %s is not known here", word)
		}
		return c.letters(word)
	}
	return nil
}

// letters reads -sSLI, of which the last may take a value: those came before.
func (c *curl) letters(word string) error {
	for _, l := range word[1:] {
		switch {
		case l == 'G':
			c.get = true
		case l == 'I':
			c.method = "HEAD"
		case l == 'L':
			c.follow = true
		case l == 'k':
			c.ignored = append(c.ignored, "-k")
		case l == 'O', strings.ContainsRune(curlSilent, l):
		default:
			return fmt.Errorf("the flag -%c in %s is not known here", l, word)
		}
	}
	return nil
}

func (c *curl) request(v string) error {
	if !isToken(v) {
		return fmt.Errorf("%q is no method", v)
	}
	c.method = strings.ToUpper(v)
	return nil
}

// unsent are headers that follow from the request, or that browsers add for
// themselves.
var unsent = []string{"Host", "Content-Length", "Connection", "Transfer-Encoding", "Accept-Encoding"}

func (c *curl) header(v string) error {
	name, value, ok := strings.Cut(v, ":")
	name = strings.TrimSpace(name)
	if !ok || name == "" || slices.Contains(unsent, textproto.CanonicalMIMEHeaderKey(name)) {
		return nil
	}
	if !isToken(name) {
		return fmt.Errorf("%q is no name of a header", name)
	}
	c.headers = append(c.headers, [2]string{name, cleanHeader(strings.TrimSpace(value))})
	return nil
}

func (c *curl) agent(v string) error   { return c.header("User-Agent: " + v) }
func (c *curl) referer(v string) error { return c.header("Referer: " + v) }

func (c *curl) cookie(v string) error {
	if !strings.Contains(v, "=") {
		c.ignored = append(c.ignored, "-b "+v)
		return nil
	}
	return c.header("Cookie: " + v)
}

func (c *curl) post(v string) error {
	if file, ok := strings.CutPrefix(v, "@"); ok {
		c.file = file
		return nil
	}
	c.data = append(c.data, v)
	return nil
}

func (c *curl) encode(v string) error {
	name, value, ok := strings.Cut(v, "=")
	if !ok {
		name, value = "", v
	}
	escaped := string(escapeAll([]byte(value), 0))
	if name != "" {
		escaped = name + "=" + escaped
	}
	c.data = append(c.data, escaped)
	return nil
}

func (c *curl) part(v string) error {
	if !strings.Contains(v, "=") {
		return fmt.Errorf("%q is not name=value", v)
	}
	c.form = append(c.form, v)
	return nil
}

func (c *curl) credentials(v string) error {
	if !strings.Contains(v, ":") {
		v += ":"
	}
	c.user = v
	return nil
}

func (c *curl) maxTime(v string) error {
	d, err := time.ParseDuration(v + "s")
	if err != nil || d <= 0 || d > maxDuration {
		return fmt.Errorf("%q is no number of seconds", v)
	}
	c.timeout = d
	return nil
}

func (c *curl) upload(v string) error {
	c.file = v
	if c.method == "" {
		c.method = "PUT"
	}
	return nil
}

// parts returns the command's target and path, with data in the query for -G.
func (c *curl) parts() (target, path string, err error) {
	address := c.address
	if !strings.Contains(address, "://") {
		address = "http://" + address
	}
	u, err := url.Parse(address)
	if err != nil {
		return "", "", fmt.Errorf("%q is no address", short(c.address, 80))
	}
	if u.User != nil && c.user == "" {
		password, _ := u.User.Password()
		c.user = u.User.Username() + ":" + password
	}
	target = u.Scheme + "://" + u.Host
	if c.socket != "" {
		target = "unix:" + c.socket
	} else if _, message, _ := parseTarget(target); message != "" {
		return "", "", fmt.Errorf("%s", message)
	}
	path = u.EscapedPath()
	if path == "" {
		path = "/"
	}
	query := u.RawQuery
	if c.get && len(c.data) > 0 {
		query = strings.TrimPrefix(query+"&"+strings.Join(c.data, "&"), "&")
		c.data = nil
	}
	if query != "" {
		path += "?" + query
	}
	return target, path, nil
}

// verb returns the command's method.
func (c *curl) verb() string {
	switch {
	case c.method != "":
		return c.method
	case c.get:
		return "GET"
	case len(c.data) > 0 || len(c.form) > 0 || c.file != "":
		return "POST"
	}
	return "GET"
}
