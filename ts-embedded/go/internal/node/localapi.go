package node

import (
	"context"
	"net"
	"sync"

	"tailscale.com/client/local"
)

// connections are those to the in-process API of a server.
//
// A request that is given up while its connection is being made leaves behind
// one that was never used. The server waits five seconds for such a one when it
// closes, and then forgets it together with its goroutines. So all are closed
// here first.
type connections struct {
	mu     sync.Mutex
	open   map[*connection]bool
	closed bool
}

type connection struct {
	net.Conn
	all *connections
}

// watch makes the client, which must not have been used, report to c.
func (c *connections) watch(client *local.Client) {
	c.open = map[*connection]bool{}
	dial := client.Dial
	client.Dial = func(ctx context.Context, network, address string) (net.Conn, error) {
		inner, err := dial(ctx, network, address)
		if err != nil {
			return nil, err
		}
		c.mu.Lock()
		defer c.mu.Unlock()
		if c.closed {
			inner.Close()
			return nil, net.ErrClosed
		}
		conn := &connection{inner, c}
		c.open[conn] = true
		return conn, nil
	}
}

// close ends all connections; no other is made after that.
func (c *connections) close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closed = true
	for conn := range c.open {
		conn.Conn.Close()
	}
	clear(c.open)
}

func (c *connection) Close() error {
	c.all.mu.Lock()
	defer c.all.mu.Unlock()
	delete(c.all.open, c)
	return c.Conn.Close()
}
