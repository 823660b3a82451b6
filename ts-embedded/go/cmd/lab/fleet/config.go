package fleet

import (
	"flag"
	"fmt"
	"net/netip"
	"time"

	"dev.tailbridge/embedded/cmd/lab/clock"
	"dev.tailbridge/embedded/cmd/lab/keys"
)

// maxDevices keeps clear of the number of open files that a process may have.
const maxDevices = 20000

// Flags are the options of lab fleet.
type Flags struct {
	devices, keepalive        int
	seed, peer, psk, endpoint string
	first, bind, name, clock  string
}

// Define declares the options on set.
func (f *Flags) Define(set *flag.FlagSet) {
	set.IntVar(&f.devices, "devices", 10, "how many; lab fleet `N` says the same")
	set.StringVar(&f.seed, "seed", "tailbridge", "`TEXT` that the devices' keys derive from: the same text, the same keys")
	set.StringVar(&f.peer, "peer-key", "", "the server's public `KEY` in base64; without it the command server has to come first")
	set.StringVar(&f.psk, "psk", "", "preshared `KEY` of all devices, in base64")
	set.StringVar(&f.endpoint, "endpoint", "127.0.0.1:51820", "`IP:PORT` of the server")
	set.StringVar(&f.first, "first", "10.6.0.2", "`IP` in the tunnel of the first device; the others have the next ones")
	set.StringVar(&f.bind, "bind", "127.0.0.1", "`IP` of all UDP sockets, or PREFIX of which each device takes the next address")
	set.StringVar(&f.name, "name", "fleet", "`NAME` that the pages tell")
	set.StringVar(&f.clock, "clock", "now", "the clocks' `TIME` at the first start: now, 1970 or a signed duration")
	set.IntVar(&f.keepalive, "keepalive", 25, "`SECONDS` between keepalives, 0: none, as many chips do")
}

func (f *Flags) fleet() (*fleet, error) {
	if f.devices < 1 || f.devices > maxDevices {
		return nil, fmt.Errorf("%d devices are not from 1 to %d", f.devices, maxDevices)
	}
	if f.keepalive < 0 || f.keepalive > 65535 {
		return nil, fmt.Errorf("-keepalive %d is not from 0 to 65535", f.keepalive)
	}
	address, err := netip.ParseAddr(f.first)
	if err != nil || !address.Is4() {
		return nil, fmt.Errorf("-first %s is no IPv4 address", f.first)
	}
	local, step, err := parseBind(f.bind)
	if err != nil {
		return nil, err
	}
	if _, err := clock.New(f.clock); err != nil {
		return nil, err
	}
	all := &fleet{name: f.name, keepalive: time.Duration(f.keepalive) * time.Second}
	if f.psk != "" {
		if all.psk, err = keys.Parse(f.psk); err != nil {
			return nil, fmt.Errorf("-psk: %w", err)
		}
	}
	for i := range f.devices {
		c := &chip{fleet: all, private: keys.Derive(f.seed, i), address: address, local: local}
		if c.public, err = c.private.Public(); err != nil {
			return nil, err
		}
		all.chips = append(all.chips, c)
		address = address.Next()
		if step {
			local = local.Next()
		}
	}
	all.setMark()
	if f.peer == "" {
		return all, nil
	}
	server, err := keys.Parse(f.peer)
	if err != nil {
		return nil, fmt.Errorf("-peer-key: %w", err)
	}
	endpoint, err := netip.ParseAddrPort(f.endpoint)
	if err != nil {
		return nil, fmt.Errorf("-endpoint %s is no IP:PORT", f.endpoint)
	}
	return all, all.setServer(server, endpoint, f.clock)
}

func parseBind(text string) (first netip.Addr, step bool, err error) {
	if first, err = netip.ParseAddr(text); err == nil {
		return first, false, nil
	}
	prefix, err := netip.ParsePrefix(text)
	if err != nil {
		return first, false, fmt.Errorf("-bind %s is no IP address or prefix", text)
	}
	return prefix.Masked().Addr().Next(), true, nil
}
