package node

import (
	"context"
	"errors"
	"io"
	"net"
	"testing"
	"time"

	"tailscale.com/client/local"
)

// The server's end of a connection that was never used ends with the client's,
// and a connection that is made too late does not outlive its making.
func TestConnectionsEndWithTheNode(t *testing.T) {
	var served []net.Conn
	client := &local.Client{Dial: func(context.Context, string, string) (net.Conn, error) {
		ours, theirs := net.Pipe()
		served = append(served, theirs)
		return ours, nil
	}}
	var all connections
	all.watch(client)
	dial := func() (net.Conn, error) { return client.Dial(t.Context(), "tcp", "local-tailscaled.sock:80") }
	for range 2 {
		if _, err := dial(); err != nil {
			t.Fatal(err)
		}
	}
	given, err := dial()
	if err != nil {
		t.Fatal(err)
	}
	given.Close()
	if len(all.open) != 2 {
		t.Errorf("%d connections are open", len(all.open))
	}
	all.close()
	if _, err := dial(); !errors.Is(err, net.ErrClosed) {
		t.Errorf("after the end: %v", err)
	}
	for i, conn := range served {
		conn.SetReadDeadline(time.Now().Add(30 * time.Second))
		if n, err := conn.Read(make([]byte, 1)); n != 0 || err != io.EOF {
			t.Errorf("connection %d: %d bytes, %v", i, n, err)
		}
	}
}
