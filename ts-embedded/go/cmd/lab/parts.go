package main

import (
	"context"
	"flag"
	"io"
	"strings"
	"time"

	"dev.tailbridge/embedded/cmd/lab/control"
	"dev.tailbridge/embedded/cmd/lab/derp"
	"dev.tailbridge/embedded/cmd/lab/device"
	"dev.tailbridge/embedded/cmd/lab/fleet"
	"dev.tailbridge/embedded/cmd/lab/flood"
	"dev.tailbridge/embedded/cmd/lab/goway"
	"dev.tailbridge/embedded/cmd/lab/keys"
	"dev.tailbridge/embedded/cmd/lab/line"
	"dev.tailbridge/embedded/cmd/lab/machine"
	"dev.tailbridge/embedded/cmd/lab/relay"
	"dev.tailbridge/embedded/cmd/lab/wgleg"
	"dev.tailbridge/embedded/cmd/lab/wgload"
)

// starter runs a part until in ends or ctx is done.
type starter func(ctx context.Context, in io.Reader, out io.Writer) error

// part is one role that the program can play.
type part struct {
	name, summary string
	// define declares the options of the part; what it returns uses them once parsed.
	define   func(set *flag.FlagSet) starter
	commands []line.Command
	// word is the option that a first argument without a name is for.
	word string
	// bound is how long the part runs unless it is told otherwise; 0: no bound.
	bound time.Duration
}

// named gives a first argument without a name the name that it stands for.
func (p part) named(args []string) []string {
	if p.word == "" || len(args) == 0 || strings.HasPrefix(args[0], "-") {
		return args
	}
	return append([]string{"-" + p.word + "=" + args[0]}, args[1:]...)
}

// loadBound bounds the parts that make load.
const loadBound = time.Hour

func parts() []part {
	return []part{
		{name: "control", define: withFlags(&control.Flags{}), commands: control.Manual(),
			summary: "control plane, DERP and STUN of a tailnet in which everybody may talk to everybody"},
		{name: "derp", define: withFlags(&derp.Flags{}), commands: (*derp.Relay)(nil).Commands(),
			summary: "DERP and STUN alone, for another control plane"},
		{name: "device", define: withFlags(&device.Flags{}), commands: device.Manual(),
			summary: "simulated device: WireGuard and a network stack with services, behind one UDP socket"},
		{name: "relay", define: withFlags(&relay.Flags{}), commands: relay.Manual(),
			summary: "slow and lossy network between a device and its server"},
		{name: "fleet", define: withFlags(&fleet.Flags{}), commands: fleet.Manual(), word: "devices", bound: loadBound,
			summary: "many light devices with one server, in one process"},
		{name: "wgleg", define: withFlags(&wgleg.Flags{}), commands: wgleg.Manual(), bound: loadBound,
			summary: "WireGuard server of wireguard-go alone, to compare ours with"},
		{name: "goway", define: withFlags(&goway.Flags{}), commands: goway.Manual(), bound: loadBound,
			summary: "the bridge that a Go programmer would write, to compare ours with"},
		{name: "wgload", define: withFlags(&wgload.Flags{}), commands: wgload.Manual(), bound: loadBound,
			summary: "WireGuard client that loads a server with UDP and counts"},
		{name: "flood", define: withFlags(&flood.Flags{}), commands: flood.Manual(), bound: loadBound,
			summary: "handshake messages that lead nowhere, from many sources"},
		{name: "client", define: withFlags(&machine.Flags{}), commands: machine.Manual(),
			summary: "machine of a tailnet, with services"},
		{name: "genkey", define: plain(keys.Generate), summary: "print a new private key"},
		{name: "pubkey", define: plain(keys.Public), summary: "read a private key, print its public key"},
		{name: "help", summary: "this manual",
			define: plain(func(_ io.Reader, out io.Writer) error { return wholeManual(out) })},
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
