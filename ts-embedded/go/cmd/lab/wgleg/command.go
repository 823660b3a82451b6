// Package wgleg is the rival of our WireGuard endpoint: a server of wireguard-go
// with its own UDP socket code, alone, without a tailnet.
//
// Inside it has either nothing but a counter and an echo at packet level (bare),
// so that nobody can say that gVisor slowed it down, or gVisor as wireguard-go
// brings it (stock), or gVisor with batches, longer queues and without RACK (tuned).
//
// UDP port 7 sends back, UDP port 9 only counts, the command source sends; with a
// network stack there are HTTP on port 80 (/bulk, /upload) and the lab's probes, so
// that down and up of a lab device's pages measure the leg with TCP. What it costs
// is for the driver to read in /proc/PID/stat; pid is in the ready line.
package wgleg

import (
	"context"
	"flag"
	"fmt"
	"io"
	"log"
	"net/netip"
	"os"

	wg "golang.zx2c4.com/wireguard/device"

	"dev.tailbridge/embedded/cmd/lab/keys"
	"dev.tailbridge/embedded/cmd/lab/line"
)

// Flags are the options of lab wgleg.
type Flags struct {
	PrivateKey, Inside, Address string
	Port, MTU                   int
	Peers                       []string
}

// Define declares the options on set.
func (f *Flags) Define(set *flag.FlagSet) {
	set.StringVar(&f.PrivateKey, "private-key", "", "the server's private `KEY` in base64; without it a new one")
	set.StringVar(&f.Inside, "inside", "bare", "`KIND` of the inner side: bare, stock or tuned")
	set.StringVar(&f.Address, "address", "10.6.0.1", "`IP` in the tunnel")
	set.IntVar(&f.Port, "port", 0, "UDP `PORT`, 0: any")
	set.IntVar(&f.MTU, "mtu", 1420, "`BYTES` of the largest packet in the tunnel")
	set.Func("peer", "`KEY=PREFIX` of a peer; may be given more than once", func(text string) error {
		f.Peers = append(f.Peers, text)
		return nil
	})
}

type ready struct {
	Ready     string `json:"ready"`
	PublicKey string `json:"publicKey"`
	Port      uint16 `json:"port"`
	PID       int    `json:"pid"`
}

// Server is a running one.
type Server struct {
	counters *counters
	device   *wg.Device
	bind     *Loopback
	bare     *bare   // or
	inside   *inside // one of the two
	address  netip.Addr
	port     uint16
	public   keys.Key
}

// Run is lab wgleg.
func (f *Flags) Run(ctx context.Context, in io.Reader, out io.Writer) error {
	s, err := f.Start()
	if err != nil {
		return err
	}
	defer s.Close()
	return line.Serve(ctx, in, out, ready{"wgleg", s.public.Base64(), s.port, os.Getpid()}, s.Commands())
}

// Start begins to listen.
func (f *Flags) Start() (*Server, error) {
	private := keys.New()
	var err error
	if f.PrivateKey != "" {
		if private, err = keys.Parse(f.PrivateKey); err != nil {
			return nil, fmt.Errorf("-private-key: %w", err)
		}
	}
	s := &Server{bind: NewLoopback()}
	if s.public, err = private.Public(); err != nil {
		return nil, err
	}
	if s.address, err = netip.ParseAddr(f.Address); err != nil || !s.address.Is4() {
		return nil, fmt.Errorf("-address %s is no IPv4 address", f.Address)
	}
	if f.MTU < 576 || f.MTU > 9000 {
		return nil, fmt.Errorf("-mtu %d is not from 576 to 9000", f.MTU)
	}
	link, err := s.build(f.Inside, f.MTU)
	if err != nil {
		return nil, err
	}
	s.device = wg.NewDevice(link, s.bind, &wg.Logger{Verbosef: wg.DiscardLogf, Errorf: log.Printf})
	err = s.device.IpcSet(fmt.Sprintf("private_key=%x\nlisten_port=%d\n", private[:], f.Port))
	if err == nil {
		err = s.AddPeers(f.Peers...)
	}
	if err == nil {
		err = s.device.Up()
	}
	if err == nil && s.inside != nil {
		err = s.inside.serve(s.counters)
	}
	if err == nil {
		s.port, err = s.listenPort()
	}
	if err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}
