package device

import (
	"context"
	"net"
	"net/netip"
	"runtime"
	"strings"
	"time"

	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/adapters/gonet"
	"gvisor.dev/gvisor/pkg/tcpip/network/ipv4"

	"dev.tailbridge/embedded/cmd/lab/netstack"
)

// dialFromPort connects from the server's network, from that port as soon as its
// last connection has left it.
func (j *journey) dialFromPort(port uint16, address string) net.Conn {
	j.t.Helper()
	to := netip.MustParseAddrPort(address)
	local := tcpip.FullAddress{NIC: netstack.NIC, Addr: tcpip.AddrFrom4([4]byte{10, 6, 0, 1}), Port: port}
	remote := tcpip.FullAddress{NIC: netstack.NIC, Addr: tcpip.AddrFrom4(to.Addr().As4()), Port: to.Port()}
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	for {
		conn, err := gonet.DialTCPWithBind(ctx, j.server.network.Inside, local, remote, ipv4.ProtocolNumber)
		if err == nil {
			return conn
		}
		if !strings.Contains(err.Error(), "in use") || ctx.Err() != nil {
			j.t.Fatal(err)
		}
		runtime.Gosched()
	}
}
