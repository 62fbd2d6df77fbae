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
// base64, and what is left of one before a "…" that stands for the rest.
func (s *Scenario) Mask(text string) string { return mask(text, s.Secrets) }

// MaskCut is Mask for a text that may have been cut at its end, without a mark.
func (s *Scenario) MaskCut(text string) string { return maskEnd(s.Mask(text), s.Secrets) }

func mask(text string, secrets []string) string {
	for _, secret := range secrets {
		text = strings.ReplaceAll(text, secret, masked)
	}
	const cut = "…"
	if len(secrets) == 0 || !strings.Contains(text, cut) {
		return text
	}
	parts := strings.Split(text, cut)
	for i := range parts[:len(parts)-1] {
		parts[i] = maskEnd(parts[i], secrets)
	}
	return strings.Join(parts, cut)
}

// maskEnd masks the beginning of a secret where the text ends with it.
func maskEnd(text string, secrets []string) string {
	longest := 0
	for _, secret := range secrets {
		for n := min(len(secret)-1, len(text)); n >= minSecret && n > longest; n-- {
			if strings.HasSuffix(text, secret[:n]) {
				longest = n
			}
		}
	}
	if longest == 0 {
		return text
	}
	return text[:len(text)-longest] + masked
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
