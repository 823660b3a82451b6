package netstack

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"strings"
	"time"

	"golang.org/x/net/dns/dnsmessage"
)

// attempts and their spacing are those of lwIP's resolver, about.
const (
	attempts = 4
	spacing  = time.Second
)

// Lookup is the IPv4 address of host: itself, or the first that the resolver gives.
func (n *Stack) Lookup(ctx context.Context, host string) (netip.Addr, error) {
	if ip, err := netip.ParseAddr(host); err == nil {
		if !ip.Is4() {
			return ip, fmt.Errorf("%s: a chip speaks IPv4 in its tunnel", ip)
		}
		return ip, nil
	}
	ips, err := n.Resolve(ctx, host)
	if err != nil {
		return netip.Addr{}, err
	}
	if len(ips) == 0 {
		return netip.Addr{}, fmt.Errorf("%s has no IPv4 address", host)
	}
	return ips[0], nil
}

// Resolve asks the resolver by UDP for all IPv4 addresses of host.
func (n *Stack) Resolve(ctx context.Context, host string) ([]netip.Addr, error) {
	name, err := dnsmessage.NewName(strings.TrimSuffix(host, ".") + ".")
	if err != nil {
		return nil, fmt.Errorf("%q is no name", host)
	}
	question := dnsmessage.Message{
		Header:    dnsmessage.Header{ID: uint16(rand.Uint32()), RecursionDesired: true},
		Questions: []dnsmessage.Question{{Name: name, Type: dnsmessage.TypeA, Class: dnsmessage.ClassINET}},
	}
	asked, err := question.Pack()
	if err != nil {
		return nil, fmt.Errorf("%q is no name", host)
	}
	conn, err := n.Dial(ctx, "udp", n.resolver.String())
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	buf := make([]byte, 1500)
	for range attempts {
		conn.SetDeadline(time.Now().Add(spacing))
		if _, err := conn.Write(asked); err != nil {
			continue
		}
		for {
			size, err := conn.Read(buf)
			if err != nil {
				break
			}
			var answer dnsmessage.Message
			if answer.Unpack(buf[:size]) != nil || answer.ID != question.ID || !answer.Response {
				continue
			}
			return addresses(host, answer)
		}
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
	}
	return nil, fmt.Errorf("no answer from the resolver %s about %s", n.resolver, host)
}

func addresses(host string, answer dnsmessage.Message) ([]netip.Addr, error) {
	if answer.RCode != dnsmessage.RCodeSuccess {
		return nil, fmt.Errorf("%s: %s", host, strings.TrimPrefix(answer.RCode.String(), "RCode"))
	}
	ips := []netip.Addr{}
	for _, r := range answer.Answers {
		if a, ok := r.Body.(*dnsmessage.AResource); ok {
			ips = append(ips, netip.AddrFrom4(a.A))
		}
	}
	return ips, nil
}
