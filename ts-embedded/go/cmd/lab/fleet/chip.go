package fleet

import (
	"net"
	"net/netip"
	"sync"
	"time"

	"dev.tailbridge/embedded/cmd/lab/clock"
	"dev.tailbridge/embedded/cmd/lab/keys"
	"dev.tailbridge/embedded/cmd/lab/noise"
)

// chip is one device of the fleet. Its identity, address and place of its socket
// outlive a reboot; all else does not.
type chip struct {
	fleet           *fleet
	private, public keys.Key
	address         netip.Addr // in the tunnel
	local           netip.Addr // of its socket

	mu       sync.Mutex
	identity *noise.Identity
	socket   *net.UDPConn
	port     uint16
	peer     *peer
	stack    *stack
	clock    *clock.Clock
	silent   bool
	pinged   time.Time // when the ping was sent that waits for its answer; zero: none does

	// When there was first a session of after mark that packets can go by, and one
	// that the server has used. Zero: not yet.
	mark          *mark
	upAt, heardAt time.Time
	rtt           time.Duration // of the last ping; negative: no answer
}

// boot begins a life. The caller holds mu, or is the only one that knows the chip.
func (c *chip) boot(clk *clock.Clock, newPort bool) error {
	if newPort || c.socket == nil {
		socket, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(netip.AddrPortFrom(c.local, 0)))
		if err != nil {
			return err
		}
		if c.socket != nil {
			c.socket.Close()
		}
		c.socket = socket
		c.port = socket.LocalAddr().(*net.UDPAddr).AddrPort().Port()
		go c.receive(socket)
	}
	c.clock, c.silent, c.pinged = clk, false, time.Time{}
	f := c.fleet
	c.peer = &peer{
		identity: c.identity, macs: c.identity.NewMacs(), keepalive: f.keepalive, endpoint: f.endpoint, counts: &f.counts,
		stamp: func() noise.Stamp {
			now, _ := clk.Read()
			return noise.StampAt(now)
		},
		transmit: c.transmit,
		deliver:  func(now time.Time, packet []byte) { c.stack.input(now, packet) },
		usable:   c.usable,
	}
	c.stack = &stack{address: c.address, page: f.page(c), output: c.peer.output, replied: c.replied}
	return nil
}

// receive serves one socket until it is closed.
func (c *chip) receive(socket *net.UDPConn) {
	buffer := make([]byte, 2048)
	for {
		n, from, err := socket.ReadFromUDPAddrPort(buffer)
		if err != nil {
			return
		}
		now := time.Now()
		c.mu.Lock()
		if c.socket == socket && !c.silent && c.peer != nil {
			c.peer.input(now, netip.AddrPortFrom(from.Addr().Unmap(), from.Port()), buffer[:n])
		}
		c.mu.Unlock()
	}
}

func (c *chip) transmit(to netip.AddrPort, datagram []byte) {
	if !c.silent {
		c.socket.WriteToUDPAddrPort(datagram, to) // what is lost is lost
	}
}

func (c *chip) tick(now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.peer != nil && !c.silent {
		c.peer.tick(now)
		c.stack.tickTCP(now)
	}
}

func (c *chip) usable(now, born time.Time, heard bool) {
	m := c.fleet.mark.Load()
	if born.Before(m.at) {
		return
	}
	if c.mark != m {
		c.mark, c.upAt, c.heardAt = m, time.Time{}, time.Time{}
	}
	if c.upAt.IsZero() {
		c.upAt = now
		m.up.Add(1)
	}
	if heard && c.heardAt.IsZero() {
		c.heardAt = now
		m.heard.Add(1)
	}
}

// upSince gives how long after m the chip was up and heard; negative: it was not.
func (c *chip) upSince(m *mark) (up, heard time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	up, heard = -1, -1
	if c.mark == m {
		up = c.upAt.Sub(m.at)
		if !c.heardAt.IsZero() {
			heard = c.heardAt.Sub(m.at)
		}
	}
	return up, heard
}

func (c *chip) replied(now time.Time, sequence uint16) {
	if !c.pinged.IsZero() && sequence == uint16(c.fleet.round.Load()) {
		c.rtt = now.Sub(c.pinged)
		c.pinged = time.Time{}
		c.fleet.replies.Add(1)
	}
}

// close loses the power, for good.
func (c *chip) close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.socket != nil {
		c.socket.Close()
		c.socket = nil
	}
}
