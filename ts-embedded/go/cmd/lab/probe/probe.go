// Package probe asks services over somebody's network: the tunnel of a simulated
// device or the tailnet of a machine. Each question is one command with a bound
// on its time, and each answer says what was seen.
package probe

import (
	"context"
	"errors"
	"net"
	"strings"
	"syscall"
	"time"

	"dev.tailbridge/embedded/cmd/lab/line"
)

// Dial opens a connection inside the network that is asked; it resolves names there.
type Dial func(ctx context.Context, network, address string) (net.Conn, error)

// Commands are the questions over dial.
func Commands(dial Dial) []line.Command {
	w := web{dial}
	return []line.Command{
		line.On("get", "URL [timeout=30]", `fetch: {"status":200,"bytes":n,"ms":x,"body":the first 200 characters}`, w.get),
		line.On("sum", "URL [timeout=120]", `fetch: {"status":200,"bytes":n,"seconds":x,"sha256":s,"trailer":the X-Sha256 trailer}`, w.sum),
		line.On("down", "URL BYTES [timeout=120]", `fetch URL/bulk?bytes=BYTES and check it: {"ok":true,"bytes":n,"seconds":x,"mbps":x,"sha256":s}`, w.down),
		line.On("up", "URL BYTES [timeout=120]", `post BYTES bytes to URL/upload and check the answer; as down`, w.up),
		line.On("many", "N URL [timeout=60]", `N fetches at once, each on its own connection: {"ok":n,"errors":n,"p50ms":x,"maxms":x,"firstError":s}`, w.many),
		line.On("sweep", "URL... [pause=0] [timeout=5]", `fetch from each once, one after the other, with so many seconds between: {"requests":n,"maxms":x,"slowest":URL,"failed":["URL: why"]}`, w.sweep),
		line.On("repeat", "URL [seconds=5] [count=1000000] [connection=new]", `fetch again and again for so long or so often, each on a new connection or all on one (connection=kept): {"requests":n,"errors":n,"stalls":n of more than 1.5 s,"p50us":x,"p99us":x,"maxms":x,"seconds":x,"firstError":s}; stalls are broken off after 2 s and are no samples`, w.repeat),
		line.On("tcp", "HOST:PORT [timeout=5]", `connect and close: {"result":"ok|refused|reset|unreachable|timeout|error","seconds":x}`, dial.tcp),
		line.On("udp", "HOST:PORT TEXT... [size=0] [timeout=2]", `send TEXT, repeated to size bytes if given, and await its echo: {"result":"ok|timeout|different|error","bytes":n,"ms":x,"reply":s}`, dial.udp),
	}
}

// outcome names how a dial or an exchange ended.
func outcome(err error) string {
	var timeout net.Error
	switch text := err.Error(); {
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return "timeout"
	case errors.Is(err, syscall.ECONNREFUSED), strings.Contains(text, "refused"):
		return "refused"
	case errors.Is(err, syscall.ECONNRESET), strings.Contains(text, "reset"):
		return "reset"
	case strings.Contains(text, "unreachable"), strings.Contains(text, "no route"):
		return "unreachable"
	case strings.Contains(text, "timed out"):
		return "timeout"
	default:
		return "error"
	}
}

func milliseconds(d time.Duration) float64 {
	return float64(d.Microseconds()) / 1000
}
