package frame

import (
	"fmt"
	"io"
	"sync"
)

const (
	maxLogs  = 1024     // lines that wait
	maxBatch = 64 << 10 // bytes of one write, unless one frame is longer
)

// Writer sends frames from any goroutine without ever blocking it. One
// goroutine of its own writes.
//
// What waits is bounded even if Java does not read: a status replaces the
// waiting one of the same node, there is one answer per request and one end per
// node, and log lines above a fixed number are dropped. They also go last.
type Writer struct {
	out io.WriteCloser

	mu      sync.Mutex
	wake    sync.Cond
	queue   []*pending
	status  map[uint64]*pending // the waiting status of each node
	logs    [][]byte
	lost    int // log lines dropped since the last one that was sent
	closing bool
	done    chan struct{}
}

type pending struct {
	node  uint64 // set for a status
	bytes []byte
}

// Log is the body of a log event.
type Log struct {
	Node  uint64 `json:"node"`
	Level string `json:"level"`
	Text  string `json:"text"`
}

// NewWriter starts a writer on out, which it owns from now on.
func NewWriter(out io.WriteCloser) *Writer {
	w := &Writer{
		out:    out,
		status: map[uint64]*pending{},
		done:   make(chan struct{}),
	}
	w.wake.L = &w.mu
	go w.run()
	return w
}

// Answer answers a request; a body of nil is the empty object.
func (w *Writer) Answer(id uint32, body any) {
	if body == nil {
		body = struct{}{}
	}
	w.put(&pending{bytes: encode(Answer, id, body)})
}

// Status sends the whole status of a node.
func (w *Writer) Status(node uint64, body any) {
	w.put(&pending{node: node, bytes: encode(StatusEvent, 0, body)})
}

// Ended tells that a node is gone.
func (w *Writer) Ended(body any) {
	w.put(&pending{bytes: encode(EndedEvent, 0, body)})
}

// Log sends a log line, or drops it if too many wait.
func (w *Writer) Log(line Log) {
	b := encode(LogEvent, 0, line)
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closing || len(w.logs) >= maxLogs {
		w.lost++
		return
	}
	w.logs = append(w.logs, b)
	w.wake.Signal()
}

// Close sends what waits, unless Java does not read, and closes the pair. The
// channel is closed after that.
func (w *Writer) Close() <-chan struct{} {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.closing = true
	w.wake.Signal()
	return w.done
}

func (w *Writer) put(p *pending) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closing {
		return
	}
	if p.node != 0 {
		if old := w.status[p.node]; old != nil {
			old.bytes = p.bytes
			return
		}
		w.status[p.node] = p
	}
	w.queue = append(w.queue, p)
	w.wake.Signal()
}

func (w *Writer) run() {
	defer close(w.done)
	defer w.out.Close()
	defer func() {
		if recover() != nil {
			// The pair closes, which Java sees: it ends the process in good order.
			w.Close()
		}
	}()
	for {
		batch := w.next()
		if batch == nil {
			return
		}
		if _, err := w.out.Write(batch); err != nil {
			w.Close() // Java is gone; the reading side stops the nodes
			return
		}
	}
}

// next waits for frames and joins them; nil ends the writer.
func (w *Writer) next() []byte {
	w.mu.Lock()
	defer w.mu.Unlock()
	for len(w.queue) == 0 && len(w.logs) == 0 {
		if w.closing {
			return nil
		}
		w.wake.Wait()
	}
	var batch []byte
	for len(w.queue) > 0 && len(batch) < maxBatch {
		p := w.queue[0]
		w.queue = w.queue[1:]
		if p.node != 0 {
			delete(w.status, p.node)
		}
		batch = append(batch, p.bytes...)
	}
	for len(w.queue) == 0 && len(w.logs) > 0 && len(batch) < maxBatch {
		batch = append(batch, w.logs[0]...)
		w.logs = w.logs[1:]
	}
	if w.lost > 0 && len(w.logs) == 0 {
		batch = append(batch, encode(LogEvent, 0, lostLines(w.lost))...)
		w.lost = 0
	}
	return batch
}

func lostLines(n int) Log {
	return Log{Level: "info", Text: fmt.Sprintf("%d log lines of the Go library were dropped: they came faster than they were read", n)}
}
