package machine

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"dev.tailbridge/embedded/cmd/lab/line"
	"golang.org/x/net/dns/dnsmessage"
	"tailscale.com/ipn/ipnstate"
)

type visible struct {
	Name    string       `json:"name"`
	IPs     []netip.Addr `json:"ips"`
	DERP    string       `json:"derp"`
	Direct  string       `json:"direct"`
	Online  bool         `json:"online"`
	RxBytes int64        `json:"rxBytes"`
	TxBytes int64        `json:"txBytes"`
	Seconds float64      `json:"seconds,omitempty"`
}

func describe(p *ipnstate.PeerStatus) visible {
	return visible{Name: p.DNSName, IPs: p.TailscaleIPs, DERP: p.Relay, Direct: p.CurAddr, Online: p.Online, RxBytes: p.RxBytes, TxBytes: p.TxBytes}
}

func (m *machine) peers(ctx context.Context, _ line.Args) (any, error) {
	st, err := m.local.Status(ctx)
	if err != nil {
		return nil, err
	}
	list := []visible{}
	for _, p := range st.Peer {
		list = append(list, describe(p))
	}
	slices.SortFunc(list, func(a, b visible) int { return strings.Compare(a.Name, b.Name) })
	return map[string]any{"peers": list}, nil
}

func (m *machine) wait(ctx context.Context, args line.Args) (any, error) {
	timeout, err := args.Seconds("timeout", 20*time.Second)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	start := time.Now()
	for {
		p, err := m.peer(ctx, args.Word(0))
		if err == nil && p.Relay != "" {
			v := describe(p)
			v.Seconds = time.Since(start).Seconds()
			return v, nil
		}
		if pause(ctx, 10*time.Millisecond) != nil {
			return nil, fmt.Errorf("%s is not there with a home relay after %v", args.Word(0), timeout)
		}
	}
}

func (m *machine) whois(ctx context.Context, args line.Args) (any, error) {
	w, err := m.local.WhoIs(ctx, args.Word(0))
	if err != nil {
		return nil, err
	}
	return map[string]any{"name": w.Node.Name, "login": w.UserProfile.LoginName, "tags": append([]string{}, w.Node.Tags...)}, nil
}

func (m *machine) status(ctx context.Context, _ line.Args) (any, error) {
	st, err := m.local.StatusWithoutPeers(ctx)
	if err != nil {
		return nil, err
	}
	return map[string]any{
		"state": st.BackendState, "dnsName": st.Self.DNSName, "ips": st.Self.TailscaleIPs,
		"health": append([]string{}, st.Health...), "authUrl": st.AuthURL,
	}, nil
}

func (m *machine) resolve(ctx context.Context, args line.Args) (any, error) {
	kind := args.Word(1)
	if kind == "" {
		kind = "A"
	}
	name := args.Word(0)
	if !strings.Contains(name, ".") {
		_, domain, _ := strings.Cut(m.self.DNSName, ".")
		name += "." + domain
	}
	start := time.Now()
	message, _, err := m.local.QueryDNS(ctx, name, kind)
	if err != nil {
		return nil, err
	}
	took := time.Since(start)
	var answer dnsmessage.Message
	if err := answer.Unpack(message); err != nil {
		return nil, err
	}
	if answer.RCode != dnsmessage.RCodeSuccess {
		return nil, fmt.Errorf("%s: %s", name, answer.RCode)
	}
	ips := []netip.Addr{}
	for _, r := range answer.Answers {
		switch body := r.Body.(type) {
		case *dnsmessage.AResource:
			ips = append(ips, netip.AddrFrom4(body.A))
		case *dnsmessage.AAAAResource:
			ips = append(ips, netip.AddrFrom16(body.AAAA))
		}
	}
	return map[string]any{"name": name, "ips": ips, "ms": float64(took.Microseconds()) / 1000}, nil
}
