package fleet

import (
	"bytes"
	"encoding/binary"
	"math/rand/v2"
	"net/netip"
	"time"

	"gvisor.dev/gvisor/pkg/tcpip/checksum"
	"gvisor.dev/gvisor/pkg/tcpip/header"
	"gvisor.dev/gvisor/pkg/tcpip/seqnum"
)

const (
	webPort        = 80
	segment        = 1380        // the largest that is taken
	receiveWindow  = 4 * segment // as of ESP-IDF
	maxConnections = 4           // more are not answered
	firstTimeout   = time.Second // doubles with each try
	maxTries       = 6
	idleTimeout    = 30 * time.Second
)

// connection is one exchange of HTTP/1.0: a request up to its empty line, the page,
// the end. All that it sends at once fits into one segment, whatever the peer's MSS
// and window (RFC 9293: 536 bytes are always allowed).
type connection struct {
	receiveNext, sent, acknowledged seqnum.Value // sent is the next to be sent
	established, answered           bool
	peerClosed                      bool
	tail                            [4]byte // the last bytes of the request
	data                            []byte  // what is sent and not acknowledged, without SYN and FIN
	flags                           header.TCPFlags
	lastSent, lastHeard             time.Time
	tries                           int
}

// tcp takes a segment.
func (s *stack) tcp(now time.Time, ip header.IPv4, in header.TCP) {
	if len(in) < header.TCPMinimumSize || int(in.DataOffset()) < header.TCPMinimumSize || int(in.DataOffset()) > len(in) {
		return
	}
	data := in.Payload()
	if !in.IsChecksumValid(ip.SourceAddress(), ip.DestinationAddress(), checksum.Checksum(data, 0), uint16(len(data))) {
		return
	}
	from := netip.AddrPortFrom(netip.AddrFrom4(ip.SourceAddress().As4()), in.SourcePort())
	flags := in.Flags()
	c := s.connections[from]
	switch {
	case in.DestinationPort() != webPort, c == nil && !flags.Contains(header.TCPFlagSyn), c == nil && flags.Contains(header.TCPFlagAck):
		s.reset(now, from, in)
	case flags.Contains(header.TCPFlagRst):
		if c != nil && seqnum.Value(in.SequenceNumber()) == c.receiveNext {
			delete(s.connections, from)
		}
	case flags.Contains(header.TCPFlagSyn):
		s.accept(now, from, c, seqnum.Value(in.SequenceNumber()))
	case flags.Contains(header.TCPFlagAck):
		c.lastHeard = now
		if s.acknowledge(from, c, seqnum.Value(in.AckNumber())) {
			s.receive(now, from, c, seqnum.Value(in.SequenceNumber()), data, flags.Contains(header.TCPFlagFin))
		}
	}
}

// accept answers a SYN. A new one takes the place of a connection that has had its
// page; TIME_WAIT there is none.
func (s *stack) accept(now time.Time, from netip.AddrPort, c *connection, first seqnum.Value) {
	switch {
	case c != nil && !c.established && c.receiveNext == first.Add(1):
		s.transmit(now, from, c) // ours was lost
		return
	case c != nil && c.established && !c.answered:
		s.acknowledgeOnly(now, from, c)
		return
	case c == nil && len(s.connections) >= maxConnections:
		return
	}
	begin := seqnum.Value(rand.Uint32())
	c = &connection{receiveNext: first.Add(1), acknowledged: begin, sent: begin.Add(1), flags: header.TCPFlagSyn, lastHeard: now}
	if s.connections == nil {
		s.connections = map[netip.AddrPort]*connection{}
	}
	s.connections[from] = c
	s.transmit(now, from, c)
}

// acknowledge takes an acknowledgement and reports whether the connection goes on.
func (s *stack) acknowledge(from netip.AddrPort, c *connection, number seqnum.Value) bool {
	if number != c.sent {
		return c.established // nothing that we sent can be acknowledged in part
	}
	c.established = true
	c.acknowledged, c.data, c.tries = number, nil, 0
	if c.flags.Contains(header.TCPFlagFin) && c.peerClosed {
		delete(s.connections, from)
		return false
	}
	c.flags = 0
	return true
}

func (s *stack) receive(now time.Time, from netip.AddrPort, c *connection, number seqnum.Value, data []byte, fin bool) {
	if len(data) == 0 && !fin {
		return
	}
	if number != c.receiveNext {
		s.acknowledgeOnly(now, from, c) // nothing is kept out of order
		return
	}
	c.receiveNext.UpdateForward(seqnum.Size(len(data)))
	if fin {
		c.receiveNext.UpdateForward(1)
		c.peerClosed = true
	}
	complete := c.feed(data)
	switch {
	case !c.answered && (complete || fin):
		c.answered = true
		c.flags = header.TCPFlagFin
		if complete {
			c.data = s.page
			c.flags |= header.TCPFlagPsh
		}
		c.sent = c.acknowledged.Add(seqnum.Size(len(c.data)) + 1)
		s.transmit(now, from, c)
	default:
		s.acknowledgeOnly(now, from, c)
		if c.peerClosed && c.acknowledged == c.sent {
			delete(s.connections, from)
		}
	}
}

// feed looks for the empty line that ends a request.
func (c *connection) feed(data []byte) bool {
	for _, b := range data {
		c.tail = [4]byte{c.tail[1], c.tail[2], c.tail[3], b}
		if bytes.Equal(c.tail[:], []byte("\r\n\r\n")) {
			return true
		}
	}
	return false
}

// tickTCP sends again what was not acknowledged and forgets what is dead.
func (s *stack) tickTCP(now time.Time) {
	for from, c := range s.connections {
		waiting := c.acknowledged != c.sent
		switch {
		case waiting && c.tries > maxTries, !waiting && now.Sub(c.lastHeard) > idleTimeout:
			delete(s.connections, from)
		case waiting && now.Sub(c.lastSent) >= firstTimeout<<(c.tries-1):
			s.transmit(now, from, c)
		}
	}
}

// transmit sends all that is not acknowledged, once more where it was sent before.
func (s *stack) transmit(now time.Time, to netip.AddrPort, c *connection) {
	c.lastSent = now
	c.tries++
	flags := c.flags | header.TCPFlagAck
	s.segment(now, to, webPort, c.acknowledged, c.receiveNext, flags, c.data)
}

func (s *stack) acknowledgeOnly(now time.Time, to netip.AddrPort, c *connection) {
	s.segment(now, to, webPort, c.sent, c.receiveNext, header.TCPFlagAck, nil)
}

// reset answers a segment that belongs to no connection (RFC 9293, 3.10.7.1).
func (s *stack) reset(now time.Time, to netip.AddrPort, in header.TCP) {
	if in.Flags().Contains(header.TCPFlagRst) {
		return
	}
	if in.Flags().Contains(header.TCPFlagAck) {
		s.segment(now, to, in.DestinationPort(), seqnum.Value(in.AckNumber()), 0, header.TCPFlagRst, nil)
		return
	}
	next := seqnum.Value(in.SequenceNumber()).Add(seqnum.Size(len(in.Payload())))
	if in.Flags().Contains(header.TCPFlagSyn) {
		next.UpdateForward(1)
	}
	if in.Flags().Contains(header.TCPFlagFin) {
		next.UpdateForward(1)
	}
	s.segment(now, to, in.DestinationPort(), 0, next, header.TCPFlagRst|header.TCPFlagAck, nil)
}

func (s *stack) segment(now time.Time, to netip.AddrPort, port uint16, number, acknowledged seqnum.Value, flags header.TCPFlags, data []byte) {
	length := header.TCPMinimumSize
	if flags.Contains(header.TCPFlagSyn) {
		length += header.TCPOptionMSSLength
	}
	out := header.TCP(s.packet(header.TCPProtocolNumber, to.Addr(), length+len(data)))
	out.Encode(&header.TCPFields{
		SrcPort: port, DstPort: to.Port(), SeqNum: uint32(number), AckNum: uint32(acknowledged),
		DataOffset: uint8(length), Flags: flags, WindowSize: receiveWindow,
	})
	if flags.Contains(header.TCPFlagSyn) {
		option := out[header.TCPMinimumSize:]
		option[0], option[1] = header.TCPOptionMSS, header.TCPOptionMSSLength
		binary.BigEndian.PutUint16(option[2:], segment)
	}
	copy(out[length:], data)
	pseudo := header.PseudoHeaderChecksum(header.TCPProtocolNumber, header4(s.address), header4(to.Addr()), uint16(len(out)))
	out.SetChecksum(0)
	out.SetChecksum(^out.CalculateChecksum(checksum.Checksum(out[length:], pseudo)))
	s.output(now, s.out)
}
