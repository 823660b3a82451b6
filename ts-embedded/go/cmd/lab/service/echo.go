package service

import (
	"io"
	"net"
	"time"
)

// EchoStreams sends back what comes in on the connections of l, until l is closed.
// A half-closed connection is closed from this side when all of it is sent back.
func EchoStreams(l net.Listener) {
	for {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		go func() {
			defer conn.Close()
			io.Copy(conn, conn)
		}()
	}
}

// EchoDatagrams sends every datagram of pc back to where it came from, until pc
// is closed.
func EchoDatagrams(pc net.PacketConn) {
	buf := make([]byte, 64<<10)
	for {
		n, from, err := pc.ReadFrom(buf)
		if err != nil {
			return
		}
		// gVisor's UDP writer can wait for ever on a queue that was full once.
		pc.SetWriteDeadline(time.Now().Add(time.Second))
		pc.WriteTo(buf[:n], from)
	}
}
