// Package inner makes the packets that measurements send through a tunnel, and
// their pace.
package inner

import (
	"encoding/binary"
	"fmt"
	"net/netip"
	"time"

	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/checksum"
	"gvisor.dev/gvisor/pkg/tcpip/header"
)

// Headers is the length of those of a UDP packet, IPv4 and UDP together.
const Headers = header.IPv4MinimumSize + header.UDPMinimumSize

// UDP is an IPv4 packet of size bytes in all with a UDP datagram in it, right
// checksums included.
func UDP(from, to netip.AddrPort, size int) ([]byte, error) {
	if size < Headers || size > 65535 {
		return nil, fmt.Errorf("a packet of %d bytes is not from %d to 65535", size, Headers)
	}
	if !from.Addr().Is4() || !to.Addr().Is4() {
		return nil, fmt.Errorf("%s to %s is not IPv4", from, to)
	}
	source, destination := tcpip.AddrFrom4(from.Addr().As4()), tcpip.AddrFrom4(to.Addr().As4())
	packet := make([]byte, size)
	ip := header.IPv4(packet)
	ip.Encode(&header.IPv4Fields{
		TotalLength: uint16(size), TTL: 64, Protocol: uint8(header.UDPProtocolNumber), SrcAddr: source, DstAddr: destination,
	})
	ip.SetChecksum(^ip.CalculateChecksum())
	udp := header.UDP(packet[header.IPv4MinimumSize:])
	for i := range udp[header.UDPMinimumSize:] {
		udp[header.UDPMinimumSize+i] = byte(i)
	}
	udp.Encode(&header.UDPFields{SrcPort: from.Port(), DstPort: to.Port(), Length: uint16(len(udp))})
	pseudo := header.PseudoHeaderChecksum(header.UDPProtocolNumber, source, destination, uint16(len(udp)))
	udp.SetChecksum(^checksum.Checksum(udp, pseudo))
	return packet, nil
}

// SwapEnds exchanges addresses and ports of an IPv4 packet without options that
// carries UDP. Its checksums stay right: they are sums of the same words.
func SwapEnds(packet []byte) {
	source := binary.BigEndian.Uint32(packet[12:])
	copy(packet[12:16], packet[16:20])
	binary.BigEndian.PutUint32(packet[16:], source)
	port := binary.BigEndian.Uint16(packet[20:])
	copy(packet[20:22], packet[22:24])
	binary.BigEndian.PutUint16(packet[22:], port)
}

// Pace is how many packets are due at an even rate.
type Pace struct {
	Begun time.Time
	Rate  float64 // packets a second; 0: no limit
	made  int64
}

// Due takes up to most of the packets that are due by now. Where none is, it waits
// a moment and gives 0 or what has become due. After a pause it does not catch up
// with more than 50 ms of packets.
func (p *Pace) Due(now time.Time, most int) int {
	if p.Rate <= 0 {
		p.made += int64(most)
		return most
	}
	due := p.due(now)
	if due < 1 {
		time.Sleep(max(200*time.Microsecond, min(time.Duration(float64(time.Second)/p.Rate), 5*time.Millisecond)))
		due = p.due(time.Now())
	}
	n := min(int(due), most)
	p.made += int64(n)
	return n
}

func (p *Pace) due(now time.Time) int64 {
	scheduled := int64(now.Sub(p.Begun).Seconds() * p.Rate)
	if late := int64(p.Rate * 0.05); scheduled-p.made > late+1 {
		p.Begun = p.Begun.Add(time.Duration(float64(scheduled-p.made-late-1) / p.Rate * float64(time.Second)))
		scheduled = p.made + late + 1
	}
	return scheduled - p.made
}
