// Package machine is an ordinary machine of a tailnet: a node with its own
// network stack that serves the lab's services and asks those of others.
package machine

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log"
	"net/netip"
	"strings"
	"time"

	"tailscale.com/client/local"
	"tailscale.com/ipn"
	"tailscale.com/ipn/ipnstate"
	"tailscale.com/net/tsaddr"
	"tailscale.com/tsnet"
)

type machine struct {
	node  *tsnet.Server
	local *local.Client
	self  *ipnstate.PeerStatus
}

// start returns when the machine is online, with its services.
func (f *Flags) start(ctx context.Context) (*machine, error) {
	ctx, cancel := context.WithTimeout(ctx, f.within)
	defer cancel()
	confine(f.derpOnly)
	m, err := join(ctx, &tsnet.Server{Dir: f.dir, Hostname: f.hostname, ControlURL: f.controlURL, AuthKey: f.authKey})
	if err != nil {
		return nil, err
	}
	if err := m.serve(); err != nil {
		m.node.Close()
		return nil, err
	}
	return m, nil
}

// Join starts a node on loopback alone and returns when it is online, without
// services.
func Join(ctx context.Context, node *tsnet.Server) error {
	confine(false)
	_, err := join(ctx, node)
	return err
}

// join returns when the node is online: running, and in touch with its relay. It
// closes a node that does not get there.
func join(ctx context.Context, node *tsnet.Server) (*machine, error) {
	node.Logf, node.UserLogf = log.Printf, log.Printf
	m := &machine{node: node}
	// Close only what has started: before that it dereferences nil.
	if err := m.node.Start(); err != nil {
		return nil, err
	}
	if err := m.awaitOnline(ctx); err != nil {
		m.node.Close()
		return nil, err
	}
	return m, nil
}

func (m *machine) awaitOnline(ctx context.Context) (err error) {
	if m.local, err = m.node.LocalClient(); err != nil {
		return err
	}
	var last string
	for {
		st, err := m.local.StatusWithoutPeers(ctx)
		switch {
		case err == nil && st.BackendState == ipn.Running.String() && m.heardRelay(ctx):
			m.self = st.Self
			return nil
		case err == nil:
			last = fmt.Sprintf("state %s, health: %s", st.BackendState, strings.Join(st.Health, "; "))
			if st.AuthURL != "" {
				last += ", login needed at " + st.AuthURL
			}
		}
		if err := pause(ctx, 10*time.Millisecond); err != nil {
			return fmt.Errorf("not online in time: %s", cmp.Or(last, "no status"))
		}
	}
}

// heardRelay reports whether the first frame from the home relay has come; until
// then peers' first packets are lost.
func (m *machine) heardRelay(ctx context.Context) bool {
	sys := m.node.Sys()
	home := sys.MagicSock.Get().GetLastNetcheckReport(ctx)
	return home != nil && home.PreferredDERP != 0 && !sys.HealthTracker.Get().GetDERPRegionReceivedTime(home.PreferredDERP).IsZero()
}

func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// peer finds another machine by host name, whole name or address.
func (m *machine) peer(ctx context.Context, name string) (*ipnstate.PeerStatus, error) {
	st, err := m.local.Status(ctx)
	if err != nil {
		return nil, err
	}
	ip, _ := netip.ParseAddr(name)
	for _, p := range append(values(st.Peer), st.Self) {
		full := strings.TrimSuffix(p.DNSName, ".")
		short, _, _ := strings.Cut(full, ".")
		if strings.EqualFold(name, short) || strings.EqualFold(strings.TrimSuffix(name, "."), full) {
			return p, nil
		}
		for _, a := range p.TailscaleIPs {
			if a == ip {
				return p, nil
			}
		}
	}
	return nil, fmt.Errorf("no machine called %q is visible", name)
}

func values[K comparable, V any](m map[K]V) []V {
	list := make([]V, 0, len(m))
	for _, v := range m {
		list = append(list, v)
	}
	return list
}

// address is an IP address of the tailnet as it stands, or that of a machine.
func (m *machine) address(ctx context.Context, name string) (netip.Addr, error) {
	if ip, err := netip.ParseAddr(name); err == nil {
		if !tsaddr.IsTailscaleIP(ip) {
			return ip, fmt.Errorf("%s is no address of the tailnet", ip)
		}
		return ip, nil
	}
	p, err := m.peer(ctx, name)
	if err != nil {
		return netip.Addr{}, err
	}
	if len(p.TailscaleIPs) == 0 {
		return netip.Addr{}, errors.New(name + " has no address")
	}
	return p.TailscaleIPs[0], nil
}
