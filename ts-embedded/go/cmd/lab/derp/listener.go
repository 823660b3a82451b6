package derp

import (
	"fmt"
	"net"
	"sync"
	"time"
)

// Listener is a TCP listener on loopback whose Close also cuts every connection
// that came in by it. An HTTP server forgets those that a handler took over, and
// these are the ones that an outage has to end.
type Listener struct {
	net.Listener
	delay  time.Duration
	mu     sync.Mutex
	conns  map[*conn]struct{}
	closed bool
}

// Listen binds port on loopback; 0 means any free one. What is written to its
// connections arrives after delay.
func Listen(port int, delay time.Duration) (*Listener, error) {
	l, err := net.Listen("tcp", fmt.Sprintf("%s:%d", loopback, port))
	if err != nil {
		return nil, err
	}
	return &Listener{Listener: l, delay: delay, conns: map[*conn]struct{}{}}, nil
}

func (l *Listener) Accept() (net.Conn, error) {
	accepted, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	c := &conn{Conn: accepted, owner: l}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		accepted.Close()
		return nil, net.ErrClosed
	}
	l.conns[c] = struct{}{}
	if l.delay > 0 {
		return late(c, l.delay), nil
	}
	return c, nil
}

// open counts the connections.
func (l *Listener) open() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.conns)
}

// Close stops listening and cuts the connections.
func (l *Listener) Close() error {
	err := l.Listener.Close()
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closed = true
	for c := range l.conns {
		c.Conn.Close()
	}
	clear(l.conns)
	return err
}

type conn struct {
	net.Conn
	owner *Listener
}

func (c *conn) Close() error {
	c.owner.mu.Lock()
	delete(c.owner.conns, c)
	c.owner.mu.Unlock()
	return c.Conn.Close()
}
