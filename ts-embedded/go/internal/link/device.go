// Package link is the packet road between a tailnet node and Java: a
// [tun.Device] over one end of a non-blocking stream pair on which bare IP
// packets follow one another, framed by the length in their own headers.
//
// Neither direction ever blocks the node: what Java does not take is dropped
// and counted. Nothing that Java does to its end makes Read fail, since a
// failing Read closes the WireGuard device while the control server still
// believes the node to be online.
package link

import (
	"errors"
	"os"
	"sync"
	"sync/atomic"
	"syscall"

	"github.com/tailscale/wireguard-go/tun"
)

const (
	// MTU is Tailscale's safe MTU and the largest packet taken from Java.
	MTU = 1280

	// batchSize is the number of packets of one Read or Write. The tun wrapper
	// passes exactly that many buffers, and each costs one buffer for ever.
	batchSize = 32
)

var _ tun.Device = (*Device)(nil)

// Device is the tun device of one node. Read is called by one goroutine, all
// else by any number of them.
type Device struct {
	reader reader
	writer writer

	file   *os.File
	events chan tun.Event
	closed chan struct{}
	once   sync.Once

	onEnd func(error)
	ended sync.Once
}

// Counters of a device, in packets.
type Counters struct {
	ToJavaDropped uint64 // the pair was full, or the packet malformed
	FromJavaBad   uint64 // longer than the MTU
}

// New makes a device over file, which it owns from now on. onEnd is called at
// most once, and must not block, when Java closed its end or lost the framing:
// the node should be stopped then.
func New(file *os.File, onEnd func(error)) (*Device, error) {
	raw, err := file.SyscallConn()
	if err != nil {
		file.Close()
		return nil, err
	}
	d := &Device{
		file:   file,
		events: make(chan tun.Event, 1),
		closed: make(chan struct{}),
		onEnd:  onEnd,
	}
	d.reader.raw = raw
	d.writer.raw = raw
	d.events <- tun.EventUp
	return d, nil
}

// Read takes up to len(bufs) packets that Java wrote. It returns an error only
// once the device is closed.
func (d *Device) Read(bufs [][]byte, sizes []int, offset int) (int, error) {
	n, err := d.reader.read(bufs, sizes, offset)
	if err == nil {
		return n, nil
	}
	select {
	case <-d.closed: // which is why it failed
	default:
		d.ended.Do(func() { d.onEnd(err) })
		<-d.closed
	}
	return 0, os.ErrClosed
}

// Write hands packets to Java. It never blocks, and reports dropped packets by
// the counters alone: an error would be logged for each batch.
func (d *Device) Write(bufs [][]byte, offset int) (int, error) {
	select {
	case <-d.closed:
		return 0, os.ErrClosed
	default:
	}
	d.writer.write(bufs, offset)
	return len(bufs), nil
}

// Close unblocks Read. It may be called again.
func (d *Device) Close() error {
	d.once.Do(func() {
		close(d.closed)
		d.file.Close()
		close(d.events)
	})
	return nil
}

// Counters may be asked at any time.
func (d *Device) Counters() Counters {
	return Counters{
		ToJavaDropped: d.writer.dropped.Load(),
		FromJavaBad:   d.reader.bad.Load(),
	}
}

func (d *Device) MTU() (int, error)        { return MTU, nil }
func (d *Device) Name() (string, error)    { return "tailbridge", nil }
func (d *Device) File() *os.File           { return nil }
func (d *Device) Events() <-chan tun.Event { return d.events }
func (d *Device) BatchSize() int           { return batchSize }

type counter = atomic.Uint64

// wouldBlock tells a full or empty socket from a broken one.
func wouldBlock(err error) bool {
	return errors.Is(err, syscall.EAGAIN) || errors.Is(err, syscall.EINTR)
}
