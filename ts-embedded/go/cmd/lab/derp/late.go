package derp

import (
	"bytes"
	"net"
	"time"

	"dev.tailbridge/embedded/cmd/lab/slow"
)

// lateConn delays what is written to a connection. Everything between two clients
// is written once by the relay, so it takes the delay each way.
type lateConn struct {
	net.Conn
	way *slow.Way
}

func late(c net.Conn, delay time.Duration) *lateConn {
	onward := func(b []byte) {
		if _, err := c.Write(b); err != nil {
			c.Close() // reading fails then, and ends the connection
		}
	}
	return &lateConn{Conn: c, way: slow.New(delay, onward, func() { c.Close() })}
}

func (c *lateConn) Write(b []byte) (int, error) {
	if !c.way.Put(bytes.Clone(b)) {
		return 0, net.ErrClosed
	}
	return len(b), nil
}

// Close lets what was written arrive first.
func (c *lateConn) Close() error {
	c.way.Close()
	return nil
}
