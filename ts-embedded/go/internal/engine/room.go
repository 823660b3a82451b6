package engine

import (
	"fmt"
	"os"
	"syscall"
)

const (
	// eachNode is what a node may have open: seven at rest (two UDP sockets,
	// netlink, control server, relay, both ends of its packet pair), and more
	// while it looks for another way to any of them.
	eachNode = 10
	// sparedFDs are left to all else in the process: files, the API (up to 88
	// connections), gateways. A process without any can neither answer nor tell
	// what it lacks.
	sparedFDs = 100
)

// room is how many file descriptors there are for nodes.
type room struct {
	others int // open before there was a node
}

func newRoom() room { return room{others: openFDs()} }

// refusal says why one node more than there are has to wait; nil when there is
// room for it. The limit may be raised while the process runs.
func (r room) refusal(nodes int) error {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return nil // nobody knows
	}
	return r.refusalOf(limit.Cur, nodes, openFDs)
}

// refusalOf counts what is open only where it comes close to the limit: with a
// thousand nodes that takes milliseconds.
func (r room) refusalOf(limit uint64, nodes int, open func() int) error {
	most := int(min(limit, 1<<30)) - sparedFDs - eachNode
	planned := r.others + eachNode*nodes
	if planned <= most/2 || planned <= most && open() <= most {
		return nil
	}
	return fmt.Errorf("waits for file descriptors: its process may have %d open, too few for one more node beside %d;"+
		" raise LimitNOFILE in the systemd unit, or ulimit -n, and restart the bridge", limit, nodes)
}

// openFDs counts the open file descriptors of this process.
func openFDs() int {
	open, _ := os.ReadDir("/proc/self/fd")
	return len(open)
}
