package memory

import "runtime/debug"

const (
	// leastGrowth is how much a heap grows at least between two collections.
	// Go's own least would be 2 MiB at a GOGC of 50.
	leastGrowth = 16 << 20

	// A heap without nodes, and what each adds, of what is alive; see smallbuffers/.
	emptyHeap = 2 << 20
	nodeHeap  = 700 << 10
)

// Pace sets GOGC by the number of nodes, so that a few of them with a heap of
// few MiB are not collected all the time, and hundreds do not take half as much
// memory again. It is not safe for concurrent use.
type Pace struct {
	least   int
	percent int
}

// NewPace sets GOGC for no node. It never falls below least, in percent.
func NewPace(least int) *Pace {
	p := &Pace{least: least}
	p.Nodes(0)
	return p
}

// Nodes sets GOGC for so many nodes.
func (p *Pace) Nodes(n int) {
	percent := max(p.least, 100*leastGrowth/(emptyHeap+n*nodeHeap))
	if percent != p.percent {
		p.percent = percent
		debug.SetGCPercent(percent)
	}
}
