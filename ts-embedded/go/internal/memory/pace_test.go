package memory

import (
	"runtime/debug"
	"testing"
)

func TestGOGCFollowsTheNumberOfNodes(t *testing.T) {
	before := debug.SetGCPercent(100)
	defer debug.SetGCPercent(before)
	p := NewPace(50)
	for _, step := range []struct {
		nodes, percent int
		rest           bool
	}{
		{0, 800, false}, {1, 596, false}, {10, 181, false}, {200, 50, false},
		{200, 25, true}, {50, 44, true}, {10, 181, true}, {200, 25, true}, {200, 50, false}, {1, 596, false},
	} {
		p.Nodes(step.nodes)
		p.Rest(step.rest)
		if percent := debug.SetGCPercent(1); percent != step.percent {
			t.Errorf("%d nodes, at rest %t: GOGC %d, not %d", step.nodes, step.rest, percent, step.percent)
		}
		debug.SetGCPercent(step.percent)
	}
}
