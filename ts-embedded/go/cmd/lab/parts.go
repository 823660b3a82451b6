package main

import (
	"context"
	"flag"
	"io"
	"strings"

	"dev.tailbridge/embedded/cmd/lab/control"
	"dev.tailbridge/embedded/cmd/lab/derp"
	"dev.tailbridge/embedded/cmd/lab/device"
	"dev.tailbridge/embedded/cmd/lab/keys"
	"dev.tailbridge/embedded/cmd/lab/line"
	"dev.tailbridge/embedded/cmd/lab/machine"
)

// starter runs a part until in ends or ctx is done.
type starter func(ctx context.Context, in io.Reader, out io.Writer) error

// part is one role that the program can play.
type part struct {
	name, summary string
	// define declares the options of the part; what it returns uses them once parsed.
	define   func(set *flag.FlagSet) starter
	commands []line.Command
}

func parts() []part {
	return []part{
		{"control", "control plane, DERP and STUN of a tailnet in which everybody may talk to everybody", withFlags(&control.Flags{}), control.Manual()},
		{"derp", "DERP and STUN alone, for another control plane", withFlags(&derp.Flags{}), (*derp.Relay)(nil).Commands()},
		{"device", "simulated device: WireGuard and a network stack with services, behind one UDP socket", withFlags(&device.Flags{}), device.Manual()},
		{"client", "machine of a tailnet, with services", withFlags(&machine.Flags{}), machine.Manual()},
		{"genkey", "print a new private key", plain(keys.Generate), nil},
		{"pubkey", "read a private key, print its public key", plain(keys.Public), nil},
		{"help", "this manual", plain(func(_ io.Reader, out io.Writer) error { return wholeManual(out) }), nil},
	}
}

type flags interface {
	Define(set *flag.FlagSet)
	Run(ctx context.Context, in io.Reader, out io.Writer) error
}

func withFlags(f flags) func(*flag.FlagSet) starter {
	return func(set *flag.FlagSet) starter {
		f.Define(set)
		return f.Run
	}
}

func plain(run func(in io.Reader, out io.Writer) error) func(*flag.FlagSet) starter {
	return func(*flag.FlagSet) starter {
		return func(_ context.Context, in io.Reader, out io.Writer) error { return run(in, out) }
	}
}

func find(name string) (part, bool) {
	for _, p := range parts() {
		if p.name == strings.TrimLeft(name, "-") {
			return p, true
		}
	}
	return part{}, false
}

func names() string {
	var all []string
	for _, p := range parts() {
		all = append(all, p.name)
	}
	return strings.Join(all, ", ")
}
