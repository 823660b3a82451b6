// Package goway is what a Go programmer would write instead of a bridge, and the
// rival that it is measured against: one process with wireguard-go and its gVisor
// towards the devices, one tsnet.Server for each device towards the tailnet, a
// listener on each port and io.Copy both ways. It knows no reboots, no deferred
// accept, no UDP and no ping: only the road of bytes is compared.
//
// Stock is wireguard-go with the network stack that comes with it. -tuned moves
// batches of 128 packets on that side, has longer queues and does without RACK.
package goway

import (
	"context"
	"flag"
	"fmt"
	"io"
	"net/netip"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"tailscale.com/tsnet"

	"dev.tailbridge/embedded/cmd/lab/line"
	"dev.tailbridge/embedded/cmd/lab/machine"
	"dev.tailbridge/embedded/cmd/lab/usage"
	"dev.tailbridge/embedded/cmd/lab/wgleg"
)

// Flags are the options of lab goway.
type Flags struct {
	controlURL, authKey, dir string
	private, address, ports  string
	port, mtu                int
	tuned                    bool
	within                   time.Duration
	devices                  []string
}

// Define declares the options on set.
func (f *Flags) Define(set *flag.FlagSet) {
	set.StringVar(&f.controlURL, "control", "", "`URL` of the control plane (required)")
	set.StringVar(&f.authKey, "auth-key", "", "`KEY` to register the nodes with")
	set.StringVar(&f.dir, "dir", "", "`DIR` for the nodes' state (required)")
	set.StringVar(&f.private, "private-key", "", "the WireGuard server's private `KEY` in base64; without it a new one")
	set.IntVar(&f.port, "port", 0, "UDP `PORT` of the WireGuard server, 0: any")
	set.StringVar(&f.address, "address", "10.6.0.1", "`IP` of the server in the tunnel")
	set.IntVar(&f.mtu, "mtu", 1420, "`BYTES` of the largest packet in the tunnel")
	set.StringVar(&f.ports, "ports", "80", "TCP `PORTS` that are forwarded, separated by commas")
	set.BoolVar(&f.tuned, "tuned", false, "the WireGuard side as fast as it is known to go")
	set.DurationVar(&f.within, "within", 2*time.Minute, "how long getting all nodes online may take")
	set.Func("device", "`NAME,KEY,IP` of a device: host name, public key, address in the tunnel; may be given more than once", func(text string) error {
		f.devices = append(f.devices, text)
		return nil
	})
}

// device is one, and its node.
type device struct {
	name    string
	address netip.Addr
	node    *tsnet.Server
}

type way struct {
	server  *wgleg.Server
	devices []*device
	counters
}

type ready struct {
	Ready     string `json:"ready"`
	PublicKey string `json:"publicKey"`
	Port      uint16 `json:"port"`
	PID       int    `json:"pid"`
	Nodes     []node `json:"nodes"`
}

type node struct {
	Name string `json:"name"`
	IP4  string `json:"ip4"`
	IP6  string `json:"ip6"`
}

// Run is lab goway.
func (f *Flags) Run(ctx context.Context, in io.Reader, out io.Writer) error {
	w, ports, err := f.way()
	if err != nil {
		return err
	}
	defer w.close()
	if err := w.join(ctx, f.within); err != nil {
		return err
	}
	if err := w.serve(ctx, ports); err != nil {
		return err
	}
	r := ready{Ready: "goway", PublicKey: w.server.PublicKey().Base64(), Port: w.server.Endpoint().Port(), PID: os.Getpid()}
	for _, d := range w.devices {
		ip4, ip6 := d.node.TailscaleIPs()
		r.Nodes = append(r.Nodes, node{d.name, ip4.String(), ip6.String()})
	}
	return line.Serve(ctx, in, out, r, w.commands())
}

func (f *Flags) way() (*way, []uint16, error) {
	for name, value := range map[string]string{"-control": f.controlURL, "-dir": f.dir} {
		if value == "" {
			return nil, nil, fmt.Errorf("%s is missing", name)
		}
	}
	var ports []uint16
	for text := range strings.SplitSeq(f.ports, ",") {
		n, err := strconv.ParseUint(text, 10, 16)
		if err != nil || n == 0 {
			return nil, nil, fmt.Errorf("-ports: %q is no port", text)
		}
		ports = append(ports, uint16(n))
	}
	leg := wgleg.Flags{PrivateKey: f.private, Address: f.address, Port: f.port, MTU: f.mtu, Inside: "stock"}
	if f.tuned {
		leg.Inside = "tuned"
	}
	w := &way{}
	for _, text := range f.devices {
		parts := strings.Split(text, ",")
		if len(parts) != 3 {
			return nil, nil, fmt.Errorf("-device %s is no NAME,KEY,IP", text)
		}
		address, err := netip.ParseAddr(parts[2])
		if err != nil {
			return nil, nil, fmt.Errorf("-device %s: %s is no IP address", text, parts[2])
		}
		leg.Peers = append(leg.Peers, parts[1]+"="+parts[2])
		w.devices = append(w.devices, &device{name: parts[0], address: address, node: &tsnet.Server{
			Hostname: parts[0], Dir: filepath.Join(f.dir, parts[0]), ControlURL: f.controlURL, AuthKey: f.authKey,
		}})
	}
	if len(w.devices) == 0 {
		return nil, nil, fmt.Errorf("-device is missing")
	}
	var err error
	w.server, err = leg.Start()
	return w, ports, err
}

// join returns when all nodes are online, or one cannot be.
func (w *way) join(ctx context.Context, within time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	var all sync.WaitGroup
	failures := make([]error, len(w.devices))
	for i, d := range w.devices {
		all.Go(func() {
			if failures[i] = machine.Join(ctx, d.node); failures[i] != nil {
				d.node = nil // closed
			}
		})
	}
	all.Wait()
	for i, err := range failures {
		if err != nil {
			return fmt.Errorf("node of %s: %w", w.devices[i].name, err)
		}
	}
	return nil
}

func (w *way) close() {
	var all sync.WaitGroup
	for _, d := range w.devices {
		if d.node != nil && d.node.Sys() != nil {
			all.Go(func() { d.node.Close() })
		}
	}
	all.Wait()
	w.server.Close()
}

// Manual is the list of commands, without anything to run them on.
func Manual() []line.Command { return (*way)(nil).commands() }

func (w *way) commands() []line.Command {
	return []line.Command{
		line.On("status", "", `{"connections":n so far,"open":n now,"failed":n that the device did not take,"toDevice":bytes,"fromDevice":bytes,"cpuSeconds":x,"rssBytes":n}`, w.status),
	}
}

type status struct {
	Connections int64   `json:"connections"`
	Open        int64   `json:"open"`
	Failed      int64   `json:"failed"`
	ToDevice    int64   `json:"toDevice"`
	FromDevice  int64   `json:"fromDevice"`
	CPUSeconds  float64 `json:"cpuSeconds"`
	RSSBytes    int64   `json:"rssBytes"`
}

func (w *way) status(context.Context, line.Args) (any, error) {
	return status{
		w.connections.Load(), w.open.Load(), w.failed.Load(), w.toDevice.Load(), w.fromDevice.Load(),
		usage.CPUSeconds(), usage.RSSBytes(),
	}, nil
}
