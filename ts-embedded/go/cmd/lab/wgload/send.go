package wgload

import (
	"context"
	"errors"
	"net"
	"syscall"
	"time"

	"golang.org/x/net/ipv4"

	"dev.tailbridge/embedded/cmd/lab/inner"
	"dev.tailbridge/embedded/cmd/lab/noise"
	"dev.tailbridge/embedded/cmd/lab/offload"
)

// most is how many datagrams one system call sends.
const most = 64

// stalled is when packets that did not come back count as lost.
const stalled = 100 * time.Millisecond

// refused reports whether nobody listens at the server's port at the moment, which
// a connected socket is told.
func (c *client) refused(err error) bool { return errors.Is(err, syscall.ECONNREFUSED) }

// load is what one client sends in a run.
type load struct {
	packet []byte
	rate   float64 // packets a second; 0: no limit
	window int64   // packets that may be on their way back; 0: no limit
	span   time.Duration
	gso    bool
}

// run sends until the time is over, and gives how many packets the kernel took.
func (c *client) run(ctx context.Context, l load) (sent, failed int64, err error) {
	s := c.session.Load()
	if s == nil {
		return 0, 0, errors.New("not connected")
	}
	b := newBatch(c.socket, len(l.packet), l.gso)
	begun := time.Now()
	pace := inner.Pace{Begun: begun, Rate: l.rate}
	back := c.received.Load()
	for now := begun; ctx.Err() == nil && now.Sub(begun) < l.span; now = time.Now() {
		room := b.most
		if l.window > 0 {
			flying := sent - (c.received.Load() - back)
			if flying > l.window*3/4 {
				if !c.awaitProgress() {
					back = c.received.Load() - sent // what flew is lost
				}
				continue
			}
			room = int(min(int64(room), l.window-flying))
		}
		due := pace.Due(now, room)
		if due == 0 {
			continue
		}
		delivered, err := c.sendBatch(b, s.Session, l.packet, due)
		sent += int64(delivered)
		failed += int64(due - delivered)
		if err != nil && !c.refused(err) && !errors.Is(err, syscall.ENOBUFS) {
			return sent, failed, err
		}
	}
	return sent, failed, nil
}

// awaitProgress reports whether packets came back before they count as lost.
func (c *client) awaitProgress() bool {
	select {
	case <-c.progress:
		return true
	case <-time.After(stalled):
		return false
	}
}

func (c *client) sendBatch(b *batch, s *noise.Session, packet []byte, n int) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.lastSent = time.Now()
	return b.send(s, packet, n)
}

// batch is sealed packets, one after the other in one buffer.
type batch struct {
	connection *ipv4.PacketConn
	size, most int
	buffer     []byte
	messages   []ipv4.Message
	gso        bool
}

func newBatch(socket *net.UDPConn, packet int, gso bool) *batch {
	b := &batch{connection: ipv4.NewPacketConn(socket), size: noise.Overhead + (packet+15)/16*16, most: most, gso: gso}
	if gso {
		b.most = min(offload.MaxSegments, offload.MaxBytes/b.size)
	}
	b.buffer = make([]byte, 0, b.most*b.size+64)
	b.messages = make([]ipv4.Message, b.most)
	for i := range b.messages {
		b.messages[i].Buffers = make([][]byte, 1)
	}
	return b
}

// send seals packet n times and sends it, and gives how many the kernel took.
func (b *batch) send(s *noise.Session, packet []byte, n int) (delivered int, err error) {
	b.buffer = b.buffer[:0]
	for i := range n {
		b.buffer = s.Seal(b.buffer, packet)
		b.messages[i].Buffers[0] = b.buffer[i*b.size:]
	}
	left := b.messages[:n]
	if b.gso {
		whole := ipv4.Message{Buffers: [][]byte{b.buffer}, OOB: offload.Segments(b.size)}
		if _, err := b.connection.WriteBatch([]ipv4.Message{whole}, 0); err != nil {
			return 0, err
		}
		return n, nil
	}
	for len(left) > 0 {
		n, failure := b.connection.WriteBatch(left, 0)
		if failure != nil {
			err = failure
			n = 1
		} else {
			delivered += n
		}
		left = left[n:]
	}
	return delivered, err
}
