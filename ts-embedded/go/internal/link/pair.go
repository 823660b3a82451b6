package link

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// sendBuffer is asked for on both ends of a pair. The kernel doubles it and
// caps it at net.core.wmem_max; the default holds only 93 packets of 1280
// bytes.
const sendBuffer = 256 << 10

// Pair makes a connected AF_UNIX stream pair, non-blocking and close-on-exec
// on both ends. The first end stays in Go; the second is a bare descriptor for
// Java, owned by whoever gets to know its number.
func Pair() (ours *os.File, theirs int, err error) {
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, -1, fmt.Errorf("no socket pair: %w (raise the limit of open files?)", err)
	}
	for _, fd := range fds {
		// A smaller buffer than asked for costs throughput, nothing else.
		unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_SNDBUF, sendBuffer)
	}
	return os.NewFile(uintptr(fds[0]), "pair"), fds[1], nil
}
