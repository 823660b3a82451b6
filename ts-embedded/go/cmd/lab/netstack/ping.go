package netstack

import (
	"bytes"
	"context"
	"fmt"
	"net/netip"
	"time"

	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/header"
	"gvisor.dev/gvisor/pkg/tcpip/network/ipv4"
	"gvisor.dev/gvisor/pkg/tcpip/transport/icmp"
	"gvisor.dev/gvisor/pkg/waiter"
)

// Pinger sends echo requests under one identifier.
type Pinger struct {
	endpoint tcpip.Endpoint
	queue    waiter.Queue
	readable chan struct{}
	entry    waiter.Entry
}

// NewPinger pings ip.
func (n *Stack) NewPinger(ip netip.Addr) (*Pinger, error) {
	p := &Pinger{}
	ep, err := n.Inside.NewEndpoint(icmp.ProtocolNumber4, ipv4.ProtocolNumber, &p.queue)
	if err != nil {
		return nil, fmt.Errorf("ping: %s", err)
	}
	if err := ep.Connect(tcpip.FullAddress{NIC: NIC, Addr: tcpip.AddrFrom4(ip.As4())}); err != nil {
		ep.Close()
		return nil, fmt.Errorf("ping %s: %s", ip, err)
	}
	p.endpoint = ep
	p.entry, p.readable = waiter.NewChannelEntry(waiter.ReadableEvents)
	p.queue.EventRegister(&p.entry)
	return p, nil
}

// Close ends it.
func (p *Pinger) Close() {
	p.queue.EventUnregister(&p.entry)
	p.endpoint.Close()
}

// Ping sends one request and awaits its reply until ctx is done.
func (p *Pinger) Ping(ctx context.Context, sequence uint16) (time.Duration, error) {
	request := make(header.ICMPv4, header.ICMPv4MinimumSize+32)
	request.SetType(header.ICMPv4Echo)
	request.SetSequence(sequence)
	start := time.Now()
	if _, err := p.endpoint.Write(bytes.NewReader(request), tcpip.WriteOptions{}); err != nil {
		return 0, fmt.Errorf("ping: %s", err)
	}
	for {
		var buf bytes.Buffer
		if _, err := p.endpoint.Read(&buf, tcpip.ReadOptions{}); err == nil {
			reply := header.ICMPv4(buf.Bytes())
			if len(reply) >= header.ICMPv4MinimumSize && reply.Type() == header.ICMPv4EchoReply && reply.Sequence() == sequence {
				return time.Since(start), nil
			}
			continue
		}
		select {
		case <-p.readable:
		case <-ctx.Done():
			return 0, ctx.Err()
		}
	}
}
