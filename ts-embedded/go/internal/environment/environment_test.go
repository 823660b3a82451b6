// Package environment_test lies apart since the package under test would be
// initialized after tailscale if its own tests imported tailscale.
package environment_test

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"

	"dev.tailbridge/embedded/internal/environment"
	"tailscale.com/envknob"
	_ "tailscale.com/tsnet" // registers its knobs while it is initialized
)

// TestMain lets the test binary report on its environment when it runs as a
// child of the tests below.
func TestMain(m *testing.M) {
	if os.Getenv("ENVIRONMENT_CHILD") == "" {
		os.Exit(m.Run())
	}
	environment.ClearFallbacks()
	fmt.Printf("error=%v authkey=%q disco=%t", environment.Check(), os.Getenv("TS_AUTHKEY"), envknob.Bool("TS_DEBUG_DISCO"))
}

func child(t *testing.T, variables ...string) string {
	t.Helper()
	c := exec.Command(os.Args[0])
	c.Env = append(os.Environ(), append(variables, "ENVIRONMENT_CHILD=1")...)
	out, err := c.CombinedOutput()
	if err != nil {
		t.Fatalf("the process ended: %v: %s", err, out)
	}
	return string(out)
}

// Each of these would otherwise end the process, the first two while it loads.
func TestUnparsableVariablesAreReported(t *testing.T) {
	for _, variable := range []string{
		"TS_DEBUG_DISCO=perhaps", "TS_DEBUG_MAP=many", "TS_NETSTACK_KEEPALIVE_IDLE=30", "TS_DEBUG_MTU=-1",
		"TS_DEBUG_DISABLE_UDP_GRO=off", "TS_DEBUG_ENABLE_PMTUD=2",
	} {
		name, value, _ := strings.Cut(variable, "=")
		out := child(t, variable)
		if !strings.Contains(out, fmt.Sprintf("error=environment: %s=%q is not ", name, value)) {
			t.Errorf("%s: %s", variable, out)
		}
	}
}

func TestValidVariablesStayAndFallbacksGo(t *testing.T) {
	out := child(t, "TS_DEBUG_DISCO=1", "TS_AUTHKEY=tskey-auth-x", "TS_DEBUG_MTU=1400")
	if out != `error=<nil> authkey="" disco=true` {
		t.Error(out)
	}
}

func TestCheckKnob(t *testing.T) {
	for variable, good := range map[string]bool{
		"TS_DISABLE_PORTMAPPER=1": true, "TS_DISABLE_PORTMAPPER=on": false, "TS_DEBUG_MTU=x": false,
		"PATH=/tmp": false, "TS_ASSUME_NETWORK_UP_FOR_TEST=1": true,
	} {
		name, value, _ := strings.Cut(variable, "=")
		if err := environment.CheckKnob(name, value); (err == nil) != good {
			t.Errorf("%s: %v", variable, err)
		}
	}
}
