package engine

import (
	"runtime"
	"sync"
)

// allProcessors is what Go itself found to be there for the process.
var allProcessors = sync.OnceValue(func() int { return runtime.GOMAXPROCS(0) })

// restProcessors leaves half of them to the JVM, which works on the same cores.
// Where that leaves one, a packet no longer wakes up a second thread on its way
// through the node's goroutines: measured on two cores, a fifth of the processor
// time of a request.
func restProcessors() {
	setProcessors(max(1, allProcessors()/2))
}

// burstProcessors is for the starts of a fleet, of each of which the control server
// tells all nodes: a thousand on one of two cores never get to the end of that.
func burstProcessors() {
	setProcessors(allProcessors())
}

// setProcessors changes nothing where nothing changes, for a change stops all
// goroutines for a moment.
func setProcessors(n int) {
	if runtime.GOMAXPROCS(0) != n {
		runtime.GOMAXPROCS(n)
	}
}
