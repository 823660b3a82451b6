package wgload

import (
	"context"
	"errors"
	"math/rand/v2"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	wg "golang.zx2c4.com/wireguard/device"

	"dev.tailbridge/embedded/cmd/lab/keys"
	"dev.tailbridge/embedded/cmd/lab/noise"
	"dev.tailbridge/embedded/cmd/lab/offload"
)

const (
	// fresh is how old a session may be when a run begins. No run is longer than
	// maxRun, and a session lives 180 s.
	fresh  = 60 * time.Second
	maxRun = 100 * time.Second
	// quiet is how often an idle client sends a keepalive: a server that only
	// sends wants to hear something within 15 s.
	quiet      = 8 * time.Second
	socketSize = 8 << 20 // the kernel takes what it allows
)

// client is one tunnel: keys, a socket, a session at a time.
type client struct {
	private, public keys.Key
	address         netip.Addr

	socket   *net.UDPConn
	identity *noise.Identity
	gro      bool

	session  atomic.Pointer[session]
	begun    chan struct{} // of capacity 1: a session has begun
	progress chan struct{} // of capacity 1: packets have come

	mu        sync.Mutex // guards what follows and the sending half of the session
	macs      *noise.Macs
	handshake *noise.Handshake
	lastSent  time.Time

	received, receivedBytes, disordered, late atomic.Int64
}

type session struct {
	*noise.Session
	born time.Time
	next uint64 // the least counter that has not come; the receiver's alone
}

func (c *client) open(identity *noise.Identity, bind netip.Addr, server netip.AddrPort, gro bool) error {
	socket, err := net.DialUDP("udp", net.UDPAddrFromAddrPort(netip.AddrPortFrom(bind, 0)), net.UDPAddrFromAddrPort(server))
	if err != nil {
		return err
	}
	socket.SetReadBuffer(socketSize)
	socket.SetWriteBuffer(socketSize)
	if gro {
		if err := offload.Coalesce(socket); err != nil {
			socket.Close()
			return err
		}
	}
	c.socket, c.identity, c.gro, c.macs = socket, identity, gro, identity.NewMacs()
	c.begun, c.progress = make(chan struct{}, 1), make(chan struct{}, 1)
	go c.receive()
	return nil
}

func (c *client) close() {
	if c.socket != nil {
		c.socket.Close()
	}
}

// connect begins a new session, unless there is a fresh one.
func (c *client) connect(ctx context.Context) error {
	if s := c.session.Load(); s != nil && time.Since(s.born) < fresh {
		return nil
	}
	select {
	case <-c.begun:
	default:
	}
	for {
		if err := c.initiate(); err != nil {
			return err
		}
		select {
		case <-c.begun:
			return nil
		case <-time.After(wg.RekeyTimeout):
		case <-ctx.Done():
			return errors.New("no answer to the handshake")
		}
	}
}

func (c *client) initiate() error {
	h, message, err := c.identity.Initiate(rand.Uint32(), noise.StampAt(time.Now()))
	if err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.macs.Add(message)
	c.handshake = h
	_, err = c.socket.Write(message)
	return err
}

func (c *client) consumeResponse(message []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.handshake == nil || !c.macs.Check(message) {
		return
	}
	s, err := c.handshake.ConsumeResponse(message)
	if err != nil {
		return
	}
	c.handshake = nil
	c.session.Store(&session{Session: s, born: time.Now()})
	c.keepalive(s)
	select {
	case c.begun <- struct{}{}:
	default:
	}
}

// keepalive is called with mu held.
func (c *client) keepalive(s *noise.Session) {
	c.socket.Write(s.Seal(nil, nil))
	c.lastSent = time.Now()
}

// tick keeps the server content.
func (c *client) tick() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if s := c.session.Load(); s != nil && time.Since(s.born) < wg.RejectAfterTime && time.Since(c.lastSent) >= quiet {
		c.keepalive(s.Session)
	}
}
