package device

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log"
	"sync"
	"sync/atomic"

	wg "golang.zx2c4.com/wireguard/device"

	"dev.tailbridge/embedded/cmd/lab/clock"
	"dev.tailbridge/embedded/cmd/lab/netstack"
	"dev.tailbridge/embedded/cmd/lab/service"
)

// life is what a chip loses with its power: sockets, sessions, its network stack.
type life struct {
	config  *config
	clock   *clock.Clock
	socket  *socket
	network *netstack.Stack
	device  *wg.Device
	serving []io.Closer

	mu   sync.Mutex
	peer *wg.Peer // nil while disconnected
	// stamper is that of peer. It is read while initiations go out, some of them
	// under mu.
	stamper atomic.Pointer[stamper]
}

// boot starts WireGuard on a new port, without its peer, and the services.
func boot(c *config, clk *clock.Clock) (*life, error) {
	network, err := netstack.New(c.address, c.mtu, batch, c.resolver)
	if err != nil {
		return nil, err
	}
	if c.tcpWindow > 0 {
		if err := network.LikeChips(c.tcpWindow); err != nil {
			network.Close()
			return nil, err
		}
	}
	l := &life{config: c, clock: clk, network: network, socket: &socket{local: c.bind, window: &window{refuse: c.chipWindow}}}
	l.socket.outgoing = l.stampInitiation
	l.device = wg.NewDevice(network.Link, l.socket, &wg.Logger{Verbosef: log.Printf, Errorf: log.Printf})
	err = l.device.IpcSet("private_key=" + hex.EncodeToString(c.private[:]) + "\n")
	if err == nil {
		err = l.device.Up()
	}
	if err == nil {
		err = l.serve()
	}
	if err != nil {
		l.close()
		return nil, err
	}
	return l, nil
}

func (l *life) serve() error {
	web, err := l.network.Listen(80)
	if err != nil {
		return err
	}
	l.serving = append(l.serving, service.ServeWeb(web, "Hello from ESP32! I am "+l.config.name))
	echo, err := l.network.Listen(7)
	if err != nil {
		return err
	}
	l.serving = append(l.serving, echo)
	go service.EchoStreams(echo)
	for _, port := range []uint16{7, 9999} {
		pc, err := l.network.ListenPacket(port)
		if err != nil {
			return err
		}
		l.serving = append(l.serving, pc)
		go service.EchoDatagrams(pc)
	}
	return nil
}

// close is a loss of power: nothing more is sent, not even a goodbye.
func (l *life) close() {
	l.socket.muted.Store(true)
	for _, s := range l.serving {
		s.Close()
	}
	l.device.Close()
	l.network.Close()
}

// connect adds the peer, if need be, and sends an initiation to it. Keepalives
// begin only when the clock has the peer in hand.
func (l *life) connect(ctx context.Context, endpoint string) error {
	address, err := resolveOutside(ctx, endpoint)
	if err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.know(fmt.Sprintf("endpoint=%s\n", address)); err != nil {
		return err
	}
	c := l.config
	if err := l.device.IpcSet(fmt.Sprintf("public_key=%x\npersistent_keepalive_interval=%d\n", c.peer[:], c.keepalive)); err != nil {
		return err
	}
	return l.peer.SendHandshakeInitiation(false)
}

// listen adds the peer without an endpoint: it is the one that calls.
func (l *life) listen() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.know("")
}

// know gives the peer, added if need be, its keys and allowed addresses, and more
// settings. The caller holds mu.
func (l *life) know(more string) error {
	c := l.config
	settings := fmt.Sprintf("public_key=%x\npreshared_key=%x\nreplace_allowed_ips=true\n%s", c.peer[:], c.psk[:], more)
	for _, prefix := range c.allowed {
		settings += fmt.Sprintf("allowed_ip=%s\n", prefix)
	}
	if err := l.device.IpcSet(settings); err != nil {
		return err
	}
	if l.peer != nil {
		return nil
	}
	l.peer = l.device.LookupPeer(wg.NoisePublicKey(c.peer))
	if l.peer == nil {
		return errors.New("the peer's public key is the device's own")
	}
	s, err := newStamper(l.peer)
	if err != nil {
		return err
	}
	l.stamper.Store(s)
	return nil
}

// disconnect forgets the peer and its keys; the network stack stays.
func (l *life) disconnect() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.peer = nil
	l.stamper.Store(nil)
	return l.device.IpcSet(fmt.Sprintf("public_key=%x\nremove=true\n", l.config.peer[:]))
}

// redirect changes where packets go, and nothing else.
func (l *life) redirect(ctx context.Context, endpoint string) error {
	address, err := resolveOutside(ctx, endpoint)
	if err != nil || l.current() == nil {
		return err
	}
	return l.device.IpcSet(fmt.Sprintf("public_key=%x\nupdate_only=true\nendpoint=%s\n", l.config.peer[:], address))
}

func (l *life) current() *wg.Peer {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.peer
}

// stampInitiation gives an outgoing initiation the chip's time. It holds it back
// where that cannot be done.
func (l *life) stampInitiation(initiation []byte) bool {
	now, right := l.clock.Read()
	if right {
		return true
	}
	s := l.stamper.Load()
	return s != nil && s.restamp(initiation, now)
}
