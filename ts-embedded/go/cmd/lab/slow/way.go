// Package slow delays what passes, and keeps its order.
package slow

import (
	"sync"
	"time"
)

// waiting is how many parcels may be on their way at a time.
const waiting = 1 << 14

// Way hands on what is put into it after a fixed time, in order, from a goroutine
// of its own.
type Way struct {
	delay   time.Duration
	parcels chan parcel

	mu     sync.RWMutex
	closed bool
}

type parcel struct {
	bytes []byte
	due   time.Time
}

// New is a way that hands parcels to onward, and calls done after the last one
// that was put in before Close.
func New(delay time.Duration, onward func([]byte), done func()) *Way {
	w := &Way{delay: delay, parcels: make(chan parcel, waiting)}
	go func() {
		defer done()
		for p := range w.parcels {
			time.Sleep(time.Until(p.due))
			onward(p.bytes)
		}
	}()
	return w
}

// Put takes bytes over; it waits while too much is on its way, and reports whether
// the way is open.
func (w *Way) Put(bytes []byte) bool {
	w.mu.RLock()
	defer w.mu.RUnlock()
	if w.closed {
		return false
	}
	w.parcels <- parcel{bytes, time.Now().Add(w.delay)}
	return true
}

// Close ends the way behind what is on it.
func (w *Way) Close() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.closed {
		w.closed = true
		close(w.parcels)
	}
}
