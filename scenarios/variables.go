package scenarios

import (
	"strings"
)

// minSecret is the length in bytes from which on a value from the environment
// is masked: shorter ones would mask ordinary text.
const minSecret = 4

// expand puts the environment into text: ${VAR}, ${VAR:-default} for one that
// is not set or empty, $${ for a literal ${. Values that are sent are secrets.
func (d *decoder) expand(text string, pos position, sent bool) string {
	var out strings.Builder
	for {
		i := strings.Index(text, "${")
		if i < 0 {
			out.WriteString(text)
			return out.String()
		}
		if i > 0 && text[i-1] == '$' {
			out.WriteString(text[:i-1] + "${")
			text = text[i+2:]
			continue
		}
		out.WriteString(text[:i])
		name, rest, closed := strings.Cut(text[i+2:], "}")
		if !closed {
			d.fail(pos, "write ${NAME} or ${NAME:-default}, and $${ for a plain ${", "${ without a closing brace")
			return out.String()
		}
		out.WriteString(d.variable(name, pos, sent))
		text = rest
	}
}

// variable returns the value of what stands between ${ and }.
func (d *decoder) variable(spec string, pos position, sent bool) string {
	name, fallback, hasFallback := strings.Cut(spec, ":-")
	if !isName(name) {
		d.fail(pos, "write ${NAME} or ${NAME:-default}, and $${ for a plain ${", "${%s} is no environment variable", spec)
		return ""
	}
	value, ok := d.env(name)
	if ok && (value != "" || !hasFallback) {
		if sent {
			d.secret(value)
		}
		return value
	}
	if !hasFallback {
		d.fail(pos, "set it, or give a default: ${"+name+":-…}", "the environment variable %s is not set", name)
	}
	return fallback
}

// env looks a variable up.
func (d *decoder) env(name string) (string, bool) {
	if d.options.Env == nil {
		return "", false
	}
	return d.options.Env(name)
}

// secret notes a value that must never be shown.
func (d *decoder) secret(value string) {
	if len(value) >= minSecret {
		d.secrets.add(value)
	}
}

// isName reports whether s can be the name of a variable.
func isName(s string) bool {
	for i, r := range s {
		letter := r == '_' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z'
		if !letter && (i == 0 || r < '0' || r > '9') {
			return false
		}
	}
	return s != ""
}
