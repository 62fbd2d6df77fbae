package scenarios

import "strings"

// Mask returns text with every secret value replaced by ***.
func (s *Scenario) Mask(text string) string {
	for _, secret := range s.Secrets {
		text = strings.ReplaceAll(text, secret, "***")
	}
	return text
}
