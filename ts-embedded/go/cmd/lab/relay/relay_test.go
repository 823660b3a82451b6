package relay

import (
	"net"
	"net/netip"
	"testing"
	"time"
)

const delay = 20 * time.Millisecond

// between is a relay from a client's socket to a server's.
func between(t *testing.T) (r *relay, client, server *net.UDPConn) {
	t.Helper()
	server, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(netip.MustParseAddrPort("127.0.0.1:0")))
	if err != nil {
		t.Fatal(err)
	}
	r, err = open(netip.MustParseAddrPort(server.LocalAddr().String()), delay, 7)
	if err != nil {
		t.Fatal(err)
	}
	client, err = net.DialUDP("udp", nil, r.client.LocalAddr().(*net.UDPAddr))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		client.Close()
		r.close()
		server.Close()
	})
	for _, c := range []*net.UDPConn{client, server} {
		c.SetReadDeadline(time.Now().Add(30 * time.Second))
	}
	return r, client, server
}

func TestDatagramsPassBothWaysAfterTheDelay(t *testing.T) {
	_, client, server := between(t)
	buffer := make([]byte, 100)
	start := time.Now()
	client.Write([]byte("ping"))
	n, from, err := server.ReadFromUDPAddrPort(buffer)
	if err != nil || string(buffer[:n]) != "ping" {
		t.Fatal(string(buffer[:n]), err)
	}
	server.WriteToUDPAddrPort([]byte("pong"), from)
	n, err = client.Read(buffer)
	if err != nil || string(buffer[:n]) != "pong" {
		t.Fatal(string(buffer[:n]), err)
	}
	if took := time.Since(start); took < 2*delay {
		t.Errorf("the round trip took %v", took)
	}
}

func TestOnlyTransportMessagesAreLost(t *testing.T) {
	r, client, server := between(t)
	r.loss.Store(500_000)
	buffer := make([]byte, 100)
	const each, portion = 200, 50 // as many as a socket of the usual size surely holds
	seen := map[byte]int{}
	for written := portion; written <= each; written += portion {
		for range portion {
			client.Write([]byte{transport})
			client.Write([]byte{1})
		}
		for seen[1] < written {
			if _, err := server.Read(buffer); err != nil {
				t.Fatal(err, seen)
			}
			seen[buffer[0]]++
		}
	}
	lost := int(r.toServer.lost.Load())
	if lost < each/4 || lost > each*3/4 || seen[transport] > each-lost {
		t.Errorf("%d lost, %d came", lost, seen[transport])
	}
}
