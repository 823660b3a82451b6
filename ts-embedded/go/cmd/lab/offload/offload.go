// Package offload is what a UDP socket needs for segmentation by the kernel (GSO)
// and for its counterpart on the receiving side (GRO).
package offload

import (
	"encoding/binary"
	"net"
	"unsafe"

	"golang.org/x/sys/unix"
)

// MaxSegments is how many datagrams the kernel cuts a buffer into.
const MaxSegments = 64

// MaxBytes is how long that buffer may be: a UDP datagram's length over IPv4.
const MaxBytes = 65507

// ControlSize is enough room for a control message of either kind.
var ControlSize = unix.CmsgSpace(4)

// Segments is the control message of a send that is to be cut into datagrams of
// size bytes.
func Segments(size int) []byte {
	control := make([]byte, unix.CmsgSpace(2))
	header := (*unix.Cmsghdr)(unsafe.Pointer(&control[0]))
	header.Level, header.Type = unix.SOL_UDP, unix.UDP_SEGMENT
	header.SetLen(unix.CmsgLen(2))
	binary.NativeEndian.PutUint16(control[unix.CmsgLen(0):], uint16(size))
	return control
}

// Coalesce makes the socket hand over datagrams of one sender together.
func Coalesce(socket *net.UDPConn) error {
	raw, err := socket.SyscallConn()
	if err != nil {
		return err
	}
	var failed error
	err = raw.Control(func(fd uintptr) {
		failed = unix.SetsockoptInt(int(fd), unix.SOL_UDP, unix.UDP_GRO, 1)
	})
	if err != nil {
		return err
	}
	return failed
}

// Coalesced is the size of the datagrams that came together, from the control
// messages of a receive; otherwise where they did not.
func Coalesced(control []byte, otherwise int) int {
	for len(control) >= unix.SizeofCmsghdr {
		header, data, rest, err := unix.ParseOneSocketControlMessage(control)
		if err != nil {
			break
		}
		if header.Level == unix.SOL_UDP && header.Type == unix.UDP_GRO && len(data) >= 2 {
			return int(binary.NativeEndian.Uint16(data))
		}
		control = rest
	}
	return otherwise
}
