// Package netstack is a network stack of gVisor's with one IPv4 address, on the
// inner side of a wireguard-go.
package netstack

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"time"

	"golang.zx2c4.com/wireguard/tun"
	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/adapters/gonet"
	"gvisor.dev/gvisor/pkg/tcpip/header"
	"gvisor.dev/gvisor/pkg/tcpip/link/channel"
	"gvisor.dev/gvisor/pkg/tcpip/network/ipv4"
	"gvisor.dev/gvisor/pkg/tcpip/stack"
	"gvisor.dev/gvisor/pkg/tcpip/transport/icmp"
	"gvisor.dev/gvisor/pkg/tcpip/transport/tcp"
	"gvisor.dev/gvisor/pkg/tcpip/transport/udp"
)

// NIC is the only one of a Stack.
const NIC = 1

// Stack is TCP/IP with one IPv4 address on one link.
type Stack struct {
	// Link is for wireguard-go.
	Link     tun.Device
	Inside   *stack.Stack
	link     *link
	endpoint *channel.Endpoint
	resolver netip.AddrPort
}

// New has a link that hands over up to batch packets a call. Names are asked of
// resolver, if that is valid.
func New(address netip.Addr, mtu, batch int, resolver netip.AddrPort) (*Stack, error) {
	l := newLink(mtu, batch)
	n := &Stack{Link: l, link: l, endpoint: l.endpoint, resolver: resolver, Inside: stack.New(stack.Options{
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
		if err := n.Inside.SetTransportProtocolOption(tcp.ProtocolNumber, option); err != nil {
			return nil, fmt.Errorf("TCP option %T: %s", option, err)
		}
	}
	if err := n.Inside.CreateNIC(NIC, n.endpoint); err != nil {
		return nil, fmt.Errorf("network stack: %s", err)
	}
	own := tcpip.ProtocolAddress{Protocol: ipv4.ProtocolNumber, AddressWithPrefix: tcpip.AddrFrom4(address.As4()).WithPrefix()}
	if err := n.Inside.AddProtocolAddress(NIC, own, stack.AddressProperties{}); err != nil {
		return nil, fmt.Errorf("address %s: %s", address, err)
	}
	n.Inside.SetRouteTable([]tcpip.Route{{Destination: header.IPv4EmptySubnet, NIC: NIC}})
	return n, nil
}

// Listen serves a TCP port.
func (n *Stack) Listen(port uint16) (net.Listener, error) {
	return gonet.ListenTCP(n.Inside, tcpip.FullAddress{NIC: NIC, Port: port}, ipv4.ProtocolNumber)
}

// ListenPacket serves a UDP port.
func (n *Stack) ListenPacket(port uint16) (net.PacketConn, error) {
	return gonet.DialUDP(n.Inside, &tcpip.FullAddress{NIC: NIC, Port: port}, nil, ipv4.ProtocolNumber)
}

// Dial opens a connection; names are asked of the resolver.
func (n *Stack) Dial(ctx context.Context, network, address string) (net.Conn, error) {
	host, portText, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	port, err := strconv.ParseUint(portText, 10, 16)
	if err != nil {
		return nil, fmt.Errorf("%q is no port", portText)
	}
	ip, err := n.Lookup(ctx, host)
	if err != nil {
		return nil, err
	}
	to := tcpip.FullAddress{NIC: NIC, Addr: tcpip.AddrFrom4(ip.As4()), Port: uint16(port)}
	if network == "udp" {
		return gonet.DialUDP(n.Inside, nil, &to, ipv4.ProtocolNumber)
	}
	return gonet.DialContextTCP(ctx, n.Inside, to, ipv4.ProtocolNumber)
}

// Close forgets everything at once, as a loss of power does.
func (n *Stack) Close() {
	gone := make(chan struct{})
	go func() {
		n.endpoint.Close()
		n.Inside.Destroy()
		close(gone)
	}()
	select {
	case <-gone:
	case <-time.After(2 * time.Second):
	}
}
