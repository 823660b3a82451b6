package netstack

import (
	"bytes"
	"net/netip"
	"testing"

	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/checksum"
	"gvisor.dev/gvisor/pkg/tcpip/header"
)

var (
	chip   = tcpip.AddrFrom4([4]byte{10, 6, 0, 2})
	caller = tcpip.AddrFrom4([4]byte{10, 6, 0, 1})
	// MSS 1240, SACK permitted, timestamps, window scale.
	modern = []byte{2, 4, 4, 216, 4, 2, 8, 10, 1, 2, 3, 4, 0, 0, 0, 0, 1, 3, 3, 7}
)

func segment(flags header.TCPFlags, options []byte) []byte {
	length := header.TCPMinimumSize + len(options)
	packet := make([]byte, header.IPv4MinimumSize+length)
	ip := header.IPv4(packet)
	ip.Encode(&header.IPv4Fields{TotalLength: uint16(len(packet)), TTL: 64, Protocol: uint8(header.TCPProtocolNumber), SrcAddr: caller, DstAddr: chip})
	ip.SetChecksum(^ip.CalculateChecksum())
	tcp := header.TCP(ip.Payload())
	tcp.Encode(&header.TCPFields{SrcPort: 41000, DstPort: 80, SeqNum: 7, DataOffset: uint8(length), Flags: flags, WindowSize: 64240})
	copy(tcp[header.TCPMinimumSize:], options)
	tcp.SetChecksum(^checksum.Checksum(tcp, header.PseudoHeaderChecksum(header.TCPProtocolNumber, caller, chip, uint16(length))))
	return packet
}

func hasValidChecksum(tcp header.TCP) bool {
	return tcp.IsChecksumValid(caller, chip, checksum.Checksum(tcp.Payload(), 0), uint16(len(tcp.Payload())))
}

func TestOnlyTheMSSOfASynIsLeft(t *testing.T) {
	packet := segment(header.TCPFlagSyn, modern)
	poorer(packet, 5744)
	tcp := header.TCP(header.IPv4(packet).Payload())
	want := append([]byte{2, 4, 4, 216}, bytes.Repeat([]byte{1}, 16)...)
	if !bytes.Equal(tcp.Options(), want) {
		t.Errorf("options %v, want %v", tcp.Options(), want)
	}
	if !hasValidChecksum(tcp) {
		t.Error("the checksum is wrong")
	}
}

func TestNoMoreThanTheWindowIsOffered(t *testing.T) {
	packet := segment(header.TCPFlagAck, nil)
	poorer(packet, 5744)
	tcp := header.TCP(header.IPv4(packet).Payload())
	if tcp.WindowSize() != 5744 || !hasValidChecksum(tcp) {
		t.Errorf("window %d, checksum %t", tcp.WindowSize(), hasValidChecksum(tcp))
	}
	poorer(packet, 6000)
	if tcp.WindowSize() != 5744 {
		t.Errorf("a smaller window became %d", tcp.WindowSize())
	}
}

func TestOtherPacketsAreLeftAlone(t *testing.T) {
	for name, packet := range map[string][]byte{
		"ACK":       segment(header.TCPFlagAck, modern),
		"short":     segment(header.TCPFlagSyn, modern)[:30],
		"no packet": {},
	} {
		before := bytes.Clone(packet)
		poorer(packet, 65535)
		if !bytes.Equal(before, packet) {
			t.Errorf("%s: %v became %v", name, before, packet)
		}
	}
}

func TestAnOptionLongerThanTheHeaderEndsThem(t *testing.T) {
	packet := segment(header.TCPFlagSyn, []byte{1, 1, 4, 9})
	before := bytes.Clone(packet)
	poorer(packet, 65535)
	if !bytes.Equal(before, packet) {
		t.Errorf("%v became %v", before, packet)
	}
}

func TestAChipOffersItsWindowAndNoOptions(t *testing.T) {
	const window = 5744
	n, err := New(netip.MustParseAddr("10.6.0.2"), 1420, 1, netip.AddrPort{})
	if err != nil {
		t.Fatal(err)
	}
	defer n.Close()
	if err := n.LikeChips(window); err != nil {
		t.Fatal(err)
	}
	if _, err := n.Listen(80); err != nil {
		t.Fatal(err)
	}
	if _, err := n.Link.Write([][]byte{segment(header.TCPFlagSyn, modern)}, 0); err != nil {
		t.Fatal(err)
	}
	bufs, sizes := [][]byte{make([]byte, 1500)}, make([]int, 1)
	if _, err := n.Link.Read(bufs, sizes, 0); err != nil {
		t.Fatal(err)
	}
	tcp := header.TCP(header.IPv4(bufs[0][:sizes[0]]).Payload())
	if got := tcp.WindowSize(); got != window {
		t.Errorf("window %d, want %d", got, window)
	}
	options := header.ParseSynOptions(tcp.Options(), true)
	if options.MSS != 1380 || options.TS || options.SACKPermitted || options.WS > 0 {
		t.Errorf("options %+v", options)
	}
	if !tcp.IsChecksumValid(chip, caller, 0, 0) {
		t.Error("the checksum is wrong")
	}
}
