// Package redact takes secrets out of text that leaves the library.
package redact

import (
	"regexp"
	"strings"
)

const mark = "[redacted]"

// Auth and API keys of Tailscale and Headscale, and private keys as tailscale
// prints them. Public keys (nodekey:, mkey:, discokey:) stay.
var patterns = []struct {
	match *regexp.Regexp
	put   string
}{
	{regexp.MustCompile(`\b([th]skey-(?:(?:auth|client|api|scim|webhook)-)?)[A-Za-z0-9_-]+`), "${1}" + mark},
	{regexp.MustCompile(`\b(privkey|nlpriv|nodeprivkey|discoprivkey):[0-9a-fA-F]+`), "${1}:" + mark},
	{regexp.MustCompile(`(?i)\b(bearer|basic) [A-Za-z0-9+/=._~-]{16,}`), "${1} " + mark},
}

// Redactor also knows the secrets of one node by value: older Headscale keys
// have no form that would give them away.
type Redactor struct {
	secrets *strings.Replacer
}

// New makes a redactor for these secrets; empty ones are ignored.
func New(secrets ...string) Redactor {
	var pairs []string
	for _, s := range secrets {
		if s != "" {
			pairs = append(pairs, s, mark)
		}
	}
	return Redactor{strings.NewReplacer(pairs...)}
}

// Line is text as one line without secrets.
func (r Redactor) Line(text string) string {
	if r.secrets != nil {
		text = r.secrets.Replace(text)
	}
	for _, p := range patterns {
		text = p.match.ReplaceAllString(text, p.put)
	}
	return strings.Join(strings.FieldsFunc(text, func(c rune) bool { return c == '\n' || c == '\r' }), " | ")
}
