package netstack

import (
	"context"
	"math"
	"os"
	"sync"

	"golang.zx2c4.com/wireguard/tun"
	"gvisor.dev/gvisor/pkg/buffer"
	"gvisor.dev/gvisor/pkg/tcpip/header"
	"gvisor.dev/gvisor/pkg/tcpip/link/channel"
	"gvisor.dev/gvisor/pkg/tcpip/stack"
)

// queued is how many packets wait for encryption before the stack loses some.
const queued = 4096

// link carries IPv4 packets between the network stack and wireguard-go.
type link struct {
	endpoint *channel.Endpoint
	mtu      int
	batch    int
	window   uint16 // of TCP, if it is to be a chip's; otherwise 0
	events   chan tun.Event
	ctx      context.Context
	cancel   context.CancelFunc
	once     sync.Once
}

func newLink(mtu, batch int) *link {
	ctx, cancel := context.WithCancel(context.Background())
	l := &link{endpoint: channel.New(queued, uint32(mtu), ""), mtu: mtu, batch: batch, events: make(chan tun.Event, 1), ctx: ctx, cancel: cancel}
	l.events <- tun.EventUp
	return l
}

func (l *link) Read(bufs [][]byte, sizes []int, offset int) (int, error) {
	packet := l.endpoint.ReadContext(l.ctx)
	if packet == nil {
		return 0, os.ErrClosed
	}
	n := 0
	for packet != nil {
		sizes[n] = 0
		for _, part := range packet.AsSlices() {
			sizes[n] += copy(bufs[n][offset+sizes[n]:], part)
		}
		if l.window > 0 {
			poorer(bufs[n][offset:][:sizes[n]], l.window)
		}
		packet.DecRef()
		if n++; n == len(bufs) {
			break
		}
		packet = l.endpoint.Read()
	}
	return n, nil
}

func (l *link) Write(bufs [][]byte, offset int) (int, error) {
	for _, b := range bufs {
		packet := b[offset:]
		if len(packet) == 0 || header.IPVersion(packet) != header.IPv4Version {
			continue // a chip speaks IPv4 in its tunnel
		}
		if l.window > 0 {
			poorer(packet, math.MaxUint16) // the caller's window is its own
		}
		p := stack.NewPacketBuffer(stack.PacketBufferOptions{Payload: buffer.MakeWithData(packet)})
		l.endpoint.InjectInbound(header.IPv4ProtocolNumber, p)
		p.DecRef()
	}
	return len(bufs), nil
}

func (l *link) Close() error {
	l.once.Do(func() {
		l.cancel()
		close(l.events)
	})
	return nil
}

func (l *link) File() *os.File           { return nil }
func (l *link) MTU() (int, error)        { return l.mtu, nil }
func (l *link) Name() (string, error)    { return "lab", nil }
func (l *link) Events() <-chan tun.Event { return l.events }
func (l *link) BatchSize() int           { return l.batch }
