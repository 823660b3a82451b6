package link

import (
	"errors"
	"fmt"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// Dial connects to an AF_UNIX stream socket, non-blocking and close-on-exec.
func Dial(path string) (*os.File, error) {
	fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, fmt.Errorf("no socket: %w", err)
	}
	// Such a socket connects at once or not at all (unix(7)).
	if err := unix.Connect(fd, &unix.SockaddrUnix{Name: path}); err != nil {
		unix.Close(fd)
		return nil, fmt.Errorf("connect to %s: %w", path, err)
	}
	return os.NewFile(uintptr(fd), path), nil
}

// Passage takes descriptors to another process over a connected AF_UNIX
// socket, one with each byte, which carries nothing else.
type Passage struct {
	socket *os.File
	raw    syscall.RawConn
	given  int
}

// NewPassage makes a passage of a socket, which it owns.
func NewPassage(socket *os.File) (*Passage, error) {
	raw, err := socket.SyscallConn()
	if err != nil {
		return nil, err
	}
	return &Passage{socket: socket, raw: raw}, nil
}

// Give sends a descriptor, closes this process's own, and returns the number
// of those given before, which is what the other side counts too. Not for two
// goroutines at once.
func (p *Passage) Give(fd int) (int, error) {
	defer unix.Close(fd)
	var sent error
	err := p.raw.Write(func(socket uintptr) bool {
		sent = unix.Sendmsg(int(socket), []byte{0}, unix.UnixRights(fd), nil, unix.MSG_NOSIGNAL)
		return sent != unix.EAGAIN
	})
	if err := errors.Join(err, sent); err != nil {
		return -1, fmt.Errorf("the packet descriptor could not be passed on: %w", err)
	}
	p.given++
	return p.given - 1, nil
}
