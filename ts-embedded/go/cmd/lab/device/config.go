package device

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net"
	"net/netip"
	"strings"

	"dev.tailbridge/embedded/cmd/lab/keys"
	"dev.tailbridge/embedded/cmd/lab/netstack"
)

// Flags are the options of lab device.
type Flags struct {
	private, peer, psk                           string
	endpoint, address, allowed, bind, dns, clock string
	name                                         string
	keepalive, mtu, tcpWindow                    int
	chipWindow, idle                             bool
}

// Define declares the options on set.
func (f *Flags) Define(set *flag.FlagSet) {
	set.StringVar(&f.private, "private-key", "", "the device's private `KEY` in base64 (required)")
	set.StringVar(&f.peer, "peer-key", "", "the server's public `KEY` in base64 (required)")
	set.StringVar(&f.psk, "psk", "", "preshared `KEY` in base64")
	set.StringVar(&f.endpoint, "endpoint", "127.0.0.1:51820", "`HOST:PORT` of the server")
	set.StringVar(&f.address, "address", "10.6.0.2", "`IP` in the tunnel")
	set.StringVar(&f.allowed, "allowed", "10.6.0.0/24,100.64.0.0/10", "`PREFIXES` that go into the tunnel and come out of it")
	set.StringVar(&f.bind, "bind", "127.0.0.1", "`IP` of the UDP socket")
	set.StringVar(&f.dns, "dns", "100.100.100.100", "`IP` of the resolver in the tunnel")
	set.StringVar(&f.clock, "clock", "now", "the clock's `TIME` at the first start: now, 1970 or a signed duration")
	set.StringVar(&f.name, "name", "greenhouse", "`NAME` that its page tells")
	set.IntVar(&f.keepalive, "keepalive", 25, "`SECONDS` between keepalives, 0: none")
	set.IntVar(&f.mtu, "mtu", 1420, "`BYTES` of the largest packet in the tunnel")
	set.IntVar(&f.tcpWindow, "tcp-window", 0, "`BYTES` of TCP's window and send buffer; then TCP has no option but MSS either, as on chips (there 5744)")
	set.BoolVar(&f.chipWindow, "window", false, "refuse packets that 32 newer ones overtook, as chips do")
	set.BoolVar(&f.idle, "idle", false, "do not connect before the command connect")
}

// config is what survives a reboot.
type config struct {
	private, public, peer, psk keys.Key
	address, bind              netip.Addr
	resolver                   netip.AddrPort
	allowed                    []netip.Prefix
	name                       string
	keepalive, mtu, tcpWindow  int
	chipWindow                 bool
}

func (f *Flags) config() (*config, error) {
	c := &config{name: f.name, keepalive: f.keepalive, mtu: f.mtu, tcpWindow: f.tcpWindow, chipWindow: f.chipWindow}
	for _, k := range []struct {
		option, text string
		to           *keys.Key
	}{{"-private-key", f.private, &c.private}, {"-peer-key", f.peer, &c.peer}, {"-psk", f.psk, &c.psk}} {
		if k.text == "" && k.option == "-psk" {
			continue
		}
		var err error
		if *k.to, err = keys.Parse(k.text); err != nil {
			return nil, fmt.Errorf("%s: %w", k.option, err)
		}
	}
	var err error
	if c.public, err = c.private.Public(); err != nil {
		return nil, fmt.Errorf("-private-key: %w", err)
	}
	if c.peer == c.public {
		return nil, errors.New("-peer-key is the device's own public key")
	}
	if c.address, err = netip.ParseAddr(f.address); err != nil || !c.address.Is4() {
		return nil, fmt.Errorf("-address %s is no IPv4 address", f.address)
	}
	if c.bind, err = netip.ParseAddr(f.bind); err != nil {
		return nil, fmt.Errorf("-bind %s is no IP address", f.bind)
	}
	dns, err := netip.ParseAddr(f.dns)
	if err != nil || !dns.Is4() {
		return nil, fmt.Errorf("-dns %s is no IPv4 address", f.dns)
	}
	c.resolver = netip.AddrPortFrom(dns, 53)
	for text := range strings.SplitSeq(f.allowed, ",") {
		prefix, err := netip.ParsePrefix(strings.TrimSpace(text))
		if err != nil {
			return nil, fmt.Errorf("-allowed: %q is no prefix", text)
		}
		c.allowed = append(c.allowed, prefix)
	}
	if c.keepalive < 0 || c.keepalive > 65535 {
		return nil, fmt.Errorf("-keepalive %d is not from 0 to 65535", c.keepalive)
	}
	if c.tcpWindow != 0 && (c.tcpWindow < netstack.SmallestWindow || c.tcpWindow > 65535) {
		return nil, fmt.Errorf("-tcp-window %d is not from %d to 65535", c.tcpWindow, netstack.SmallestWindow)
	}
	if c.mtu < 576 || c.mtu > 9000 {
		return nil, fmt.Errorf("-mtu %d is not from 576 to 9000", c.mtu)
	}
	return c, nil
}

// resolveOutside is where HOST:PORT is on the ordinary network.
func resolveOutside(ctx context.Context, endpoint string) (netip.AddrPort, error) {
	host, port, err := net.SplitHostPort(endpoint)
	if err != nil {
		return netip.AddrPort{}, fmt.Errorf("endpoint %s is no HOST:PORT", endpoint)
	}
	ips, err := net.DefaultResolver.LookupNetIP(ctx, "ip4", host)
	if err != nil || len(ips) == 0 {
		ips, err = net.DefaultResolver.LookupNetIP(ctx, "ip", host)
	}
	if err != nil {
		return netip.AddrPort{}, fmt.Errorf("endpoint %s: %w", endpoint, err)
	}
	to, err := netip.ParseAddrPort(net.JoinHostPort(ips[0].Unmap().String(), port))
	if err != nil {
		return to, fmt.Errorf("endpoint %s is no HOST:PORT", endpoint)
	}
	return to, nil
}
