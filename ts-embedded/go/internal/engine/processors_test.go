package engine

import (
	"runtime"
	"testing"
)

func TestStartsHaveAllProcessorsAndRestHalfOfThem(t *testing.T) {
	all := allProcessors()
	defer runtime.GOMAXPROCS(all)
	for range 2 {
		restProcessors()
		if n := runtime.GOMAXPROCS(0); n != max(1, all/2) {
			t.Errorf("at rest %d of %d", n, all)
		}
		burstProcessors()
		if n := runtime.GOMAXPROCS(0); n != all {
			t.Errorf("while nodes start %d of %d", n, all)
		}
	}
}
