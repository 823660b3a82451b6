package netstack

import (
	"fmt"

	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/checksum"
	"gvisor.dev/gvisor/pkg/tcpip/header"
	"gvisor.dev/gvisor/pkg/tcpip/transport/tcp"
)

// SmallestWindow is the smallest that LikeChips takes.
const SmallestWindow = tcp.MinBufferSize

const largeBuffer = 256 << 10

// LikeChips makes TCP as poor as lwIP's: a window and a send buffer of so many
// bytes, and no option but MSS. It is for a stack that nothing uses yet.
func (n *Stack) LikeChips(window int) error {
	// gVisor counts memory in its window, not bytes, so a small one would often be
	// smaller still. It gets a large one, of which the link tells less.
	receive := tcpip.TCPReceiveBufferSizeRangeOption{Min: tcp.MinBufferSize, Default: largeBuffer, Max: largeBuffer}
	send := tcpip.TCPSendBufferSizeRangeOption{Min: tcp.MinBufferSize, Default: window, Max: window}
	grow := tcpip.TCPModerateReceiveBufferOption(false)
	for _, option := range []tcpip.SettableTransportProtocolOption{&receive, &send, &grow} {
		if err := n.Inside.SetTransportProtocolOption(tcp.ProtocolNumber, option); err != nil {
			return fmt.Errorf("TCP option %T: %s", option, err)
		}
	}
	n.link.window = uint16(window)
	return nil
}

// poorer makes an IPv4 packet with a TCP segment that of a chip. From a SYN all
// options but MSS go, which is what both ends go by later: gVisor cannot be told
// to offer fewer. window is the most that a segment may offer.
func poorer(packet []byte, window uint16) {
	ip := header.IPv4(packet)
	if !ip.IsValid(len(packet)) || ip.Protocol() != uint8(header.TCPProtocolNumber) || ip.FragmentOffset() != 0 {
		return
	}
	segment := header.TCP(ip.Payload())
	if len(segment) < header.TCPMinimumSize {
		return
	}
	options := []byte(nil)
	if end := int(segment.DataOffset()); segment.Flags().Contains(header.TCPFlagSyn) && end >= header.TCPMinimumSize && end <= len(segment) {
		options = segment[header.TCPMinimumSize:end]
	}
	if options == nil && segment.WindowSize() <= window {
		return
	}
	forget(options)
	segment.SetWindowSize(min(segment.WindowSize(), window))
	segment.SetChecksum(0)
	sum := header.PseudoHeaderChecksum(header.TCPProtocolNumber, ip.SourceAddress(), ip.DestinationAddress(), uint16(len(segment)))
	segment.SetChecksum(^checksum.Checksum(segment, sum))
}

// forget overwrites all options but MSS.
func forget(options []byte) {
	for i := 0; i < len(options) && options[i] != header.TCPOptionEOL; {
		length := 1
		if options[i] != header.TCPOptionNOP {
			if i+1 == len(options) || int(options[i+1]) < 2 || i+int(options[i+1]) > len(options) {
				return
			}
			length = int(options[i+1])
		}
		if options[i] != header.TCPOptionMSS {
			for j := range length {
				options[i+j] = header.TCPOptionNOP
			}
		}
		i += length
	}
}
