package wgleg

import (
	"context"
	"encoding/binary"
	"fmt"
	"net/netip"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"golang.zx2c4.com/wireguard/conn"
	"golang.zx2c4.com/wireguard/tun"
	"gvisor.dev/gvisor/pkg/tcpip/header"

	"dev.tailbridge/embedded/cmd/lab/inner"
)

const (
	echoPort, discardPort = 7, 9
	// inFlight is how many packets may be between Read and the socket. wireguard-go
	// has 64 KiB of memory in hand for each.
	inFlight = 4096
	// queued is how many writes, each of one packet or more, wait to be echoed.
	queued = 1024
	// stalled is when packets in flight count as lost: no key, no endpoint.
	stalled = 200 * time.Millisecond
)

// bare is the least that there can be on the inner side: packets to UDP port 7 come
// back, those to port 9 are counted, and a source makes as many as it is asked for.
// Its work per packet is a copy or two, so that what is measured is WireGuard's.
type bare struct {
	counters
	bind   *Loopback
	mtu    int
	events chan tun.Event
	ctx    context.Context
	cancel context.CancelFunc
	once   sync.Once

	echoes chan *batch
	free   chan *batch
	left   *batch // not yet read; Read has one caller
	source chan *source
	active *source
	read   atomic.Int64 // packets given to wireguard-go
}

type counters struct {
	received, receivedBytes, sent, dropped atomic.Int64
}

// batch is what one Write brought to be echoed.
type batch struct {
	packets [conn.IdealBatchSize][]byte
	n, next int
}

func newBare(mtu int, bind *Loopback) *bare {
	ctx, cancel := context.WithCancel(context.Background())
	b := &bare{
		bind: bind, mtu: mtu, events: make(chan tun.Event, 1), ctx: ctx, cancel: cancel,
		echoes: make(chan *batch, queued), free: make(chan *batch, queued), source: make(chan *source),
	}
	b.events <- tun.EventUp
	return b
}

// Write takes packets from the tunnel.
func (b *bare) Write(bufs [][]byte, offset int) (int, error) {
	var echoes *batch
	bytes := int64(0)
	for _, buf := range bufs {
		packet := buf[offset:]
		bytes += int64(len(packet))
		if udpPort(packet) != echoPort {
			continue
		}
		if echoes == nil {
			echoes = b.empty()
		}
		// Read wants its packets in buffers of its own.
		echoes.packets[echoes.n] = append(echoes.packets[echoes.n][:0], packet...)
		inner.SwapEnds(echoes.packets[echoes.n])
		echoes.n++
	}
	b.received.Add(int64(len(bufs)))
	b.receivedBytes.Add(bytes)
	if echoes == nil {
		return len(bufs), nil
	}
	select {
	case b.echoes <- echoes:
	default: // as a TUN device does when nobody reads it
		b.dropped.Add(int64(echoes.n))
	}
	return len(bufs), nil
}

func (b *bare) empty() *batch {
	select {
	case e := <-b.free:
		e.n, e.next = 0, 0
		return e
	default:
		return new(batch)
	}
}

func udpPort(packet []byte) uint16 {
	if len(packet) < header.IPv4MinimumSize+header.UDPMinimumSize || packet[0] != 0x45 || packet[9] != uint8(header.UDPProtocolNumber) {
		return 0
	}
	return binary.BigEndian.Uint16(packet[header.IPv4MinimumSize+2:])
}

// Read gives packets to the tunnel.
func (b *bare) Read(bufs [][]byte, sizes []int, offset int) (int, error) {
	for {
		if b.left == nil && b.active == nil {
			select {
			case b.left = <-b.echoes:
			case b.active = <-b.source:
			case <-b.ctx.Done():
				return 0, os.ErrClosed
			}
		}
		if b.flying() > inFlight {
			b.awaitSent()
		}
		n := 0
		if b.left != nil {
			n = b.readEchoes(bufs, sizes, offset)
		} else {
			n = b.readSource(bufs, sizes, offset)
		}
		if n > 0 {
			b.read.Add(int64(n))
			b.sent.Add(int64(n))
			return n, nil
		}
		if b.ctx.Err() != nil {
			return 0, os.ErrClosed
		}
	}
}

func (b *bare) readEchoes(bufs [][]byte, sizes []int, offset int) (n int) {
	e := b.left
	for n < len(bufs) && e.next < e.n {
		sizes[n] = copy(bufs[n][offset:], e.packets[e.next])
		e.next++
		n++
	}
	if e.next == e.n {
		b.left = nil
		select {
		case b.free <- e:
		default:
		}
	}
	return n
}

// flying is how many packets wireguard-go has not sent yet.
func (b *bare) flying() int64 { return b.read.Load() - b.bind.sent.Load() }

// source is a stream of equal packets out of the tunnel's inner side.
type source struct {
	packet  []byte
	pace    inner.Pace
	end     time.Time
	made    int64
	seconds float64
	done    chan struct{}
}

func (b *bare) readSource(bufs [][]byte, sizes []int, offset int) (n int) {
	s := b.active
	now := time.Now()
	if !now.Before(s.end) {
		s.seconds = now.Sub(s.pace.Begun).Seconds()
		close(s.done)
		b.active = nil
		return 0
	}
	n = s.pace.Due(now, len(bufs))
	for i := range n {
		sizes[i] = copy(bufs[i][offset:], s.packet)
	}
	s.made += int64(n)
	return n
}

// awaitSent returns when there is room again, or nothing has moved for long.
func (b *bare) awaitSent() {
	since := time.Now()
	for before := b.bind.sent.Load(); b.flying() > inFlight/2 && b.ctx.Err() == nil; {
		time.Sleep(20 * time.Microsecond)
		if after := b.bind.sent.Load(); after != before {
			before, since = after, time.Now()
		} else if time.Since(since) > stalled {
			b.dropped.Add(b.flying())
			b.read.Store(after)
		}
	}
}

// stream makes packets of size bytes to an address for a time; rate 0: as many as
// the tunnel takes.
func (b *bare) stream(ctx context.Context, from netip.AddrPort, to netip.AddrPort, size int, rate float64, span time.Duration) (made int64, seconds float64, err error) {
	packet, err := inner.UDP(from, to, size)
	if err != nil {
		return 0, 0, err
	}
	now := time.Now()
	s := &source{packet: packet, pace: inner.Pace{Begun: now, Rate: rate}, end: now.Add(span), done: make(chan struct{})}
	select {
	case b.source <- s:
	case <-ctx.Done():
		return 0, 0, ctx.Err()
	case <-time.After(time.Second):
		return 0, 0, fmt.Errorf("another source is running")
	}
	select {
	case <-s.done:
		return s.made, s.seconds, nil
	case <-b.ctx.Done():
		return 0, 0, os.ErrClosed
	}
}

func (b *bare) Close() error {
	b.once.Do(func() {
		b.cancel()
		close(b.events)
	})
	return nil
}

func (b *bare) File() *os.File           { return nil }
func (b *bare) MTU() (int, error)        { return b.mtu, nil }
func (b *bare) Name() (string, error)    { return "bare", nil }
func (b *bare) Events() <-chan tun.Event { return b.events }
func (b *bare) BatchSize() int           { return conn.IdealBatchSize }
