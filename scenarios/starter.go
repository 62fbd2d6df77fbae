package scenarios

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
)

// Modeline is the first line of written scenarios: it tells editors where the
// JSON Schema is.
const Modeline = "# yaml-language-server: $schema=" + SchemaURL + "\n"

//go:embed starter.yaml
var starter string

// Starter returns a commented first scenario.
func Starter() string { return Modeline + starter }

// FromCurl returns a scenario, as text, that sends what a curl command sends.
// The error says what of the command cannot be read.
func FromCurl(command string) (string, error) {
	c, err := parseCurl(command)
	if err != nil {
		return "", fmt.Errorf("the curl command cannot be read: %w", err)
	}
	target, path, err := c.parts()
	if err != nil {
		return "", fmt.Errorf("the curl command cannot be read: %w", err)
	}
	var b strings.Builder
	b.WriteString(Modeline)
	if len(c.ignored) > 0 {
		fmt.Fprintf(&b, "# Left out, since a scenario has nothing for it: %s\n", oneLine(strings.Join(c.ignored, " ")))
	}
	fmt.Fprintf(&b, "name: %s\ntarget: %s\n", plainOrQuoted(strings.TrimPrefix(target, "http://")), quoteLiteral(target))
	b.WriteString("wait: 1s                # think time of a user between two tasks\n\ntasks:\n")
	verb := c.verb()
	if slices.Contains(methods, strings.ToLower(verb)) {
		fmt.Fprintf(&b, "  - %s: %s\n", strings.ToLower(verb), quoteLiteral(path))
	} else {
		fmt.Fprintf(&b, "  - request: %s\n", quoteLiteral(verb+" "+path))
	}
	c.settings(&b)
	c.body(&b)
	b.WriteString("    expect: { status: 2xx }\n")
	b.WriteString("\nprofile: { users: 10, spawn_rate: 2, run_time: 1m }\n")
	if _, err := Parse("scenario.yaml", []byte(b.String()), Options{}); err != nil && c.file == "" && len(c.form) == 0 {
		return "", fmt.Errorf("no scenario can be made of the curl command: %w", err)
	}
	return b.String(), nil
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// settings writes headers, credentials and the rest.
func (c *curl) settings(b *strings.Builder) {
	if c.user != "" {
		fmt.Fprintf(b, "    auth: { basic: %s }      # better from the environment: ${CREDENTIALS}\n", quoteLiteral(c.user))
	}
	var headers [][2]string
	for _, h := range c.headers {
		token, bearer := strings.CutPrefix(h[1], "Bearer ")
		switch {
		case strings.EqualFold(h[0], "Authorization") && bearer && c.user == "":
			fmt.Fprintf(b, "    auth: { bearer: %s }     # better from the environment: ${TOKEN}\n", quoteLiteral(token))
		case strings.EqualFold(h[0], "Content-Type") && (c.isJSON() || len(c.form) > 0):
		default:
			headers = slices.DeleteFunc(headers, func(o [2]string) bool { return strings.EqualFold(o[0], h[0]) })
			headers = append(headers, h)
		}
	}
	if len(c.data) > 0 && !c.isJSON() && !slices.ContainsFunc(headers, func(h [2]string) bool { return strings.EqualFold(h[0], "Content-Type") }) {
		headers = append(headers, [2]string{"Content-Type", "application/x-www-form-urlencoded"})
	}
	if len(headers) > 0 {
		b.WriteString("    headers:\n")
		for _, h := range headers {
			fmt.Fprintf(b, "      %s: %s\n", quoteYAML(h[0]), quoteLiteral(h[1]))
		}
	}
	if c.timeout > 0 {
		fmt.Fprintf(b, "    timeout: %s\n", c.timeout)
	}
	if c.follow {
		b.WriteString("    follow_redirects: true\n")
	}
	if c.version != "" {
		fmt.Fprintf(b, "    http_version: %q\n", c.version)
	}
}

// isJSON reports whether the command's data is JSON and says so.
func (c *curl) isJSON() bool {
	if len(c.data) != 1 || !json.Valid([]byte(c.data[0])) {
		return false
	}
	return c.json || slices.ContainsFunc(c.headers, func(h [2]string) bool {
		return strings.EqualFold(h[0], "Content-Type") && strings.Contains(strings.ToLower(h[1]), "json")
	})
}

// body writes what the command sends.
func (c *curl) body(b *strings.Builder) {
	switch {
	case len(c.form) > 0:
		b.WriteString("    multipart:\n")
		for _, f := range c.form {
			name, value, _ := strings.Cut(f, "=")
			if file, ok := strings.CutPrefix(value, "@"); ok {
				file, _, _ = strings.Cut(file, ";")
				fmt.Fprintf(b, "      %s: { file: %s }\n", quoteYAML(name), quoteLiteral(filepath.ToSlash(file)))
			} else {
				fmt.Fprintf(b, "      %s: %s\n", quoteYAML(name), quoteLiteral(value))
			}
		}
	case c.file != "":
		fmt.Fprintf(b, "    body_file: %s\n", quoteLiteral(c.file))
	case c.isJSON():
		b.WriteString("    json:")
		decoder := json.NewDecoder(strings.NewReader(c.data[0]))
		decoder.UseNumber()
		_ = writeJSON(b, decoder, "      ") // it is valid
	case len(c.data) > 0:
		fmt.Fprintf(b, "    body: %s\n", quoteLiteral(strings.Join(c.data, "&")))
	}
}

// writeJSON writes the next JSON value as YAML, behind a key, in its order.
func writeJSON(b *strings.Builder, d *json.Decoder, indent string) error {
	t, err := d.Token()
	if err != nil {
		return err
	}
	open, ok := t.(json.Delim)
	switch {
	case !ok:
		b.WriteString(" " + scalarYAML(t) + "\n")
		return nil
	case !d.More():
		b.WriteString(map[json.Delim]string{'{': " {}\n", '[': " []\n"}[open])
	default:
		b.WriteString("\n")
	}
	for d.More() {
		if open == '[' {
			b.WriteString(indent + "-")
		} else {
			key, err := d.Token()
			if err != nil {
				return err
			}
			b.WriteString(indent + quoteYAML(fmt.Sprint(key)) + ":")
		}
		if err := writeJSON(b, d, indent+"  "); err != nil {
			return err
		}
	}
	_, err = d.Token()
	return err
}

func scalarYAML(t json.Token) string {
	switch t := t.(type) {
	case string:
		return quoteLiteral(t)
	case nil:
		return "null"
	}
	return fmt.Sprint(t)
}

// literalText keeps braces and variables of text from being read as values.
var literalText = strings.NewReplacer("{{", `{{ "{{" }}`, "${", "$${")

// quoteLiteral writes s as a YAML scalar that means s and nothing else.
func quoteLiteral(s string) string { return quoteYAML(literalText.Replace(s)) }

// plainOrQuoted writes a name without quotes where it needs none.
func plainOrQuoted(s string) string {
	if strings.ContainsFunc(s, func(r rune) bool {
		return !(r == '.' || r == '-' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z')
	}) {
		return quoteLiteral(s)
	}
	return s
}
