package memory

import (
	"runtime/debug"
	"testing"
)

func TestGOGCFollowsTheNumberOfNodes(t *testing.T) {
	before := debug.SetGCPercent(100)
	defer debug.SetGCPercent(before)
	p := NewPace(50)
	for _, step := range []struct{ nodes, percent int }{{0, 800}, {1, 596}, {10, 181}, {200, 50}, {1, 596}} {
		p.Nodes(step.nodes)
		if percent := debug.SetGCPercent(1); percent != step.percent {
			t.Errorf("%d nodes: GOGC %d, not %d", step.nodes, percent, step.percent)
		}
		debug.SetGCPercent(step.percent)
	}
}
