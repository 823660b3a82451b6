// Package flood sends handshake messages that lead nowhere, at an even rate, from
// many addresses and ports of 127.0.0.0/8, for a bounded time:
//
//	junk        right length and type, everything else random, so mac1 is wrong
//	valid-mac1  the same with a right mac1, which anybody can make who knows the
//	            server's public key: it costs the server an X25519
//	replay      one captured initiation, again and again (lab fleet has a command
//	            that gives one)
//
// It reads nothing back, except when asked what came. Its own processor time is in
// every answer.
package flood

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/net/ipv4"
	wg "golang.zx2c4.com/wireguard/device"

	"dev.tailbridge/embedded/cmd/lab/inner"
	"dev.tailbridge/embedded/cmd/lab/keys"
	"dev.tailbridge/embedded/cmd/lab/offload"
	"dev.tailbridge/embedded/cmd/lab/usage"
)

const (
	// variety is how many different messages are sent in turn.
	variety = 4096
	// burst is how many datagrams one system call sends at most.
	burst = 32
)

// flood has its sockets for as long as it lives.
type flood struct {
	target  netip.AddrPort
	server  keys.Key // zero: unknown, then there is no valid-mac1
	sockets []*net.UDPConn
	running sync.Mutex
	came    atomic.Int64 // datagrams from the server
}

// open has n sockets on addresses of their own: 127.77.x.y, each with one port.
func open(target netip.AddrPort, server keys.Key, n int) (*flood, error) {
	f := &flood{target: target, server: server}
	local := netip.AddrFrom4([4]byte{127, 77, 0, 1})
	if !target.Addr().Is4() {
		local = target.Addr() // IPv6 has one loopback address
	}
	for range n {
		socket, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(netip.AddrPortFrom(local, 0)))
		if err != nil {
			f.close()
			return nil, err
		}
		f.sockets = append(f.sockets, socket)
		go f.listen(socket)
		if local.Is4() {
			local = local.Next()
		}
	}
	return f, nil
}

// listen counts answers, so that they do not fill the socket.
func (f *flood) listen(socket *net.UDPConn) {
	buffer := make([]byte, 256)
	for {
		if _, _, err := socket.ReadFromUDPAddrPort(buffer); err != nil {
			return
		}
		f.came.Add(1)
	}
}

func (f *flood) close() {
	for _, s := range f.sockets {
		s.Close()
	}
}

// messages of a kind; captured is the one to be replayed.
func (f *flood) messages(kind string, captured []byte) ([][]byte, error) {
	if kind == "replay" {
		if len(captured) != wg.MessageInitiationSize {
			return nil, fmt.Errorf("a captured initiation has %d bytes, not %d", wg.MessageInitiationSize, len(captured))
		}
		return [][]byte{captured}, nil
	}
	var macs wg.CookieGenerator
	switch {
	case kind == "junk":
	case kind == "valid-mac1" && f.server != keys.Key{}:
		macs.Init(wg.NoisePublicKey(f.server))
	case kind == "valid-mac1":
		return nil, errors.New("valid-mac1 needs the server's key: start with -peer-key")
	default:
		return nil, fmt.Errorf("a kind is junk, valid-mac1 or replay, not %q", kind)
	}
	all := make([][]byte, variety)
	for i := range all {
		m := make([]byte, wg.MessageInitiationSize)
		rand.Read(m)
		binary.LittleEndian.PutUint32(m, wg.MessageInitiationType)
		if kind == "valid-mac1" {
			clear(m[wg.MessageInitiationSize-16:]) // no mac2
			macs.AddMacs(m)
		}
		all[i] = m
	}
	return all, nil
}

// options of a send: until count datagrams are sent, or span is over.
type options struct {
	rate  float64 // datagrams a second; 0: as fast as it goes
	count int64
	span  time.Duration
	gso   bool
}

// singly sends datagrams, and gives how many the kernel took.
func singly(from *ipv4.PacketConn, datagrams []ipv4.Message) (delivered int) {
	for len(datagrams) > 0 {
		n, err := from.WriteBatch(datagrams, 0)
		if err != nil {
			n = 1 // that one
		} else {
			delivered += n
		}
		datagrams = datagrams[n:]
	}
	return delivered
}

// together sends them as one buffer that the kernel cuts again: for the sender that
// is much cheaper, and for a receiver with GRO, too.
func together(from *ipv4.PacketConn, datagrams []ipv4.Message) (delivered int) {
	whole := ipv4.Message{Addr: datagrams[0].Addr, OOB: offload.Segments(wg.MessageInitiationSize)}
	for _, d := range datagrams {
		whole.Buffers = append(whole.Buffers, d.Buffers...)
	}
	if _, err := from.WriteBatch([]ipv4.Message{whole}, 0); err != nil {
		return 0
	}
	return len(datagrams)
}

type sent struct {
	Sent       int64   `json:"sent"`
	Failed     int64   `json:"failed"` // refused by the kernel
	Seconds    float64 `json:"seconds"`
	Rate       float64 `json:"rate"`
	Answers    int64   `json:"answers"`
	CPUSeconds float64 `json:"cpuSeconds"`
}

// send sends from one socket after the other until limit datagrams are sent, or span is over, or ctx is done.
func (f *flood) send(ctx context.Context, messages [][]byte, o options) (sent, error) {
	if !f.running.TryLock() {
		return sent{}, errors.New("it is flooding already")
	}
	defer f.running.Unlock()
	var s sent
	cpu, came := usage.CPUSeconds(), f.came.Load()
	to := net.UDPAddrFromAddrPort(f.target)
	begun := time.Now()
	pace := inner.Pace{Begun: begun, Rate: o.rate}
	socket, message := 0, 0
	connections := make([]*ipv4.PacketConn, len(f.sockets))
	for i := range f.sockets {
		connections[i] = ipv4.NewPacketConn(f.sockets[i])
	}
	datagrams := make([]ipv4.Message, burst)
	for i := range datagrams {
		datagrams[i] = ipv4.Message{Buffers: make([][]byte, 1), Addr: to}
	}
	for now := begun; ctx.Err() == nil && now.Sub(begun) < o.span && s.Sent+s.Failed < o.count; now = time.Now() {
		due := pace.Due(now, int(min(burst, o.count-s.Sent-s.Failed)))
		for i := range due {
			datagrams[i].Buffers[0] = messages[message]
			message = (message + 1) % len(messages)
		}
		if due == 0 {
			continue
		}
		delivered := 0
		if o.gso {
			delivered = together(connections[socket], datagrams[:due])
		} else {
			delivered = singly(connections[socket], datagrams[:due])
		}
		s.Sent += int64(delivered)
		s.Failed += int64(due - delivered)
		socket = (socket + 1) % len(connections)
	}
	s.Seconds = time.Since(begun).Seconds()
	s.Rate = float64(s.Sent) / s.Seconds
	s.CPUSeconds = usage.CPUSeconds() - cpu
	s.Answers = f.came.Load() - came
	return s, nil
}
