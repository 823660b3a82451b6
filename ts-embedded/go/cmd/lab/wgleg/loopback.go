package wgleg

import (
	"errors"
	"fmt"
	"net"
	"reflect"
	"sync/atomic"
	"unsafe"

	"golang.org/x/sys/unix"
	"golang.zx2c4.com/wireguard/conn"
)

// Loopback is the bind of wireguard-go as it is, with its GSO, GRO and batches, but
// tied to the loopback interface: on its own it listens everywhere. It counts what
// is sent.
type Loopback struct {
	*conn.StdNetBind
	sent atomic.Int64
}

// NewLoopback is closed.
func NewLoopback() *Loopback {
	return &Loopback{StdNetBind: conn.NewStdNetBind().(*conn.StdNetBind)}
}

// Open opens a port; 0: any.
func (l *Loopback) Open(port uint16) ([]conn.ReceiveFunc, uint16, error) {
	receivers, port, err := l.StdNetBind.Open(port)
	if err != nil {
		return nil, 0, err
	}
	if err := l.confine(); err != nil {
		l.StdNetBind.Close()
		return nil, 0, err
	}
	return receivers, port, nil
}

// Send counts.
func (l *Loopback) Send(bufs [][]byte, to conn.Endpoint) error {
	l.sent.Add(int64(len(bufs)))
	return l.StdNetBind.Send(bufs, to)
}

// confine ties the sockets to the interface lo. They are unexported fields, and
// there is no other way to them.
func (l *Loopback) confine() error {
	confined := 0
	for _, name := range []string{"ipv4", "ipv6"} {
		f := reflect.ValueOf(l.StdNetBind).Elem().FieldByName(name)
		if !f.IsValid() || f.Type() != reflect.TypeFor[*net.UDPConn]() {
			return fmt.Errorf("this wireguard-go has no StdNetBind.%s: it would listen to everybody", name)
		}
		socket := *(**net.UDPConn)(unsafe.Pointer(f.UnsafeAddr()))
		if socket == nil {
			continue
		}
		raw, err := socket.SyscallConn()
		if err != nil {
			return err
		}
		var failed error
		if err := raw.Control(func(fd uintptr) { failed = unix.BindToDevice(int(fd), "lo") }); err != nil {
			return err
		}
		if failed != nil {
			return fmt.Errorf("tie the socket to lo: %w", failed)
		}
		confined++
	}
	if confined == 0 {
		return errors.New("no socket was opened")
	}
	return nil
}
