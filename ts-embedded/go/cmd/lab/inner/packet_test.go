package inner

import (
	"net/netip"
	"testing"
	"time"

	"gvisor.dev/gvisor/pkg/tcpip/checksum"
	"gvisor.dev/gvisor/pkg/tcpip/header"
)

func valid(packet []byte) bool {
	ip := header.IPv4(packet)
	udp := header.UDP(ip.Payload())
	return ip.IsValid(len(packet)) && ip.IsChecksumValid() &&
		udp.IsChecksumValid(ip.SourceAddress(), ip.DestinationAddress(), checksum.Checksum(udp.Payload(), 0))
}

func TestPacketsAreRight(t *testing.T) {
	from, to := netip.MustParseAddrPort("10.6.0.2:40000"), netip.MustParseAddrPort("10.6.0.1:7")
	for _, size := range []int{28, 29, 128, 1400} {
		packet, err := UDP(from, to, size)
		if err != nil || len(packet) != size || !valid(packet) {
			t.Fatalf("%d: %v %x", size, err, packet)
		}
		back, err := UDP(to, from, size)
		if err != nil {
			t.Fatal(err)
		}
		SwapEnds(packet)
		if !valid(packet) || string(packet) != string(back) {
			t.Fatalf("%x is not %x", packet, back)
		}
	}
	if _, err := UDP(from, to, 27); err == nil {
		t.Error("27 bytes are a packet")
	}
}

func TestPaceKeepsTheRateAndForgetsPauses(t *testing.T) {
	begun := time.Now().Add(-time.Hour) // so that nothing waits
	p := Pace{Begun: begun, Rate: 1000}
	if n := p.Due(begun.Add(10*time.Millisecond), 100); n != 10 {
		t.Errorf("%d in 10 ms", n)
	}
	if n := p.Due(begun.Add(20*time.Millisecond), 3); n != 3 {
		t.Errorf("%d of at most 3", n)
	}
	if n := p.Due(begun.Add(21*time.Millisecond), 100); n != 8 {
		t.Errorf("%d that were left", n)
	}
	n := p.Due(begun.Add(5*time.Second), 1000)
	if n < 50 || n > 52 {
		t.Errorf("%d after a long pause", n)
	}
	if n := p.Due(begun.Add(5*time.Second+10*time.Millisecond), 1000); n < 9 || n > 11 {
		t.Errorf("%d in the 10 ms after it", n)
	}
	if n := new(Pace).Due(begun, 7); n != 7 {
		t.Errorf("%d without a limit", n)
	}
}
