// Package engine serves the control pair: it keeps the nodes that Java asks
// for and answers what Java asks about them.
package engine

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"
	"sync"
	"time"

	"dev.tailbridge/embedded/internal/frame"
	"dev.tailbridge/embedded/internal/memory"
	"dev.tailbridge/embedded/internal/node"
	"dev.tailbridge/embedded/internal/redact"
)

const (
	// settleTime without a start ends a burst of them, whose garbage is then
	// given back to the system: at 200 nodes that is a third of the memory.
	settleTime = 30 * time.Second
	// longestPause is the pause between givings back of a process that has long
	// been at rest. They begin at settleTime and double, for a JVM goes on
	// compiling, and leaving memory behind, for minutes.
	longestPause = time.Hour

	fleet = 50
)

// Engine is everything behind one control pair.
type Engine struct {
	control *os.File
	frames  *frame.Writer
	level   node.Level
	give    HandOver
	settle  *time.Timer
	room    room

	mu      sync.Mutex
	nodes   map[uint64]*node.Node
	closing bool
	pause   time.Duration // until memory is given back
	pace    *memory.Pace
}

// HandOver gives Java its end of a packet pair and returns the number under
// which Java knows it. The descriptor is no longer the caller's. It is called
// by one goroutine at a time.
type HandOver func(fd int) (number int, err error)

// SameProcess is for a Java side that has the same descriptors.
func SameProcess(fd int) (int, error) { return fd, nil }

// New makes an engine on Go's end of the control pair, which it owns. Serve
// must be called once. GOGC never falls below gogc, in percent.
func New(control *os.File, level node.Level, gogc int, give HandOver) *Engine {
	e := &Engine{
		control: control,
		frames:  frame.NewWriter(control),
		level:   level,
		give:    give,
		nodes:   map[uint64]*node.Node{},
		pause:   longestPause,
		pace:    memory.NewPace(gogc),
		room:    newRoom(),
	}
	e.settle = time.AfterFunc(longestPause, e.giveBack)
	restProcessors()
	return e
}

// Write makes the engine the destination of a standard logger.
func (e *Engine) Write(line []byte) (int, error) {
	e.frames.Log(frame.Log{Level: "info", Text: redact.Redactor{}.Line(string(line))})
	return len(line), nil
}

// Serve answers requests until Java closes its end; then all nodes are stopped.
func (e *Engine) Serve() {
	if err := e.serve(); err != nil && err != io.EOF && !errors.Is(err, os.ErrClosed) {
		e.logError(fmt.Sprintf("the control descriptor failed, all nodes are stopped: %v", err))
	}
	<-e.stopAll()
	e.frames.Close()
}

func (e *Engine) serve() (err error) {
	defer recovered(&err)
	for {
		f, err := frame.Read(e.control)
		if err != nil {
			return err
		}
		e.handle(f)
	}
}

// Shutdown stops all nodes at once and closes the control pair. It returns
// whether that was done in time.
func (e *Engine) Shutdown(timeout time.Duration) bool {
	deadline := time.NewTimer(timeout)
	defer deadline.Stop()
	select {
	case <-e.stopAll():
	case <-deadline.C:
		return false
	}
	select {
	case <-e.frames.Close():
		return true
	case <-deadline.C:
		e.control.Close()
		return false
	}
}

// stopAll refuses new nodes from now on. The channel is closed when no node is
// left.
func (e *Engine) stopAll() <-chan struct{} {
	e.mu.Lock()
	e.closing = true
	var ends []<-chan struct{}
	for _, n := range e.nodes {
		ends = append(ends, n.Stop())
	}
	e.settle.Stop()
	e.mu.Unlock()
	all := make(chan struct{})
	go func() {
		defer close(all)
		for _, end := range ends {
			<-end
		}
	}()
	return all
}

// handle answers a request. Start is done at once, so that what follows on the
// pair finds the node; all others have a goroutine each.
func (e *Engine) handle(f frame.Frame) {
	if f.Type == frame.Start {
		e.start(f)
		return
	}
	go func() {
		answer, err := e.ask(f)
		if err != nil {
			answer = frame.Failure{Error: redact.Redactor{}.Line(err.Error())}
		}
		e.frames.Answer(f.ID, answer)
	}()
}

func (e *Engine) start(f frame.Frame) {
	n, fd, err := e.add(f.Body)
	if err != nil {
		e.frames.Answer(f.ID, frame.Failure{Error: redact.Redactor{}.Line(err.Error())})
		return
	}
	number, err := e.give(fd)
	if err != nil {
		e.frames.Answer(f.ID, frame.Failure{Error: redact.Redactor{}.Line(err.Error())})
		n.Stop()
		n.Run() // which only releases what it has
		return
	}
	e.frames.Answer(f.ID, struct {
		FD int `json:"fd"`
	}{number})
	n.Run()
	if e.isFleet() {
		burstProcessors()
	}
	e.rest(settleTime)
}

// isFleet tells whether there are so many nodes that a start is felt by all of them.
func (e *Engine) isFleet() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return len(e.nodes) > fleet
}

// rest lets the pause until memory is given back begin anew.
func (e *Engine) rest(pause time.Duration) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if !e.closing {
		e.pause = min(pause, longestPause)
		e.settle.Reset(e.pause)
	}
}

func (e *Engine) giveBack() {
	restProcessors()
	memory.GiveBack()
	e.mu.Lock()
	pause := e.pause
	e.mu.Unlock()
	e.rest(2 * pause)
}

// add makes a node that is not running yet.
func (e *Engine) add(body []byte) (n *node.Node, fd int, err error) {
	defer recovered(&err)
	var config node.Config
	if err := json.Unmarshal(body, &config); err != nil {
		return nil, -1, fmt.Errorf("start request: %w", err)
	}
	config.Dir = filepath.Clean(config.Dir)
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closing {
		return nil, -1, errors.New("the Go library is shutting down")
	}
	if e.nodes[config.Node] != nil {
		return nil, -1, fmt.Errorf("node number %d is in use", config.Node)
	}
	for _, other := range e.nodes {
		if other.Dir() == config.Dir {
			return nil, -1, fmt.Errorf("state directory %s is in use by node number %d", config.Dir, other.Number())
		}
	}
	if err := e.room.refusal(len(e.nodes)); err != nil {
		return nil, -1, err
	}
	n, fd, err = node.Start(config, node.Host{Frames: e.frames, Level: e.level, Released: e.remove})
	if err != nil {
		return nil, -1, err
	}
	e.nodes[config.Node] = n
	e.pace.Nodes(len(e.nodes))
	return n, fd, nil
}

func (e *Engine) remove(n *node.Node) {
	e.mu.Lock()
	defer e.mu.Unlock()
	delete(e.nodes, n.Number())
	e.pace.Nodes(len(e.nodes))
}

func (e *Engine) find(number uint64) *node.Node {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.nodes[number]
}

func (e *Engine) ask(f frame.Frame) (answer any, err error) {
	defer recovered(&err)
	if f.Type == frame.Runtime {
		return e.runtime(), nil
	}
	var target struct {
		Node uint64 `json:"node"`
	}
	if err := json.Unmarshal(f.Body, &target); err != nil {
		return nil, fmt.Errorf("request of type %d: %w", f.Type, err)
	}
	n := e.find(target.Node)
	if f.Type == frame.Stop {
		if n != nil { // else it ended by itself, and Java has been told
			<-n.Stop()
		}
		return nil, nil
	}
	if n == nil {
		return nil, fmt.Errorf("there is no node number %d", target.Node)
	}
	return n.Ask(f.Type, f.Body)
}

func (e *Engine) logError(text string) {
	e.frames.Log(frame.Log{Level: "error", Text: redact.Redactor{}.Line(text)})
}

func recovered(err *error) {
	if r := recover(); r != nil {
		*err = fmt.Errorf("panic: %v at %s", r, debug.Stack())
	}
}
