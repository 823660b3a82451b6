// Package environment keeps variables of the surrounding process from ending
// it or from giving a node another identity.
//
// Tailscale reads its knobs with envknob, which calls log.Fatal on a value that
// it cannot parse, for many of them while its packages are initialized, that
// is while the library is being loaded. This package is initialized before:
// Go initializes ready packages in the order of their import paths, and this
// one needs only a part of what envknob needs and sorts before tailscale.com.
// It must therefore import nothing but small packages of the standard library.
package environment

import (
	"fmt"
	"os"
	"sort"
	"strconv"
	"strings"
	"time"
)

// fallbacks are what a tsnet server takes when a field of its own is empty,
// and so would apply to all nodes.
var fallbacks = []string{
	"TS_AUTHKEY", "TS_AUTH_KEY", "TS_CLIENT_SECRET", "TS_CLIENT_ID", "TS_ID_TOKEN", "TS_AUDIENCE",
	"TS_CONTROL_URL", "TSNET_FORCE_LOGIN",
}

// refused says what was wrong with the environment at load time. The offending
// variables were taken out of it, so that the process lives to report them.
var refused = takeUnparsable()

func takeUnparsable() []string {
	var found []string
	for name, kind := range knobs {
		value := os.Getenv(name)
		if err := parse(kind, value); err != nil {
			found = append(found, fmt.Sprintf("%s=%q is not %v", name, value, err))
			os.Unsetenv(name)
		}
	}
	sort.Strings(found)
	return found
}

// Check reports variables that had values tailscale would have ended the
// process over.
func Check() error {
	if len(refused) == 0 {
		return nil
	}
	return fmt.Errorf("environment: %s; correct or unset it and start again", strings.Join(refused, ", "))
}

// ClearFallbacks takes away the variables that would apply to all nodes.
func ClearFallbacks() {
	for _, name := range fallbacks {
		os.Unsetenv(name)
	}
}

// CheckKnob tells whether tailscale would accept the value of the variable.
func CheckKnob(name, value string) error {
	if !strings.HasPrefix(name, "TS_") {
		return fmt.Errorf("knob %s: the names of knobs begin with TS_", name)
	}
	kind, known := knobs[name]
	if !known {
		return nil
	}
	if err := parse(kind, value); err != nil {
		return fmt.Errorf("knob %s=%q is not %v", name, value, err)
	}
	return nil
}

// parse returns an error that names what the value should be.
func parse(k kind, value string) error {
	if value == "" {
		return nil
	}
	var err error
	switch k {
	case boolean:
		if _, err = strconv.ParseBool(value); err != nil {
			err = fmt.Errorf("true or false")
		}
	case integer:
		if _, err = strconv.ParseInt(value, 10, 32); err != nil {
			err = fmt.Errorf("a number")
		}
	case natural:
		if _, err = strconv.ParseUint(value, 10, 32); err != nil {
			err = fmt.Errorf("a number of 0 or more")
		}
	case duration:
		if _, err = time.ParseDuration(value); err != nil {
			err = fmt.Errorf(`a duration like "30s"`)
		}
	}
	return err
}
