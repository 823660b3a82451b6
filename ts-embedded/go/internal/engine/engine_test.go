package engine

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"dev.tailbridge/embedded/internal/frame"
	"dev.tailbridge/embedded/internal/node"
	"golang.org/x/net/icmp"
	"golang.org/x/net/ipv4"
	"tailscale.com/tailcfg"
)

func number(n uint64) map[string]any { return map[string]any{"node": n} }

// A node's packets reach Java and Java's reach the tailnet; every request about
// it is answered.
func TestNodeInATailnet(t *testing.T) {
	tailnet, j := newTailnet(t), newJava(t)
	packets := j.start(tailnet.config(1, "chip"))
	client, clientIP := tailnet.machine("client")
	status := j.awaitReady(1)
	if status.State != "Running" || status.DNSName != "chip.tail-scale.ts.net" || len(status.IPs) != 2 ||
		status.DERPHome != "test" || status.Error != "" || status.AuthURL != "" {
		t.Errorf("status %+v", status)
	}
	j.await("peer of the node", func() bool { return j.status[1].Peers == 1 })
	chipIP := netip.MustParseAddr(status.IPs[0])
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()

	t.Run("echo request to the node comes out of the pair", func(t *testing.T) {
		go answerEcho(packets)
		lc, err := client.LocalClient()
		if err != nil {
			t.Fatal(err)
		}
		result, err := lc.Ping(ctx, chipIP, tailcfg.PingICMP)
		if err != nil || result.Err != "" {
			t.Fatalf("%+v, %v", result, err)
		}
	})
	t.Run("packet of Java reaches the tailnet", func(t *testing.T) {
		socket, err := client.ListenPacket("udp", netip.AddrPortFrom(clientIP, 7000).String())
		if err != nil {
			t.Fatal(err)
		}
		defer socket.Close()
		b := make([]byte, 100)
		var n int
		var from net.Addr
		for deadline := time.Now().Add(patience); ; { // UDP promises nothing while the path changes
			if _, err := packets.Write(udp(chipIP, clientIP, 5000, 7000, "hello")); err != nil {
				t.Fatal(err)
			}
			socket.SetReadDeadline(time.Now().Add(time.Second))
			if n, from, err = socket.ReadFrom(b); err == nil || time.Now().After(deadline) {
				break
			}
		}
		if err != nil || string(b[:n]) != "hello" || from.String() != netip.AddrPortFrom(chipIP, 5000).String() {
			t.Errorf("%q from %v, %v", b[:n], from, err)
		}
	})
	t.Run("requests", func(t *testing.T) { requests(t, j, clientIP) })
	t.Run("going offline and back", func(t *testing.T) {
		for _, step := range []struct {
			want  bool
			state string
		}{{false, "Stopped"}, {true, "Running"}} {
			if err := j.ask(frame.SetWantRunning, map[string]any{"node": 1, "wantRunning": step.want}, nil); err != nil {
				t.Fatal(err)
			}
			j.await(step.state, func() bool { return j.status[1].State == step.state && j.status[1].Ready == step.want })
		}
	})
	t.Run("logout", func(t *testing.T) {
		if err := j.ask(frame.Logout, number(1), nil); err != nil {
			t.Fatal(err)
		}
		j.await("logged out node", func() bool { return j.status[1].State == "NeedsLogin" })
	})
	j.stop(1)
	if _, ended := j.ended[1]; ended {
		t.Error("a node that was asked to stop reported an end")
	}
	packets.SetReadDeadline(time.Now().Add(patience))
	if _, err := io.Copy(io.Discard, packets); err != nil {
		t.Errorf("Java's end after the stop: %v", err)
	}
}

func requests(t *testing.T, j *java, clientIP netip.Addr) {
	var status struct {
		node.Status
		PeerList []struct {
			Name string
			IPs  []string
		}
	}
	if err := j.ask(frame.Status, number(1), &status); err != nil || len(status.PeerList) != 1 ||
		status.PeerList[0].Name != "client.tail-scale.ts.net" || status.PeerList[0].IPs[0] != clientIP.String() || !status.Ready {
		t.Errorf("status %+v, %v", status, err)
	}
	var who struct{ Login, Node string }
	if err := j.ask(frame.Whois, map[string]any{"node": 1, "proto": "tcp", "addr": netip.AddrPortFrom(clientIP, 9).String()}, &who); err != nil ||
		who.Node != "client.tail-scale.ts.net" || who.Login == "" {
		t.Errorf("whois %+v, %v", who, err)
	}
	for _, kind := range []string{"disco", "TSMP", "ICMP"} {
		var pong struct{ LatencySeconds float64 }
		if err := j.ask(frame.Ping, map[string]any{"node": 1, "ip": clientIP, "type": kind}, &pong); err != nil || pong.LatencySeconds <= 0 {
			t.Errorf("ping by %s: %+v, %v", kind, pong, err)
		}
	}
	var dns struct{ Answer []byte }
	if err := j.ask(frame.QueryDNS, map[string]any{"node": 1, "name": "client.tail-scale.ts.net.", "type": "A"}, &dns); err != nil ||
		!strings.Contains(string(dns.Answer), string(clientIP.AsSlice())) {
		t.Errorf("DNS answer %x, %v", dns.Answer, err)
	}
	var runtime runtimeAnswer
	if err := j.ask(frame.Runtime, struct{}{}, &runtime); err != nil || runtime.Nodes != 1 || runtime.Goroutines == 0 || runtime.FDs == 0 {
		t.Errorf("runtime %+v, %v", runtime, err)
	}
	for name, bad := range map[string]struct {
		kind frame.Type
		body any
	}{
		"whois of a stranger":  {frame.Whois, map[string]any{"node": 1, "proto": "tcp", "addr": "192.0.2.1:80"}},
		"whois of no address":  {frame.Whois, map[string]any{"node": 1, "proto": "tcp", "addr": "client"}},
		"ping of no address":   {frame.Ping, map[string]any{"node": 1, "ip": "client", "type": "disco"}},
		"ping of no kind":      {frame.Ping, map[string]any{"node": 1, "ip": clientIP, "type": "smoke"}},
		"DNS of a type":        {frame.QueryDNS, map[string]any{"node": 1, "name": "client", "type": "A&x=y"}},
		"certificate for path": {frame.Certificate, map[string]any{"node": 1, "domain": "a/../b"}},
		"certificate":          {frame.Certificate, map[string]any{"node": 1, "domain": "chip.tail-scale.ts.net"}},
		"unknown type":         {50, number(1)},
		"unknown node":         {frame.Status, number(2)},
		"no JSON object":       {frame.Status, []int{1}},
		"start of a used one":  {frame.Start, node.Config{Node: 1, Dir: "/nowhere", Hostname: "x"}},
		"start without number": {frame.Start, node.Config{Dir: "/nowhere", Hostname: "x"}},
	} {
		if err := j.ask(bad.kind, bad.body, nil); err == nil || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: error %v", name, err)
		}
	}
}

// answerEcho plays a chip that answers pings, until the pair is closed.
func answerEcho(packets *os.File) {
	b := make([]byte, 64<<10)
	for {
		n, err := packets.Read(b)
		if err != nil {
			return
		}
		p := b[:n]
		message, err := icmp.ParseMessage(1, p[20:])
		if p[0] != 0x45 || p[9] != 1 || err != nil || message.Type != ipv4.ICMPTypeEcho {
			continue
		}
		message.Type = ipv4.ICMPTypeEchoReply
		body, _ := message.Marshal(nil)
		copy(p[20:], body)
		source := [4]byte(p[12:16])
		copy(p[12:16], p[16:20]) // the sum of the header stays the same
		copy(p[16:20], source[:])
		packets.Write(p)
	}
}

// udp makes an IPv4 packet with complete checksums.
func udp(from, to netip.Addr, fromPort, toPort uint16, text string) []byte {
	p := make([]byte, 28+len(text))
	p[0], p[8], p[9] = 0x45, 64, 17
	binary.BigEndian.PutUint16(p[2:], uint16(len(p)))
	copy(p[12:], from.AsSlice())
	copy(p[16:], to.AsSlice())
	binary.BigEndian.PutUint16(p[10:], checksum(p[:20]))
	u := p[20:]
	binary.BigEndian.PutUint16(u, fromPort)
	binary.BigEndian.PutUint16(u[2:], toPort)
	binary.BigEndian.PutUint16(u[4:], uint16(len(u)))
	copy(u[8:], text)
	pseudo := append(append([]byte{}, p[12:20]...), 0, 17, u[4], u[5])
	binary.BigEndian.PutUint16(u[6:], checksum(append(pseudo, u...)))
	return p
}

func checksum(b []byte) uint16 {
	var sum uint32
	for i, x := range b {
		sum += uint32(x) << (8 * (1 - i%2))
	}
	for sum > 0xffff {
		sum = sum>>16 + sum&0xffff
	}
	return ^uint16(sum)
}

func TestOneNodeDiesAndTheOtherLives(t *testing.T) {
	tailnet, j := newTailnet(t), newJava(t)
	first, second := j.start(tailnet.config(1, "first")), j.start(tailnet.config(2, "second"))
	third := j.start(tailnet.config(3, "third"))
	for n := range uint64(3) {
		j.awaitReady(n + 1)
	}
	first.Close()
	if text := j.awaitEnd(1); !strings.Contains(text, "closed") {
		t.Errorf("after closing: %q", text)
	}
	if _, err := second.Write(make([]byte, 100)); err != nil {
		t.Fatal(err)
	}
	if text := j.awaitEnd(2); !strings.Contains(text, "not an IP packet") {
		t.Errorf("after garbage: %q", text)
	}
	j.stop(1) // too late, and yet no error
	var status node.Status
	if err := j.ask(frame.Status, number(3), &status); err != nil || !status.Ready {
		t.Errorf("third node: %+v, %v", status, err)
	}
	third.Close()
	j.awaitEnd(3)
}

func TestStartThatFailsIsReportedAndLeavesNothing(t *testing.T) {
	tailnet, j := newTailnet(t), newJava(t)
	noDir := tailnet.config(1, "no-dir")
	noDir.Dir = filepath.Join(noDir.Dir, "file")
	noState := tailnet.config(2, "no-state") // fails once the engine exists
	noTags := tailnet.config(3, "no-tags")   // fails once the backend exists
	noTags.ClientSecret, noTags.AuthKey = "tskey-client-secret", ""
	if err := errors.Join(os.WriteFile(noDir.Dir, nil, 0o600), os.Mkdir(noState.Dir+"/tailscaled.state", 0o700)); err != nil {
		t.Fatal(err)
	}
	for _, c := range []node.Config{noDir, noState, noTags} {
		j.start(c)
		text := j.awaitEnd(c.Node)
		if !strings.Contains(text, "start of node "+c.Name) || strings.Contains(text, "panic") || strings.Contains(text, "secret") {
			t.Errorf("%s: %q", c.Name, text)
		}
	}
	if err := os.Remove(noDir.Dir); err != nil {
		t.Fatal(err)
	}
	noDir.Node = 4
	j.start(noDir)
	j.awaitReady(4)
}

func TestWrongAuthKeyIsReported(t *testing.T) {
	tailnet, j := newTailnet(t), newJava(t)
	c := tailnet.config(1, "stranger")
	c.AuthKey = "hskey-auth-wrong-one"
	j.start(c)
	j.await("error", func() bool { return j.status[1].Error != "" })
	if s := j.status[1]; s.Ready || strings.Contains(s.Error, "wrong") {
		t.Errorf("status %+v", s)
	}
}

func TestUnreachableControlServerDoesNotHinderStopping(t *testing.T) {
	j := newJava(t)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	url := "http://" + listener.Addr().String()
	listener.Close()
	j.start(node.Config{Node: 1, Name: "lonely", Dir: t.TempDir(), Hostname: "lonely", ControlURL: url, AuthKey: authKey})
	j.await("status", func() bool { return j.status[1].State != "" })
	j.stop(1)
}

func TestStateDirectoryHasOneOwner(t *testing.T) {
	tailnet, j := newTailnet(t), newJava(t)
	c := tailnet.config(1, "first")
	j.start(c)
	c.Node, c.Dir = 2, c.Dir+"/."
	if err := j.ask(frame.Start, c, nil); err == nil || !strings.Contains(err.Error(), "in use by node number 1") {
		t.Errorf("error %v", err)
	}
}

func TestEndOfTheControlPairStopsAllNodes(t *testing.T) {
	tailnet, j := newTailnet(t), newJava(t)
	first, second := j.start(tailnet.config(1, "first")), j.start(tailnet.config(2, "second"))
	j.awaitReady(1)
	j.control.Close()
	for _, packets := range []*os.File{first, second} {
		packets.SetReadDeadline(time.Now().Add(patience))
		if _, err := io.Copy(io.Discard, packets); err != nil {
			t.Error(err)
		}
	}
}

func TestShutdownClosesTheControlPair(t *testing.T) {
	tailnet, j := newTailnet(t), newJava(t)
	j.start(tailnet.config(1, "first"))
	if !j.engine.Shutdown(patience) {
		t.Error("not in time")
	}
	select {
	case <-j.lost:
	case <-time.After(patience):
		t.Error("the control pair is open")
	}
	if !j.engine.Shutdown(patience) {
		t.Error("a second time is an error")
	}
}
