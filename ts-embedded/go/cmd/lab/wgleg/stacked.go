package wgleg

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"time"

	"golang.zx2c4.com/wireguard/conn"
	"golang.zx2c4.com/wireguard/tun"
	stock "golang.zx2c4.com/wireguard/tun/netstack"

	"dev.tailbridge/embedded/cmd/lab/netstack"
	"dev.tailbridge/embedded/cmd/lab/probe"
	"dev.tailbridge/embedded/cmd/lab/service"
)

// inside is a network stack of gVisor's on the inner side.
type inside struct {
	link         tun.Device
	dial         probe.Dial
	listen       func(port uint16) (net.Listener, error)
	listenPacket func(port uint16) (net.PacketConn, error)
	close        func()
}

// newStock is the stack that comes with wireguard-go, as it is.
func newStock(address netip.Addr, mtu int) (*inside, error) {
	link, n, err := stock.CreateNetTUN([]netip.Addr{address}, nil, mtu)
	if err != nil {
		return nil, err
	}
	return &inside{
		link: link,
		dial: n.DialContext,
		listen: func(port uint16) (net.Listener, error) {
			return n.ListenTCPAddrPort(netip.AddrPortFrom(address, port))
		},
		listenPacket: func(port uint16) (net.PacketConn, error) {
			return n.ListenUDPAddrPort(netip.AddrPortFrom(address, port))
		},
		close: func() {}, // the device closes it
	}, nil
}

// newTuned moves batches of 128 packets, has longer queues and does without RACK.
func newTuned(address netip.Addr, mtu int) (*inside, error) {
	n, err := netstack.New(address, mtu, conn.IdealBatchSize, netip.AddrPort{})
	if err != nil {
		return nil, err
	}
	return &inside{n.Link, n.Dial, n.Listen, n.ListenPacket, n.Close}, nil
}

// serve begins the lab's services: HTTP on 80, echo on 7, discard on UDP port 9.
func (n *inside) serve(c *counters) error {
	web, err := n.listen(80)
	if err != nil {
		return fmt.Errorf("HTTP service: %w", err)
	}
	service.ServeWeb(web, "Hello from wgleg")
	streams, err := n.listen(echoPort)
	if err != nil {
		return fmt.Errorf("TCP echo service: %w", err)
	}
	go service.EchoStreams(streams)
	for _, port := range []uint16{echoPort, discardPort} {
		pc, err := n.listenPacket(port)
		if err != nil {
			return fmt.Errorf("UDP port %d: %w", port, err)
		}
		go c.serveDatagrams(pc, port == echoPort)
	}
	return nil
}

func (c *counters) serveDatagrams(pc net.PacketConn, echo bool) {
	buf := make([]byte, 64<<10)
	for {
		n, from, err := pc.ReadFrom(buf)
		if err != nil {
			return
		}
		c.received.Add(1)
		c.receivedBytes.Add(int64(n))
		if !echo {
			continue
		}
		// gVisor's UDP writer can wait for ever on a queue that was full once.
		pc.SetWriteDeadline(time.Now().Add(time.Second))
		if _, err := pc.WriteTo(buf[:n], from); err != nil {
			c.dropped.Add(1)
			continue
		}
		c.sent.Add(1)
	}
}

var errBare = errors.New("a bare inner side speaks no TCP: start with -inside stock or tuned")
