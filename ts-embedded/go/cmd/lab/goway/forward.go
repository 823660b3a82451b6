package goway

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"
)

// dialWithin is how long a device may take to accept.
const dialWithin = 10 * time.Second

// counters count connections and, when they end, their bytes.
type counters struct {
	connections, open, failed, toDevice, fromDevice atomic.Int64
}

// serve listens on every node.
func (w *way) serve(ctx context.Context, ports []uint16) error {
	for _, d := range w.devices {
		for _, port := range ports {
			l, err := d.node.Listen("tcp", fmt.Sprintf(":%d", port))
			if err != nil {
				return fmt.Errorf("port %d of %s: %w", port, d.name, err)
			}
			to := netip.AddrPortFrom(d.address, port).String()
			go w.accept(ctx, l, to)
		}
	}
	return nil
}

// accept serves l until its node is closed.
func (w *way) accept(ctx context.Context, l net.Listener, to string) {
	for {
		caller, err := l.Accept()
		if err != nil {
			return
		}
		w.connections.Add(1)
		go w.forward(ctx, caller, to)
	}
}

func (w *way) forward(ctx context.Context, caller net.Conn, to string) {
	w.open.Add(1)
	defer w.open.Add(-1)
	defer caller.Close()
	dialling, cancel := context.WithTimeout(ctx, dialWithin)
	device, err := w.server.Dial(dialling, "tcp", to)
	cancel()
	if err != nil {
		w.failed.Add(1)
		return
	}
	defer device.Close()
	var both sync.WaitGroup
	both.Go(func() { copyAll(device, caller, &w.toDevice) })
	both.Go(func() { copyAll(caller, device, &w.fromDevice) })
	both.Wait()
}

// copyAll copies until the end and passes that on.
func copyAll(to, from net.Conn, count *atomic.Int64) {
	n, err := io.Copy(to, from)
	count.Add(n)
	half, ok := to.(interface{ CloseWrite() error })
	if err != nil || !ok {
		to.Close()
		return
	}
	half.CloseWrite()
}
