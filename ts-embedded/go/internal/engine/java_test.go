package engine

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"os"
	"sync"
	"testing"
	"time"

	"dev.tailbridge/embedded/internal/frame"
	"dev.tailbridge/embedded/internal/link"
	"dev.tailbridge/embedded/internal/node"
)

const patience = 30 * time.Second

// java plays the other end of the control pair.
type java struct {
	t       *testing.T
	engine  *Engine
	control *os.File
	lost    chan struct{} // closed when Go closed the control pair

	mu      sync.Mutex
	change  chan struct{} // closed at each change
	id      uint32
	answers map[uint32]json.RawMessage
	status  map[uint64]node.Status
	ended   map[uint64]string
	logs    []frame.Log
}

func newJava(t *testing.T) *java {
	t.Helper()
	ours, fd, err := link.Pair()
	if err != nil {
		t.Fatal(err)
	}
	level, err := node.ParseLevel("info")
	if err != nil {
		t.Fatal(err)
	}
	j := &java{
		t:       t,
		engine:  New(ours, level, 50, SameProcess),
		control: os.NewFile(uintptr(fd), "control"),
		lost:    make(chan struct{}),
		change:  make(chan struct{}),
		answers: map[uint32]json.RawMessage{},
		status:  map[uint64]node.Status{},
		ended:   map[uint64]string{},
	}
	go j.engine.Serve()
	go j.receive()
	t.Cleanup(func() {
		if !j.engine.Shutdown(patience) {
			t.Error("the engine did not shut down in time")
		}
		j.control.Close()
		if t.Failed() {
			for _, line := range j.logs {
				t.Logf("log of node %d: %s", line.Node, line.Text)
			}
		}
	})
	return j
}

func (j *java) receive() {
	defer close(j.lost)
	for {
		f, err := frame.Read(j.control)
		if err != nil {
			return
		}
		j.mu.Lock()
		switch f.Type {
		case frame.Answer:
			j.answers[f.ID] = f.Body
		case frame.StatusEvent:
			var s node.Status
			j.decode(f.Body, &s)
			j.status[s.Node] = s
		case frame.LogEvent:
			var line frame.Log
			j.decode(f.Body, &line)
			j.logs = append(j.logs, line)
		case frame.EndedEvent:
			var e struct {
				Node  uint64
				Error string
			}
			j.decode(f.Body, &e)
			j.ended[e.Node] = e.Error
		}
		close(j.change)
		j.change = make(chan struct{})
		j.mu.Unlock()
	}
}

func (j *java) decode(body []byte, into any) {
	if err := json.Unmarshal(body, into); err != nil {
		j.t.Errorf("%s: %v", body, err)
	}
}

// await waits until the condition, called with the lock held, is true.
func (j *java) await(what string, condition func() bool) {
	j.t.Helper()
	deadline := time.After(patience)
	for {
		j.mu.Lock()
		met, change := condition(), j.change
		j.mu.Unlock()
		if met {
			return
		}
		select {
		case <-change:
		case <-deadline:
			j.mu.Lock()
			defer j.mu.Unlock()
			j.t.Fatalf("no %s within %v; status %+v, ended %v", what, patience, j.status, j.ended)
		}
	}
}

// ask sends a request and decodes its answer; the error is the one in it.
func (j *java) ask(t frame.Type, body, into any) error {
	j.t.Helper()
	text, err := json.Marshal(body)
	if err != nil {
		j.t.Fatal(err)
	}
	j.mu.Lock()
	j.id++
	id := j.id
	j.mu.Unlock()
	b := binary.BigEndian.AppendUint32(nil, uint32(5+len(text)))
	b = append(b, byte(t))
	b = binary.BigEndian.AppendUint32(b, id)
	if _, err := j.control.Write(append(b, text...)); err != nil {
		j.t.Fatal(err)
	}
	var answer json.RawMessage
	j.await(fmt.Sprintf("answer to request %d", t), func() bool { answer = j.answers[id]; return answer != nil })
	var failure frame.Failure
	j.decode(answer, &failure)
	if failure.Error != "" {
		return fmt.Errorf("%s", failure.Error)
	}
	if into != nil {
		j.decode(answer, into)
	}
	return nil
}

// start starts a node and returns Java's end of its packet pair.
func (j *java) start(c node.Config) *os.File {
	j.t.Helper()
	var answer struct{ FD int }
	if err := j.ask(frame.Start, c, &answer); err != nil {
		j.t.Fatal(err)
	}
	packets := os.NewFile(uintptr(answer.FD), "packets")
	j.t.Cleanup(func() { packets.Close() })
	return packets
}

func (j *java) awaitReady(n uint64) node.Status {
	j.t.Helper()
	var s node.Status
	j.await("ready node", func() bool { s = j.status[n]; return s.Ready })
	return s
}

func (j *java) awaitEnd(n uint64) string {
	j.t.Helper()
	var text string
	j.await("end of the node", func() bool { text = j.ended[n]; return text != "" })
	return text
}

func (j *java) stop(n uint64) {
	j.t.Helper()
	if err := j.ask(frame.Stop, map[string]uint64{"node": n}, nil); err != nil {
		j.t.Fatal(err)
	}
}
