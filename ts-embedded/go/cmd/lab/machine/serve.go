package machine

import (
	"context"
	"fmt"
	"net"

	"dev.tailbridge/embedded/cmd/lab/service"
)

const greeting = "Hello from the tailnet"

func (m *machine) serve() error {
	web, err := m.node.Listen("tcp", ":80")
	if err != nil {
		return fmt.Errorf("HTTP service: %w", err)
	}
	service.ServeWeb(web, greeting)
	echo, err := m.node.Listen("tcp", ":7")
	if err != nil {
		return fmt.Errorf("TCP echo service: %w", err)
	}
	go service.EchoStreams(echo)
	for _, ip := range m.self.TailscaleIPs {
		pc, err := m.node.ListenPacket("udp", net.JoinHostPort(ip.String(), "7"))
		if err != nil {
			return fmt.Errorf("UDP echo service: %w", err)
		}
		go service.EchoDatagrams(pc)
	}
	return nil
}

// dial goes by the node's own MagicDNS, but only to machines of the tailnet: the
// node would ask the host's resolver and network for everything else, and that is
// also where it dials addresses of the tailnet that no machine has.
func (m *machine) dial(ctx context.Context, network, address string) (net.Conn, error) {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	ip, err := m.address(ctx, host)
	if err != nil {
		return nil, err
	}
	// In a tailnet of a thousand machines a look through all takes longer than the call.
	if _, err := m.local.WhoIs(ctx, ip.String()); err != nil {
		return nil, fmt.Errorf("no machine with the address %s is visible: %w", ip, err)
	}
	return m.node.Dial(ctx, network, address)
}
