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
// memory again. At rest, when little is left behind, they take a quarter. It is
// not safe for concurrent use.
type Pace struct {
	least   int
	nodes   int
	rest    bool
	percent int
}

// NewPace sets GOGC for no node. It never falls below least, in percent, and at
// rest never below half of that.
func NewPace(least int) *Pace {
	p := &Pace{least: least}
	p.set()
	return p
}

// Nodes sets GOGC for so many nodes.
func (p *Pace) Nodes(n int) {
	p.nodes = n
	p.set()
}

// Rest sets GOGC for nodes that have all started, or for starts.
func (p *Pace) Rest(rest bool) {
	p.rest = rest
	p.set()
}

func (p *Pace) set() {
	least := p.least
	if p.rest {
		least /= 2
	}
	percent := max(least, 100*leastGrowth/(emptyHeap+p.nodes*nodeHeap))
	if percent != p.percent {
		p.percent = percent
		debug.SetGCPercent(percent)
	}
}
