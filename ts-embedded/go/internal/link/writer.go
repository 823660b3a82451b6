package link

import (
	"sync"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// writer sends packets to Java, all of one call with one system call.
//
// The socket may take a part of them only, and end in the middle of one. The
// rest of that packet must follow before anything else or the framing is lost,
// and must follow even if no other packet comes: remainder holds it, and while
// it is not empty one flush goroutine waits for the socket to become writable.
type writer struct {
	raw     syscall.RawConn
	dropped counter

	mu        sync.Mutex
	remainder []byte
	flushing  bool
	vector    []unix.Iovec // of the send in progress; kept for its memory
}

// write sends the packets bufs[i][offset:] or drops them, whole ones only.
func (w *writer) write(bufs [][]byte, offset int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.vector = w.vector[:0]
	w.add(w.remainder)
	total := len(w.remainder)
	for _, buf := range bufs {
		packet := buf[offset:]
		// Java frames by the header; a packet that contradicts it would end the stream.
		if length, err := packetLength(packet); err != nil || length == 0 || length != len(packet) {
			w.dropped.Add(1)
			continue
		}
		w.add(packet)
		total += len(packet)
	}
	if total == 0 {
		return
	}
	sent := 0
	// Control, not Write: that would wait for the flush goroutine, which holds
	// the write lock of the descriptor while it waits for the socket.
	if err := w.raw.Control(func(fd uintptr) { sent, _ = sendVector(fd, w.vector) }); err != nil {
		sent = 0
	}
	w.settle(sent, len(w.remainder))
	clear(w.vector)
}

// settle looks through the vector for what did not go out: it keeps the rest of
// a packet that was cut and counts the whole ones as dropped. The first old
// bytes of the vector are the former remainder.
func (w *writer) settle(sent, old int) {
	first := 0
	if old > 0 {
		first = 1
		if sent < old {
			w.remainder = append(w.remainder[:0], w.remainder[sent:]...)
			w.dropped.Add(uint64(len(w.vector) - first))
			w.flushLater()
			return
		}
		sent -= old
		w.remainder = w.remainder[:0]
	}
	for i, v := range w.vector[first:] {
		length := int(v.Len)
		if sent >= length {
			sent -= length
			continue
		}
		whole := len(w.vector) - first - i
		if sent > 0 {
			packet := unsafe.Slice(v.Base, length)
			w.remainder = append(w.remainder[:0], packet[sent:]...)
			w.flushLater()
			whole--
		}
		w.dropped.Add(uint64(whole))
		return
	}
}

func (w *writer) flushLater() {
	if !w.flushing {
		w.flushing = true
		go w.flush()
	}
}

// flush sends the remainder as soon as the socket has room. It ends when there
// is none, or when the socket is closed on either side.
func (w *writer) flush() {
	err := w.raw.Write(func(fd uintptr) bool {
		w.mu.Lock()
		defer w.mu.Unlock()
		for len(w.remainder) > 0 {
			n, err := unix.SendmsgN(int(fd), w.remainder, nil, nil, unix.MSG_DONTWAIT|unix.MSG_NOSIGNAL)
			if err != nil && wouldBlock(err) {
				return false
			}
			if err != nil { // Java closed its end
				n = len(w.remainder)
			}
			w.remainder = append(w.remainder[:0], w.remainder[n:]...)
		}
		w.flushing = false
		return true
	})
	if err != nil { // closed by us: nothing will be sent any more
		w.mu.Lock()
		w.remainder, w.flushing = nil, false
		w.mu.Unlock()
	}
}

func (w *writer) add(b []byte) {
	if len(b) > 0 {
		v := unix.Iovec{Base: &b[0]}
		v.SetLen(len(b))
		w.vector = append(w.vector, v)
	}
}

// sendVector returns the number of bytes that the socket took. Unlike
// unix.SendmsgBuffers it allocates nothing.
func sendVector(fd uintptr, vector []unix.Iovec) (int, error) {
	var message unix.Msghdr
	message.Iov = &vector[0]
	message.SetIovlen(len(vector))
	n, _, errno := unix.Syscall(unix.SYS_SENDMSG, fd, uintptr(unsafe.Pointer(&message)), unix.MSG_DONTWAIT|unix.MSG_NOSIGNAL)
	if errno != 0 {
		return 0, errno
	}
	return int(n), nil
}
