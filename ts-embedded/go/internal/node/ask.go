package node

import (
	"context"
	"encoding/json"
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"time"

	"dev.tailbridge/embedded/internal/frame"
	"tailscale.com/client/local"
	"tailscale.com/ipn"
	"tailscale.com/tailcfg"
	"tailscale.com/util/dnsname"
)

const (
	askTimeout         = 30 * time.Second
	certificateTimeout = 3 * time.Minute // it is made on demand
)

// question is the union of the bodies of all requests to a node.
type question struct {
	Proto       string `json:"proto"`
	Addr        string `json:"addr"`
	IP          string `json:"ip"`
	Type        string `json:"type"`
	Name        string `json:"name"`
	Domain      string `json:"domain"`
	WantRunning bool   `json:"wantRunning"`
}

// Ask answers a request to the node. It waits for the node's start.
func (n *Node) Ask(t frame.Type, body []byte) (answer any, err error) {
	defer n.recovered(&err)
	defer func() {
		if err != nil {
			err = fmt.Errorf("%s", n.secrets.Line(err.Error()))
		}
	}()
	var q question
	if err := json.Unmarshal(body, &q); err != nil {
		return nil, err
	}
	timeout := askTimeout
	if t == frame.Certificate {
		timeout = certificateTimeout
	}
	ctx, cancel := context.WithTimeout(n.ctx, timeout)
	defer cancel()
	select {
	case <-n.started:
	case <-ctx.Done():
		return nil, fmt.Errorf("node %s has not started", n.config.Name)
	}
	lc := n.client
	switch t {
	case frame.Status:
		return n.askStatus(ctx, lc)
	case frame.Whois:
		return askWhois(ctx, lc, q)
	case frame.Ping:
		return askPing(ctx, lc, q)
	case frame.QueryDNS:
		return askDNS(ctx, lc, q)
	case frame.Logout:
		return nil, lc.Logout(ctx)
	case frame.SetWantRunning:
		_, err := lc.EditPrefs(ctx, &ipn.MaskedPrefs{
			Prefs:          ipn.Prefs{WantRunning: q.WantRunning},
			WantRunningSet: true,
		})
		return nil, err
	case frame.Certificate:
		return askCertificate(ctx, lc, q)
	}
	return nil, fmt.Errorf("request type %d is unknown", t)
}

type peer struct {
	Name    string   `json:"name"`
	IPs     []string `json:"ips"`
	Online  bool     `json:"online"`
	Direct  string   `json:"direct"`
	Relay   string   `json:"relay"`
	RxBytes int64    `json:"rxBytes"`
	TxBytes int64    `json:"txBytes"`
}

type statusAnswer struct {
	Status
	PeerList []peer `json:"peerList"`
}

func (n *Node) askStatus(ctx context.Context, lc *local.Client) (any, error) {
	status, err := lc.Status(ctx)
	if err != nil {
		return nil, err
	}
	now, _ := n.Status()
	answer := statusAnswer{Status: now, PeerList: []peer{}}
	for _, p := range status.Peer {
		ips := []string{}
		for _, ip := range p.TailscaleIPs {
			ips = append(ips, ip.String())
		}
		answer.PeerList = append(answer.PeerList, peer{
			Name: strings.TrimSuffix(p.DNSName, "."), IPs: ips, Online: p.Online,
			Direct: p.CurAddr, Relay: p.Relay, RxBytes: p.RxBytes, TxBytes: p.TxBytes,
		})
	}
	slices.SortFunc(answer.PeerList, func(a, b peer) int { return strings.Compare(a.Name, b.Name) })
	return answer, nil
}

func askWhois(ctx context.Context, lc *local.Client, q question) (any, error) {
	if _, err := netip.ParseAddrPort(q.Addr); err != nil || q.Proto != "tcp" && q.Proto != "udp" {
		return nil, fmt.Errorf(`whois of %q by %q: an address with port and "tcp" or "udp" are needed`, q.Addr, q.Proto)
	}
	who, err := lc.WhoIsProto(ctx, q.Proto, q.Addr)
	if err != nil {
		return nil, fmt.Errorf("whois of %s: %w", q.Addr, err)
	}
	answer := struct {
		Login string   `json:"login"`
		Node  string   `json:"node"`
		Tags  []string `json:"tags"`
	}{Tags: []string{}}
	if who.UserProfile != nil {
		answer.Login = who.UserProfile.LoginName
	}
	if who.Node != nil {
		answer.Node = strings.TrimSuffix(who.Node.Name, ".")
		answer.Tags = append(answer.Tags, who.Node.Tags...)
	}
	return answer, nil
}

func askPing(ctx context.Context, lc *local.Client, q question) (any, error) {
	ip, err := netip.ParseAddr(q.IP)
	if err != nil {
		return nil, fmt.Errorf("ping: %w", err)
	}
	t := tailcfg.PingType(q.Type)
	if t != tailcfg.PingDisco && t != tailcfg.PingTSMP && t != tailcfg.PingICMP {
		return nil, fmt.Errorf("ping by %q: it is disco, TSMP or ICMP", q.Type)
	}
	result, err := lc.Ping(ctx, ip, t)
	if err == nil && result.Err != "" {
		err = fmt.Errorf("%s", result.Err)
	}
	if err != nil {
		return nil, fmt.Errorf("ping of %s by %s: %w", ip, t, err)
	}
	return struct {
		LatencySeconds float64 `json:"latencySeconds"`
		Endpoint       string  `json:"endpoint"`
		DERP           string  `json:"derp"`
	}{result.LatencySeconds, result.Endpoint, result.DERPRegionCode}, nil
}

var dnsType = regexp.MustCompile(`^[A-Z0-9]{1,10}$`)

func askDNS(ctx context.Context, lc *local.Client, q question) (any, error) {
	if !dnsType.MatchString(q.Type) {
		return nil, fmt.Errorf("DNS query of type %q: a type like A or AAAA is needed", q.Type)
	}
	message, _, err := lc.QueryDNS(ctx, q.Name, q.Type)
	if err != nil {
		return nil, fmt.Errorf("DNS query for %s: %w", q.Name, err)
	}
	return struct {
		Answer []byte `json:"answer"`
	}{message}, nil
}

func askCertificate(ctx context.Context, lc *local.Client, q question) (any, error) {
	if err := dnsname.ValidHostname(q.Domain); err != nil {
		return nil, fmt.Errorf("certificate: %w", err)
	}
	cert, key, err := lc.CertPair(ctx, q.Domain)
	if err != nil {
		return nil, fmt.Errorf("certificate for %s: %w", q.Domain, err)
	}
	return struct {
		CertPEM string `json:"certPem"`
		KeyPEM  string `json:"keyPem"`
	}{string(cert), string(key)}, nil
}
