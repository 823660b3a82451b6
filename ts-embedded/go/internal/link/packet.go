package link

import (
	"encoding/binary"
	"fmt"
)

const (
	ipv4Header = 20
	ipv6Header = 40
	hopByHop   = 0
)

// packetLength returns the length that the IP header at the start of b gives
// the whole packet. It returns 0 while b is too short to tell. An error means
// that b cannot be the start of an IP packet, so the stream lost its framing.
func packetLength(b []byte) (int, error) {
	if len(b) == 0 {
		return 0, nil
	}
	switch version := b[0] >> 4; version {
	case 4:
		if len(b) < 4 {
			return 0, nil
		}
		header := int(b[0]&0x0f) * 4
		total := int(binary.BigEndian.Uint16(b[2:]))
		if header < ipv4Header || total < header {
			return 0, fmt.Errorf("IPv4 header of %d bytes in a packet of %d", header, total)
		}
		return total, nil
	case 6:
		if len(b) < 7 {
			return 0, nil
		}
		payload := int(binary.BigEndian.Uint16(b[4:]))
		// RFC 2675: the length of a jumbogram is not in its header.
		if payload == 0 && b[6] == hopByHop {
			return 0, fmt.Errorf("IPv6 jumbogram")
		}
		return ipv6Header + payload, nil
	default:
		return 0, fmt.Errorf("IP version %d", version)
	}
}
