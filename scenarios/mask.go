package scenarios

import (
	"encoding/base64"
	"encoding/json"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"brink/runner/stats"
)

// masked stands where a secret was.
const masked = "***"

// Mask returns text with every secret value replaced by ***, also where it is
// written as in JSON or between quotes, in an address, in a host's name or in
// base64.
func (s *Scenario) Mask(text string) string { return mask(text, s.Secrets) }

func mask(text string, secrets []string) string {
	for _, secret := range secrets {
		text = strings.ReplaceAll(text, secret, masked)
	}
	return text
}

// name reads a name, which shows everywhere. It is for after what it names was
// read: by then the secrets of that are known.
func (d *decoder) name(n *node) string { return stats.Clean(d.mask(d.str(n)), 0) }

func (d *decoder) mask(text string) string { return mask(text, d.secrets) }

// secrets collects values to mask, the longest first, so that one that is
// part of another does not leave the rest of it behind.
type secrets []string

func (s *secrets) add(value string) {
	quoted, _ := json.Marshal(value)
	for _, form := range []string{
		value,
		strings.TrimSpace(value),
		string(quoted[1 : len(quoted)-1]),
		strings.TrimSuffix(strconv.Quote(value)[1:], `"`),
		strings.ToLower(value), // hosts
		url.QueryEscape(value),
		url.PathEscape(value),
		string(escapeAll([]byte(value), 0)),
		string(escapeUnsafe([]byte(value), 0)),
		base64.StdEncoding.EncodeToString([]byte(value)),
	} {
		if len(form) >= minSecret && !slices.Contains(*s, form) {
			*s = append(*s, form)
		}
	}
	slices.SortStableFunc(*s, func(a, b string) int { return len(b) - len(a) })
}
