package engine

import (
	"runtime"
	"runtime/metrics"
)

type runtimeAnswer struct {
	Goroutines int    `json:"goroutines"`
	HeapBytes  uint64 `json:"heapBytes"` // live at the last collection
	Nodes      int    `json:"nodes"`
	FDs        int    `json:"fds"` // of the whole process
}

func (e *Engine) runtime() runtimeAnswer {
	live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(live)
	e.mu.Lock()
	defer e.mu.Unlock()
	return runtimeAnswer{
		Goroutines: runtime.NumGoroutine(),
		HeapBytes:  live[0].Value.Uint64(),
		Nodes:      len(e.nodes),
		FDs:        openFDs(),
	}
}
