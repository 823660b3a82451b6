package link

import (
	"errors"
	"fmt"
	"sync"
	"syscall"

	"golang.org/x/sys/unix"
)

// errJavaClosed ends a node whose packet descriptor was closed by Java.
var errJavaClosed = errors.New("the packet descriptor was closed")

// chunk is what one read of the socket may return.
const chunk = 64 << 10

// chunks are shared by all devices; an idle one holds none.
var chunks = sync.Pool{New: func() any { return new([chunk]byte) }}

// reader cuts the stream from Java into packets. One read of the socket
// usually brings more of them than a caller has room for: waiting holds those,
// and the socket is not read again before all of them were handed over.
type reader struct {
	raw syscall.RawConn
	bad counter

	chunk   *[chunk]byte // backs waiting; nil when nothing is
	waiting []byte
	partial []byte // start of a packet whose rest was not read yet, at most MTU bytes
	skip    int    // what is still to come of a packet above the MTU
}

// read blocks until it has a packet. Its error is final.
func (r *reader) read(bufs [][]byte, sizes []int, offset int) (int, error) {
	for {
		n, err := r.cut(bufs, sizes, offset)
		if n > 0 || err != nil {
			return n, err
		}
		if err := r.fill(); err != nil {
			return 0, err
		}
	}
}

// cut moves whole packets from waiting into bufs. When none is left it gives
// the chunk back and keeps the incomplete one aside.
func (r *reader) cut(bufs [][]byte, sizes []int, offset int) (int, error) {
	if r.chunk == nil {
		return 0, nil
	}
	n := 0
	for n < len(bufs) {
		r.skipOversize()
		length, err := packetLength(r.waiting)
		if err != nil {
			if n > 0 {
				return n, nil // the next call finds the same error
			}
			return 0, fmt.Errorf("not an IP packet on the packet descriptor: %w", err)
		}
		if length > MTU {
			r.bad.Add(1)
			r.skip = length
			continue
		}
		if length == 0 || length > len(r.waiting) {
			r.partial = append(r.partial[:0], r.waiting...)
			r.release()
			return n, nil
		}
		sizes[n] = copy(bufs[n][offset:], r.waiting[:length])
		r.waiting = r.waiting[length:]
		n++
	}
	return n, nil
}

func (r *reader) skipOversize() {
	n := min(r.skip, len(r.waiting))
	r.skip -= n
	r.waiting = r.waiting[n:]
}

// fill waits for bytes and makes them, behind what was left over, the waiting
// ones. It holds no chunk while it waits.
func (r *reader) fill() error {
	var failed error
	err := r.raw.Read(func(fd uintptr) bool {
		c := chunks.Get().(*[chunk]byte)
		kept := copy(c[:], r.partial)
		n, err := unix.Read(int(fd), c[kept:])
		switch {
		case n > 0:
			r.chunk, r.waiting = c, c[:kept+n]
			r.partial = r.partial[:0]
			return true
		case err != nil && wouldBlock(err):
			chunks.Put(c)
			return false
		case err == nil || errors.Is(err, unix.ECONNRESET):
			failed = errJavaClosed
		default:
			failed = fmt.Errorf("reading the packet descriptor: %w", err)
		}
		chunks.Put(c)
		return true
	})
	if err != nil {
		return err
	}
	return failed
}

func (r *reader) release() {
	chunks.Put(r.chunk)
	r.chunk, r.waiting = nil, nil
}
