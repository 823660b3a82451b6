package fleet

import (
	"net/netip"
	"time"

	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/checksum"
	"gvisor.dev/gvisor/pkg/tcpip/header"
)

// hopLimit is lwIP's.
const hopLimit = 255

// stack is the least of a network stack that is of any use on a chip: it answers
// ICMP echo, UDP echo on the ports 7 and 9999 and HTTP on port 80, refuses other
// TCP ports, and can ping. It neither sends fragments nor puts them together. It is
// called by one goroutine at a time.
type stack struct {
	address netip.Addr
	page    []byte
	// output takes a packet that is the caller's again afterwards.
	output func(now time.Time, packet []byte) bool
	// replied is told of the answers to ping.
	replied func(now time.Time, sequence uint16)

	connections map[netip.AddrPort]*connection
	out         []byte // the packet in the making
}

// input takes a packet, padding included, and may overwrite it.
func (s *stack) input(now time.Time, packet []byte) {
	ip := header.IPv4(packet)
	if !ip.IsValid(len(packet)) || !ip.IsChecksumValid() || ip.DestinationAddress() != header4(s.address) ||
		ip.More() || ip.FragmentOffset() != 0 {
		return
	}
	body := ip.Payload()
	switch ip.TransportProtocol() {
	case header.ICMPv4ProtocolNumber:
		s.icmp(now, ip, header.ICMPv4(body))
	case header.UDPProtocolNumber:
		s.udp(now, ip, header.UDP(body))
	case header.TCPProtocolNumber:
		s.tcp(now, ip, header.TCP(body))
	}
}

func (s *stack) icmp(now time.Time, ip header.IPv4, message header.ICMPv4) {
	if len(message) < header.ICMPv4MinimumSize || checksum.Checksum(message, 0) != 0xffff {
		return
	}
	switch message.Type() {
	case header.ICMPv4Echo:
		message.SetType(header.ICMPv4EchoReply)
		message.SetChecksum(0)
		message.SetChecksum(^checksum.Checksum(message, 0))
		s.turnAround(now, ip)
	case header.ICMPv4EchoReply:
		if message.Ident() == pingIdent {
			s.replied(now, message.Sequence())
		}
	}
}

func (s *stack) udp(now time.Time, ip header.IPv4, datagram header.UDP) {
	if len(datagram) < header.UDPMinimumSize || int(datagram.Length()) != len(datagram) ||
		datagram.DestinationPort() != 7 && datagram.DestinationPort() != 9999 {
		return
	}
	if datagram.Checksum() != 0 && !datagram.IsChecksumValid(ip.SourceAddress(), ip.DestinationAddress(), checksum.Checksum(datagram.Payload(), 0)) {
		return
	}
	// The checksum is that of the same words in another order.
	from, to := datagram.SourcePort(), datagram.DestinationPort()
	datagram.SetSourcePort(to)
	datagram.SetDestinationPort(from)
	s.turnAround(now, ip)
}

// turnAround sends a packet back to where it came from.
func (s *stack) turnAround(now time.Time, ip header.IPv4) {
	from, to := ip.SourceAddress(), ip.DestinationAddress()
	ip.SetSourceAddress(to)
	ip.SetDestinationAddress(from)
	ip.SetTTL(hopLimit)
	ip.SetChecksum(0)
	ip.SetChecksum(^ip.CalculateChecksum())
	s.output(now, ip[:ip.TotalLength()])
}

// pingIdent is the identifier of our echo requests.
const pingIdent = 0x7b1a

// ping sends an echo request of 32 bytes and reports whether there was a key for it.
func (s *stack) ping(now time.Time, to netip.Addr, sequence uint16) bool {
	message := header.ICMPv4(s.packet(header.ICMPv4ProtocolNumber, to, header.ICMPv4MinimumSize+32))
	clear(message)
	message.SetType(header.ICMPv4Echo)
	message.SetIdent(pingIdent)
	message.SetSequence(sequence)
	message.SetChecksum(^checksum.Checksum(message, 0))
	return s.output(now, s.out)
}

// packet begins a packet in s.out and gives its body of length bytes.
func (s *stack) packet(protocol tcpip.TransportProtocolNumber, to netip.Addr, length int) []byte {
	s.out = append(s.out[:0], make([]byte, header.IPv4MinimumSize+length)...)
	ip := header.IPv4(s.out)
	ip.Encode(&header.IPv4Fields{
		TotalLength: uint16(len(s.out)), TTL: hopLimit, Protocol: uint8(protocol),
		SrcAddr: header4(s.address), DstAddr: header4(to),
	})
	ip.SetChecksum(^ip.CalculateChecksum())
	return s.out[header.IPv4MinimumSize:]
}

func header4(ip netip.Addr) tcpip.Address { return tcpip.AddrFrom4(ip.As4()) }
