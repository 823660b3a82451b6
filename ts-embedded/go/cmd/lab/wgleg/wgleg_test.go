package wgleg

import (
	"bytes"
	"context"
	"net"
	"net/netip"
	"reflect"
	"strings"
	"testing"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"dev.tailbridge/embedded/cmd/lab/keys"
	"dev.tailbridge/embedded/cmd/lab/line"
)

func TestListensOnLoopbackAlone(t *testing.T) {
	for _, kind := range []string{"bare", "stock", "tuned"} {
		f := Flags{Inside: kind, Address: "10.6.0.1", MTU: 1420}
		s, err := f.Start()
		if err != nil {
			t.Fatal(err)
		}
		if s.port == 0 || s.public == (keys.Key{}) {
			t.Errorf("%+v", s)
		}
		for _, name := range []string{"ipv4", "ipv6"} {
			field := reflect.ValueOf(s.bind.StdNetBind).Elem().FieldByName(name)
			socket := *(**net.UDPConn)(unsafe.Pointer(field.UnsafeAddr()))
			if socket == nil {
				continue // a machine without IPv6
			}
			raw, err := socket.SyscallConn()
			if err != nil {
				t.Fatal(err)
			}
			device := ""
			raw.Control(func(fd uintptr) { device, err = unix.GetsockoptString(int(fd), unix.SOL_SOCKET, unix.SO_BINDTODEVICE) })
			if err != nil || device != "lo" {
				t.Errorf("%s is tied to %q, %v", name, device, err)
			}
		}
		s.Close()
	}
}

func TestMistakesAreTold(t *testing.T) {
	for _, wrong := range []Flags{
		{Inside: "x", Address: "10.6.0.1", MTU: 1420}, {Inside: "bare", Address: "::1", MTU: 1420}, {Inside: "bare", Address: "10.6.0.1"},
		{Inside: "bare", Address: "10.6.0.1", MTU: 1420, PrivateKey: "x"}, {Inside: "stock", Address: "10.6.0.1", MTU: 1420, Peers: []string{"x=10.0.0.1"}},
	} {
		if s, err := wrong.Start(); err == nil {
			s.Close()
			t.Errorf("%+v is taken", wrong)
		}
	}
	f := Flags{Inside: "tuned", Address: "10.6.0.1", MTU: 1420}
	s, err := f.Start()
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for text, says := range map[string]string{
		"source 10.6.0.2:1": "only with -inside bare", "peers x": "no KEY=PREFIX", "tcp 10.6.0.1:80": `"result":"ok"`,
	} {
		var out bytes.Buffer
		if err := line.Serve(context.Background(), strings.NewReader(text), &out, line.Done, s.Commands()); err != nil || !strings.Contains(out.String(), says) {
			t.Errorf("%s: %v %s", text, err, out.String())
		}
	}
}

// wireguard-go has 64 KiB in hand for each packet that it has taken and not sent.
func TestSourceWaitsForTheSocket(t *testing.T) {
	b := newBare(1420, NewLoopback()) // which sends nothing
	defer b.Close()
	go b.stream(context.Background(), netip.MustParseAddrPort("10.6.0.1:7"), netip.MustParseAddrPort("10.6.0.2:9"), 128, 0, time.Minute)
	bufs, sizes := make([][]byte, 128), make([]int, 128)
	for i := range bufs {
		bufs[i] = make([]byte, 2048)
	}
	taken := int64(0)
	for b.dropped.Load() == 0 { // until it has given those up for lost, and goes on
		n, err := b.Read(bufs, sizes, 16)
		if err != nil {
			t.Fatal(err)
		}
		if taken += int64(n); b.dropped.Load() == 0 && taken > inFlight+2*128 {
			t.Fatalf("%d packets are taken", taken)
		}
	}
	if taken < inFlight {
		t.Errorf("only %d packets are taken", taken)
	}
}
