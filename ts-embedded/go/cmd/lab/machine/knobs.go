package machine

import (
	"sync"

	"tailscale.com/envknob"
	"tailscale.com/net/netns"
)

// confine keeps tailscale on loopback, without uploads, port mapping or the
// public control plane. It works once in a process, before the first node starts.
//
// Sockets bound to the default route's interface, which netns does for ordinary
// users, would not reach 127.0.0.1.
func confine(derpOnly bool) {
	confined.Do(func() { setKnobs(derpOnly) })
}

var confined sync.Once

func setKnobs(derpOnly bool) {
	netns.SetEnabled(false)
	envknob.SetNoLogsNoSupport()
	knobs := map[string]string{
		"TS_ASSUME_NETWORK_UP_FOR_TEST": "1",
		"TS_DISABLE_PORTMAPPER":         "1",
		"TS_PANIC_IF_HIT_MAIN_CONTROL":  "1",
	}
	if derpOnly {
		// Not TS_DEBUG_ALWAYS_USE_DERP: that one takes the UDP sockets away,
		// and without STUN it takes seconds to find the home relay.
		knobs["TS_DEBUG_NEVER_DIRECT_UDP"] = "1"
	}
	for name, value := range knobs {
		envknob.Setenv(name, value)
	}
	for _, name := range []string{"TS_AUTHKEY", "TS_AUTH_KEY", "TS_CLIENT_SECRET", "TS_CLIENT_ID", "TS_ID_TOKEN", "TS_AUDIENCE", "TS_CONTROL_URL"} {
		envknob.Setenv(name, "")
	}
}
