package device

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/net/ipv4"
	"golang.zx2c4.com/wireguard/conn"
)

// batch is how many datagrams one system call moves.
const batch = 64

// socket is the device's one UDP socket, as wireguard-go wants it. It can be
// exchanged for another under a running session, as a NAT that forgets its
// mapping does, and silenced, as a radio that is off.
type socket struct {
	local  netip.Addr
	muted  atomic.Bool
	window *window
	// transported is when a transport packet was last sent, in Unix nanoseconds.
	transported atomic.Int64
	// outgoing may change a handshake initiation in place; false keeps it back.
	outgoing func(initiation []byte) bool

	mu   sync.Mutex
	pc   *net.UDPConn // nil while closed
	port uint16
}

func (s *socket) Open(port uint16) ([]conn.ReceiveFunc, uint16, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.pc != nil {
		return nil, 0, conn.ErrBindAlreadyOpen
	}
	pc, err := listenUDP(s.local, port)
	if err != nil {
		return nil, 0, err
	}
	s.pc, s.port = pc, localPort(pc)
	return []conn.ReceiveFunc{s.receiver()}, s.port, nil
}

func listenUDP(local netip.Addr, port uint16) (*net.UDPConn, error) {
	pc, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(netip.AddrPortFrom(local, port)))
	if err != nil {
		return nil, err
	}
	for _, set := range []func(int) error{pc.SetReadBuffer, pc.SetWriteBuffer} {
		if err := set(4 << 20); err != nil { // the kernel takes what it allows
			pc.Close()
			return nil, err
		}
	}
	return pc, nil
}

func localPort(pc *net.UDPConn) uint16 {
	return pc.LocalAddr().(*net.UDPAddr).AddrPort().Port()
}

// rebind moves to another port at local. What is on its way to the old one is lost.
func (s *socket) rebind(local netip.Addr) (from, to uint16, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.pc == nil {
		return 0, 0, net.ErrClosed
	}
	pc, err := listenUDP(local, 0)
	if err != nil {
		return 0, 0, fmt.Errorf("no second socket: %w", err)
	}
	old := s.pc
	from, to = s.port, localPort(pc)
	s.pc, s.port = pc, to
	old.Close()
	return from, to, nil
}

func (s *socket) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.pc == nil {
		return nil
	}
	err := s.pc.Close()
	s.pc = nil
	return err
}

func (s *socket) current() *net.UDPConn {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.pc
}

// receiver reads the socket of the moment until the device is closed.
func (s *socket) receiver() conn.ReceiveFunc {
	messages := make([]ipv4.Message, batch)
	return func(packets [][]byte, sizes []int, eps []conn.Endpoint) (int, error) {
		for {
			pc := s.current()
			if pc == nil {
				return 0, net.ErrClosed
			}
			for i := range packets {
				messages[i].Buffers = [][]byte{packets[i]}
			}
			n, err := ipv4.NewPacketConn(pc).ReadBatch(messages[:len(packets)], 0)
			if err != nil {
				if s.current() == pc {
					return 0, err
				}
				continue // exchanged while we waited
			}
			if s.muted.Load() {
				continue
			}
			for i, m := range messages[:n] {
				sizes[i] = m.N
				if !s.window.admits(packets[i][:m.N]) {
					sizes[i] = 0
				}
				eps[i] = &conn.StdNetEndpoint{AddrPort: m.Addr.(*net.UDPAddr).AddrPort()}
			}
			return n, nil
		}
	}
}

func (s *socket) Send(bufs [][]byte, ep conn.Endpoint) error {
	to, ok := ep.(*conn.StdNetEndpoint)
	if !ok {
		return conn.ErrWrongEndpointType
	}
	if s.muted.Load() {
		return nil
	}
	address := net.UDPAddrFromAddrPort(to.AddrPort)
	messages := make([]ipv4.Message, 0, len(bufs))
	transports := false
	for _, packet := range bufs {
		if isInitiation(packet) && s.outgoing != nil && !s.outgoing(packet) {
			continue
		}
		transports = transports || isTransport(packet)
		messages = append(messages, ipv4.Message{Buffers: [][]byte{packet}, Addr: address})
	}
	for len(messages) > 0 {
		pc := s.current()
		if pc == nil {
			return net.ErrClosed
		}
		n, err := ipv4.NewPacketConn(pc).WriteBatch(messages, 0)
		if err != nil && !(errors.Is(err, net.ErrClosed) && s.current() != pc) {
			return err
		}
		messages = messages[max(n, 0):]
	}
	if transports {
		s.transported.Store(time.Now().UnixNano())
	}
	return nil
}

func (s *socket) ParseEndpoint(text string) (conn.Endpoint, error) {
	to, err := netip.ParseAddrPort(text)
	if err != nil {
		return nil, err
	}
	return &conn.StdNetEndpoint{AddrPort: to}, nil
}

func (s *socket) SetMark(uint32) error { return nil }
func (s *socket) BatchSize() int       { return batch }
