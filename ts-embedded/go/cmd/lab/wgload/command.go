// Package wgload is the load for a WireGuard server under test: one client, the
// same for both rivals, that seals ready-made UDP packets and sends them in
// batches, so that it costs as little as possible beside the server.
//
// A measurement takes a server with an echo at UDP port 7 and a discard at port 9
// of its address in the tunnel, like lab wgleg, and goes:
//
//	echo size=128 seconds=10 window=512       closed loop: nothing gets lost, the
//	                                          server sets the pace
//	send size=1400 seconds=10 rate=20000      to the discard port; the server counts
//	&1 receive seconds=12                     and meanwhile the server's own source
//
// and utime + stime of the server's /proc/PID/stat before and after. Size is that
// of the packet in the tunnel, IPv4 and UDP headers (28 bytes) included, so that
// 1400 fits the MTU of 1420; on the wire it is 32 bytes more, padded to 16, and the
// outer headers. By default every packet is a datagram of its own (sendmmsg), as
// devices send them; -gso has the kernel cut 44 or so out of one buffer. Receiving
// is with GRO unless -gro=false, so that a server that sends with GSO need not pay
// for the cutting on loopback.
package wgload

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/netip"
	"time"

	"dev.tailbridge/embedded/cmd/lab/keys"
	"dev.tailbridge/embedded/cmd/lab/line"
	"dev.tailbridge/embedded/cmd/lab/noise"
)

// Flags are the options of lab wgload.
type Flags struct {
	clients                            int
	seed, peer, psk, endpoint, private string
	first, server, bind                string
	gso, gro                           bool
}

// Define declares the options on set.
func (f *Flags) Define(set *flag.FlagSet) {
	set.IntVar(&f.clients, "clients", 1, "`N` tunnels, each with keys and a socket of its own, that share the load")
	set.StringVar(&f.seed, "seed", "load", "`TEXT` that the keys derive from, as in lab fleet")
	set.StringVar(&f.private, "private-key", "", "private `KEY` of the only client, in base64, instead of a derived one")
	set.StringVar(&f.peer, "peer-key", "", "the server's public `KEY` in base64; without it the command server has to come first")
	set.StringVar(&f.psk, "psk", "", "preshared `KEY` in base64")
	set.StringVar(&f.endpoint, "endpoint", "127.0.0.1:51820", "`IP:PORT` of the server, on loopback")
	set.StringVar(&f.first, "first", "10.6.0.2", "`IP` in the tunnel of the first client; the others have the next ones")
	set.StringVar(&f.server, "server", "10.6.0.1", "`IP` in the tunnel of the server")
	set.StringVar(&f.bind, "bind", "127.0.0.1", "`IP` of the UDP sockets")
	set.BoolVar(&f.gso, "gso", false, "send several packets in one buffer that the kernel cuts")
	set.BoolVar(&f.gro, "gro", true, "receive packets together")
}

// generator is all clients.
type generator struct {
	clients []*client
	server  netip.Addr
	bind    netip.Addr
	psk     keys.Key
	gso     bool
	gro     bool
}

type ready struct {
	Ready   string   `json:"ready"`
	Devices []device `json:"devices"`
}

type device struct {
	PublicKey string `json:"publicKey"`
	Address   string `json:"address"`
}

// Run is lab wgload.
func (f *Flags) Run(ctx context.Context, in io.Reader, out io.Writer) error {
	g, err := f.generator()
	if err != nil {
		return err
	}
	defer g.close()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go g.keepAlive(ctx)
	r := ready{Ready: "wgload"}
	for _, c := range g.clients {
		r.Devices = append(r.Devices, device{c.public.Base64(), c.address.String()})
	}
	return line.Serve(ctx, in, out, r, g.commands())
}

func (f *Flags) generator() (*generator, error) {
	if f.clients < 1 || f.clients > 1000 {
		return nil, fmt.Errorf("-clients %d is not from 1 to 1000", f.clients)
	}
	if f.private != "" && f.clients != 1 {
		return nil, errors.New("-private-key is for one client only")
	}
	g := &generator{gso: f.gso, gro: f.gro}
	first, err := netip.ParseAddr(f.first)
	if err != nil || !first.Is4() {
		return nil, fmt.Errorf("-first %s is no IPv4 address", f.first)
	}
	if g.server, err = netip.ParseAddr(f.server); err != nil || !g.server.Is4() {
		return nil, fmt.Errorf("-server %s is no IPv4 address", f.server)
	}
	if g.bind, err = netip.ParseAddr(f.bind); err != nil {
		return nil, fmt.Errorf("-bind %s is no IP address", f.bind)
	}
	if f.psk != "" {
		if g.psk, err = keys.Parse(f.psk); err != nil {
			return nil, fmt.Errorf("-psk: %w", err)
		}
	}
	for i := range f.clients {
		c := &client{private: keys.Derive(f.seed, i), address: first}
		if f.private != "" {
			if c.private, err = keys.Parse(f.private); err != nil {
				return nil, fmt.Errorf("-private-key: %w", err)
			}
		}
		if c.public, err = c.private.Public(); err != nil {
			return nil, err
		}
		g.clients = append(g.clients, c)
		first = first.Next()
	}
	if f.peer == "" {
		return g, nil
	}
	if err := g.setServer(f.peer, f.endpoint); err != nil {
		g.close()
		return nil, err
	}
	return g, nil
}

func (g *generator) setServer(key, endpoint string) error {
	peer, err := keys.Parse(key)
	if err != nil {
		return fmt.Errorf("the server's key: %w", err)
	}
	to, err := netip.ParseAddrPort(endpoint)
	if err != nil || !to.Addr().IsLoopback() {
		return fmt.Errorf("%s is no IP:PORT on loopback", endpoint)
	}
	if g.clients[0].socket != nil {
		return errors.New("there is a server already")
	}
	for _, c := range g.clients {
		identity, err := noise.NewIdentity(c.private, peer, g.psk)
		if err != nil {
			return err
		}
		if err := c.open(identity, g.bind, to, g.gro); err != nil {
			return err
		}
	}
	return nil
}

func (g *generator) keepAlive(ctx context.Context) {
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			for _, c := range g.clients {
				c.tick()
			}
		}
	}
}

func (g *generator) close() {
	for _, c := range g.clients {
		c.close()
	}
}
