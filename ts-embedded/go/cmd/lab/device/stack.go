package device

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"time"

	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/adapters/gonet"
	"gvisor.dev/gvisor/pkg/tcpip/header"
	"gvisor.dev/gvisor/pkg/tcpip/network/ipv4"
	"gvisor.dev/gvisor/pkg/tcpip/stack"
	"gvisor.dev/gvisor/pkg/tcpip/transport/icmp"
	"gvisor.dev/gvisor/pkg/tcpip/transport/tcp"
	"gvisor.dev/gvisor/pkg/tcpip/transport/udp"
)

const nic = 1

// netstack is the chip's TCP/IP: one IPv4 address on one link.
type netstack struct {
	stack    *stack.Stack
	link     *link
	resolver netip.AddrPort
}

func newNetstack(address netip.Addr, mtu int, resolver netip.AddrPort) (*netstack, error) {
	n := &netstack{link: newLink(mtu), resolver: resolver, stack: stack.New(stack.Options{
		NetworkProtocols:   []stack.NetworkProtocolFactory{ipv4.NewProtocol},
		TransportProtocols: []stack.TransportProtocolFactory{tcp.NewProtocol, udp.NewProtocol, icmp.NewProtocol4},
		HandleLocal:        true,
	})}
	sack := tcpip.TCPSACKEnabled(true)
	recovery := tcpip.TCPRecovery(0) // RACK costs a third of the throughput
	// A SYN with a lower sequence number than the last connection's is ignored in
	// TIME_WAIT. A chip's memory would be too short for a minute of it, too.
	timeWait := tcpip.TCPTimeWaitTimeoutOption(500 * time.Millisecond)
	for _, option := range []tcpip.SettableTransportProtocolOption{&sack, &recovery, &timeWait} {
		if err := n.stack.SetTransportProtocolOption(tcp.ProtocolNumber, option); err != nil {
			return nil, fmt.Errorf("TCP option %T: %s", option, err)
		}
	}
	if err := n.stack.CreateNIC(nic, n.link.endpoint); err != nil {
		return nil, fmt.Errorf("network stack: %s", err)
	}
	own := tcpip.ProtocolAddress{Protocol: ipv4.ProtocolNumber, AddressWithPrefix: tcpip.AddrFrom4(address.As4()).WithPrefix()}
	if err := n.stack.AddProtocolAddress(nic, own, stack.AddressProperties{}); err != nil {
		return nil, fmt.Errorf("address %s: %s", address, err)
	}
	n.stack.SetRouteTable([]tcpip.Route{{Destination: header.IPv4EmptySubnet, NIC: nic}})
	return n, nil
}

func (n *netstack) listen(port uint16) (net.Listener, error) {
	return gonet.ListenTCP(n.stack, tcpip.FullAddress{NIC: nic, Port: port}, ipv4.ProtocolNumber)
}

func (n *netstack) listenPacket(port uint16) (net.PacketConn, error) {
	return gonet.DialUDP(n.stack, &tcpip.FullAddress{NIC: nic, Port: port}, nil, ipv4.ProtocolNumber)
}

// dial opens a connection from the chip; names are asked of its resolver.
func (n *netstack) dial(ctx context.Context, network, address string) (net.Conn, error) {
	host, portText, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	port, err := strconv.ParseUint(portText, 10, 16)
	if err != nil {
		return nil, fmt.Errorf("%q is no port", portText)
	}
	ip, err := n.lookup(ctx, host)
	if err != nil {
		return nil, err
	}
	to := tcpip.FullAddress{NIC: nic, Addr: tcpip.AddrFrom4(ip.As4()), Port: uint16(port)}
	if network == "udp" {
		return gonet.DialUDP(n.stack, nil, &to, ipv4.ProtocolNumber)
	}
	return gonet.DialContextTCP(ctx, n.stack, to, ipv4.ProtocolNumber)
}

// close forgets everything at once, as a loss of power does.
func (n *netstack) close() {
	gone := make(chan struct{})
	go func() {
		n.link.endpoint.Close()
		n.stack.Destroy()
		close(gone)
	}()
	select {
	case <-gone:
	case <-time.After(2 * time.Second):
	}
}
