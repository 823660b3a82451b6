package engine

import (
	"encoding/json"
	"runtime"
	"strings"

	tailscaleroot "tailscale.com"
)

// protocol is the version of the exports and of the control frames.
const protocol = "1"

// Versions tells as JSON what this was built from.
func Versions() string {
	text, _ := json.Marshal(struct {
		Library   string `json:"library"`
		Tailscale string `json:"tailscale"`
		Go        string `json:"go"`
	}{protocol, strings.TrimSpace(tailscaleroot.VersionDotTxt), runtime.Version()})
	return string(text)
}
