// Package setup prepares what is global in a process that runs tailnet nodes:
// environment, Go runtime, the network name space switch.
package setup

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"runtime/debug"

	"dev.tailbridge/embedded/internal/environment"
	"dev.tailbridge/embedded/internal/node"
	"tailscale.com/envknob"
	"tailscale.com/net/netns"
)

// Config is what Java gives to TailbridgeInit.
type Config struct {
	LogLevel string `json:"logLevel"`
	// Netns binds the sockets of the nodes to the interface of the default
	// route. It helps beside a tailscaled with an exit node, and breaks
	// loopback.
	Netns bool `json:"netns"`
	// TestKnobs are TS_ variables for tests.
	TestKnobs        map[string]string `json:"testKnobs"`
	GOGC             int               `json:"gogc"`             // percent at least; 0 means 50
	MemoryLimitBytes int64             `json:"memoryLimitBytes"` // 0 means none
	// CrashFile receives the trace of a Go panic, which ends the process.
	CrashFile string `json:"crashFile"`
}

const (
	defaultGOGC = 50

	// maxThreads is far above what nodes need (the resolver stops at 500) and
	// below where a leak would hurt the rest of the machine.
	maxThreads = 2000

	disableGRO = "TS_DEBUG_DISABLE_UDP_GRO"
)

// fixed are the knobs of every process. The receive buffers of the library hold
// one datagram each, so GRO, which joins them, must be off. Without the second
// the logs of all nodes go to log.tailscale.com.
var fixed = map[string]string{
	disableGRO:              "true",
	"TS_NO_LOGS_NO_SUPPORT": "true",
}

// Parse reads the configuration and checks it.
func Parse(text string) (Config, node.Level, error) {
	var c Config
	decoder := json.NewDecoder(bytes.NewReader([]byte(text)))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&c); err != nil {
		return c, 0, fmt.Errorf("configuration of the Go library: %w", err)
	}
	level, err := node.ParseLevel(c.LogLevel)
	if err != nil {
		return c, 0, err
	}
	for name, value := range c.TestKnobs {
		if err := environment.CheckKnob(name, value); err != nil {
			return c, 0, err
		}
		if _, isFixed := fixed[name]; isFixed {
			return c, 0, fmt.Errorf("knob %s is set by the library itself", name)
		}
	}
	if c.GOGC == 0 {
		c.GOGC = defaultGOGC
	}
	return c, level, nil
}

// Apply puts a checked configuration into force. Nothing of tailscale may run
// yet.
func Apply(c Config) error {
	if err := environment.Check(); err != nil {
		return err
	}
	debug.SetTraceback("all")
	if c.CrashFile != "" {
		if err := setCrashOutput(c.CrashFile); err != nil {
			return fmt.Errorf("crash file: %w", err)
		}
	}
	environment.ClearFallbacks()
	for name, value := range fixed {
		envknob.Setenv(name, value)
	}
	for name, value := range c.TestKnobs {
		envknob.Setenv(name, value)
	}
	if !envknob.Bool(disableGRO) {
		return fmt.Errorf("%s could not be set", disableGRO)
	}
	netns.SetEnabled(c.Netns)

	if c.MemoryLimitBytes > 0 {
		debug.SetMemoryLimit(c.MemoryLimitBytes)
	}
	debug.SetMaxThreads(maxThreads)
	return nil
}

func setCrashOutput(path string) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	defer f.Close() // the runtime keeps a duplicate
	return debug.SetCrashOutput(f, debug.CrashOptions{})
}
