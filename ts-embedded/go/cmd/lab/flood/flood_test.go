package flood

import (
	"context"
	"encoding/binary"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	wg "golang.zx2c4.com/wireguard/device"

	"dev.tailbridge/embedded/cmd/lab/keys"
)

// tries is how often a busy machine may be too slow for a figure.
const tries = 5

// target is a server's socket that keeps what comes.
type target struct {
	socket  *net.UDPConn
	sources map[netip.AddrPort]int
	last    []byte
	n       int
}

func listen(t *testing.T) *target {
	t.Helper()
	socket, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { socket.Close() })
	socket.SetReadBuffer(4 << 20)
	return &target{socket: socket, sources: map[netip.AddrPort]int{}}
}

// take reads n datagrams; check sees each.
func (g *target) take(t *testing.T, n int, check func([]byte) bool) {
	t.Helper()
	buffer := make([]byte, 2048)
	g.socket.SetReadDeadline(time.Now().Add(30 * time.Second))
	for range n {
		size, from, err := g.socket.ReadFromUDPAddrPort(buffer)
		if err != nil {
			t.Fatalf("%d of %d: %v", g.n, n, err)
		}
		g.sources[from]++
		g.n++
		if !check(buffer[:size]) {
			t.Fatalf("datagram %d: %x", g.n, buffer[:size])
		}
	}
}

func start(t *testing.T, g *target, server keys.Key, sockets int) *flood {
	t.Helper()
	f, err := open(g.socket.LocalAddr().(*net.UDPAddr).AddrPort(), server, sockets)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(f.close)
	return f
}

func (f *flood) sendKind(t *testing.T, kind string, captured []byte, o options) sent {
	t.Helper()
	messages, err := f.messages(kind, captured)
	if err != nil {
		t.Fatal(err)
	}
	s, err := f.send(context.Background(), messages, o)
	if err != nil {
		t.Fatal(err)
	}
	if s.Sent != o.count || s.Failed != 0 {
		t.Fatalf("sent %+v of %+v", s, o)
	}
	return s
}

func TestKindsAreWhatTheySay(t *testing.T) {
	for _, gso := range []bool{false, true} {
		t.Run(fmt.Sprint("gso ", gso), func(t *testing.T) { testKinds(t, gso) })
	}
}

func testKinds(t *testing.T, gso bool) {
	const sockets, count = 4, 4 * burst
	server, err := keys.New().Public()
	if err != nil {
		t.Fatal(err)
	}
	var checker wg.CookieChecker
	checker.Init(wg.NoisePublicKey(server))
	initiation := func(m []byte) bool { return len(m) == 148 && binary.LittleEndian.Uint32(m) == 1 }
	captured := make([]byte, 148)
	captured[0] = 1
	for kind, check := range map[string]func([]byte) bool{
		"junk":       func(m []byte) bool { return initiation(m) && !checker.CheckMAC1(m) },
		"valid-mac1": func(m []byte) bool { return initiation(m) && checker.CheckMAC1(m) },
		"replay":     func(m []byte) bool { return string(m) == string(captured) },
	} {
		g := listen(t)
		f := start(t, g, server, sockets)
		messages, err := f.messages(kind, captured)
		if err != nil {
			t.Fatal(err)
		}
		// A socket of the usual size holds them all, and they are read meanwhile.
		done := make(chan sent, 1)
		go func() {
			s, _ := f.send(context.Background(), messages, options{count: count, span: 10 * time.Second, gso: gso})
			done <- s
		}()
		g.take(t, count, check)
		if s := <-done; s.Sent != count || s.Failed != 0 {
			t.Errorf("%s: sent %+v", kind, s)
		}
		if len(g.sources) != sockets {
			t.Errorf("%s came from %d sources", kind, len(g.sources))
		}
		addresses := map[netip.Addr]bool{}
		for source := range g.sources {
			addresses[source.Addr()] = true
		}
		if len(addresses) != sockets {
			t.Errorf("%s came from %d addresses", kind, len(addresses))
		}
	}
}

func TestRateIsKept(t *testing.T) {
	f := start(t, listen(t), keys.Key{}, 20)
	var s sent
	for range tries { // a busy machine may be late, never early
		s = f.sendKind(t, "junk", nil, options{rate: 10_000, count: 5_000, span: 30 * time.Second})
		if s.Rate > 11_000 {
			t.Errorf("%v a second", s.Rate)
		}
		if s.Rate >= 4_000 {
			break
		}
	}
	if s.Rate < 4_000 {
		t.Errorf("%v a second", s.Rate)
	}
	if s.CPUSeconds <= 0 {
		t.Error("it was for free")
	}
}

func TestTimeEndsItToo(t *testing.T) {
	f := start(t, listen(t), keys.Key{}, 1)
	messages, err := f.messages("junk", nil)
	if err != nil {
		t.Fatal(err)
	}
	var s sent
	for range tries {
		s, err = f.send(context.Background(), messages, options{rate: 1000, count: 1 << 40, span: 100 * time.Millisecond})
		if err != nil || s.Sent > 200 {
			t.Errorf("%+v, %v", s, err)
		}
		if s.Sent >= 20 {
			break
		}
	}
	if s.Sent < 20 {
		t.Errorf("%+v", s)
	}
}

func TestMistakesAreTold(t *testing.T) {
	f := start(t, listen(t), keys.Key{}, 1)
	for kind, says := range map[string]string{"valid-mac1": "-peer-key", "replay": "148", "x": "junk"} {
		if _, err := f.messages(kind, []byte{1}); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v", kind, err)
		}
	}
}
