// Package fleet simulates many ESP32 devices in one process: each has its own
// keys, its own UDP socket, the WireGuard of ESP32 firmware with its habits (a
// window of 32 packets, an initiation every 5 s without end, no dead-peer timer)
// and as much of a network stack as it takes to ping, to be pinged, to echo UDP
// and to serve HTTP.
//
// A fleet is for storms, so it says when its devices were up: after a mark, which
// connect, reboot and mark set, a device is up at its first session that packets
// can go by, and heard at the first authentic packet by a session begun since.
// Times are milliseconds since the mark by the monotonic clock; the mark itself is
// given as CLOCK_MONOTONIC, which is System.nanoTime() of a Java program on the
// same Linux machine.
package fleet

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"

	"dev.tailbridge/embedded/cmd/lab/clock"
	"dev.tailbridge/embedded/cmd/lab/keys"
	"dev.tailbridge/embedded/cmd/lab/noise"
)

// bootTime is longer than the 20 ms after an initiation in which WireGuard ignores
// another one, and than the grain of its timestamps. No chip boots faster.
const bootTime = 50 * time.Millisecond

type fleet struct {
	chips     []*chip
	name      string
	keepalive time.Duration
	psk       keys.Key
	counts    counts
	mark      atomic.Pointer[mark]

	mu       sync.Mutex // held while chips are made to boot
	endpoint netip.AddrPort

	pinging sync.Mutex
	round   atomic.Uint32 // of pings
	replies atomic.Int64  // to the running round
}

// mark is the moment that up times count from.
type mark struct {
	at             time.Time
	monotonicNanos int64
	before         tally
	up, heard      atomic.Int64 // chips that are
}

// counts are of all chips together.
type counts struct {
	initiated, responses, answered, cookies, late atomic.Int64
}

// tally is counts at one moment.
type tally struct {
	Initiated int64 `json:"initiated"` // initiations sent
	Responses int64 `json:"responses"` // valid ones to them
	Answered  int64 `json:"answered"`  // initiations of the server's
	Cookies   int64 `json:"cookies"`   // taken
	Late      int64 `json:"latePackets"`
}

func (c *counts) since(before tally) tally {
	return tally{
		c.initiated.Load() - before.Initiated, c.responses.Load() - before.Responses,
		c.answered.Load() - before.Answered, c.cookies.Load() - before.Cookies, c.late.Load() - before.Late,
	}
}

func (f *fleet) page(c *chip) []byte {
	body := fmt.Sprintf("Hello from ESP32! I am %s at %s\n", f.name, c.address)
	return fmt.Appendf(nil, "HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s", len(body), body)
}

// setMark begins the measurement anew. Chips that have sessions keep them.
func (f *fleet) setMark() {
	var t unix.Timespec
	unix.ClockGettime(unix.CLOCK_MONOTONIC, &t)
	f.mark.Store(&mark{at: time.Now(), monotonicNanos: t.Nano(), before: f.counts.since(tally{})})
}

// setServer gives all chips a server and boots them. They say nothing yet.
func (f *fleet) setServer(server keys.Key, endpoint netip.AddrPort, setting string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.endpoint = endpoint
	f.setMark()
	return each(f.chips, func(c *chip) error {
		clk, err := clock.New(setting)
		if err != nil {
			return err
		}
		c.mu.Lock()
		defer c.mu.Unlock()
		if c.identity, err = noise.NewIdentity(c.private, server, f.psk); err != nil {
			return err
		}
		return c.boot(clk, false)
	})
}

// each calls do for chips, as many at once as there are processors.
func each(chips []*chip, do func(*chip) error) error {
	workers := runtime.GOMAXPROCS(0)
	failures := make(chan error, workers)
	for w := range workers {
		go func() {
			var failure error
			for i := w; i < len(chips); i += workers {
				failure = errors.Join(failure, do(chips[i]))
			}
			failures <- failure
		}()
	}
	var failure error
	for range workers {
		failure = errors.Join(failure, <-failures)
	}
	return failure
}

// run ticks until ctx is done. The chips share one phase: the worst case.
func (f *fleet) run(ctx context.Context) {
	ticker := time.NewTicker(tickTime)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-ticker.C:
			each(f.chips, func(c *chip) error { c.tick(now); return nil })
		}
	}
}

var errNoServer = errors.New("no server yet: give -peer-key, or the command server")

// connect makes all chips initiate.
func (f *fleet) connect() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.endpoint.IsValid() {
		return errNoServer
	}
	f.setMark()
	return each(f.chips, func(c *chip) error {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.peer.connect(time.Now())
		return nil
	})
}

// reboot makes chips lose all but their keys, and initiate again.
func (f *fleet) reboot(chips []*chip, setting string, newPort bool) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.endpoint.IsValid() {
		return errNoServer
	}
	if _, err := clock.New(setting); err != nil {
		return err
	}
	silence(chips, true)
	time.Sleep(bootTime)
	f.setMark()
	return each(chips, func(c *chip) error {
		clk, err := clock.New(setting)
		if err != nil {
			return err
		}
		c.mu.Lock()
		defer c.mu.Unlock()
		if err := c.boot(clk, newPort); err != nil {
			return err
		}
		c.peer.connect(time.Now())
		return nil
	})
}

func silence(chips []*chip, silent bool) {
	for _, c := range chips {
		c.mu.Lock()
		c.silent = silent
		c.mu.Unlock()
	}
}

// await returns when count has come to want, or the time is over.
func await(ctx context.Context, count *atomic.Int64, want int, within time.Duration) error {
	over := time.NewTimer(within)
	defer over.Stop()
	for count.Load() < int64(want) {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-over.C:
			return nil
		case <-time.After(time.Millisecond):
		}
	}
	return nil
}

// ping sends one echo request from each chip and awaits the answers. It gives how
// many were sent: one from each chip that has a key.
func (f *fleet) ping(ctx context.Context, to netip.Addr, within time.Duration) (sent int, err error) {
	f.pinging.Lock()
	defer f.pinging.Unlock()
	round := uint16(f.round.Add(1))
	f.replies.Store(0)
	var keyed atomic.Int64
	each(f.chips, func(c *chip) error {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.rtt, c.pinged = -1, time.Time{}
		if now := time.Now(); c.stack != nil && c.stack.ping(now, to, round) {
			c.pinged = now
			keyed.Add(1)
		}
		return nil
	})
	sent = int(keyed.Load())
	return sent, await(ctx, &f.replies, sent, within)
}

func (f *fleet) close() {
	for _, c := range f.chips {
		c.close()
	}
}
