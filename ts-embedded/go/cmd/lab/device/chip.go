// Package device simulates a chip that speaks WireGuard and nothing else of a
// tailnet: a WireGuard endpoint with one peer, a network stack with IPv4, and the
// lab's services on it. It can lose its power, its clock, its radio and its port.
package device

import (
	"context"
	"errors"
	"io"
	"sync"
	"time"

	"dev.tailbridge/embedded/cmd/lab/clock"
	"dev.tailbridge/embedded/cmd/lab/line"
)

// chip keeps its configuration over its lives.
type chip struct {
	config *config

	mu       sync.Mutex
	life     *life
	endpoint string
}

type ready struct {
	Ready     string `json:"ready"`
	Name      string `json:"name"`
	Address   string `json:"address"`
	PublicKey string `json:"publicKey"`
	Port      uint16 `json:"port"`
}

// Run is lab device.
func (f *Flags) Run(ctx context.Context, in io.Reader, out io.Writer) error {
	c, err := f.config()
	if err != nil {
		return err
	}
	d, err := newChip(c, f.endpoint, f.clock)
	if err != nil {
		return err
	}
	defer func() { d.now().close() }()
	if !f.idle {
		if err := d.now().connect(ctx, f.endpoint); err != nil {
			return err
		}
	}
	_, port := d.now().socketPort()
	return line.Serve(ctx, in, out, ready{"device", c.name, c.address.String(), c.public.Base64(), port}, d.commands())
}

func newChip(c *config, endpoint, clockSetting string) (*chip, error) {
	clk, err := clock.New(clockSetting)
	if err != nil {
		return nil, err
	}
	l, err := boot(c, clk)
	if err != nil {
		return nil, err
	}
	return &chip{config: c, life: l, endpoint: endpoint}, nil
}

// now is the present life.
func (d *chip) now() *life {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.life
}

func (d *chip) server() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.endpoint
}

// bootTime is longer than the 20 ms after an initiation in which WireGuard ignores
// another one, and than the grain of its timestamps. No chip boots faster.
const bootTime = 50 * time.Millisecond

// reboot ends this life without a word and begins another one.
func (d *chip) reboot(ctx context.Context, clockSetting string) error {
	if _, err := clock.New(clockSetting); err != nil {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.life.close()
	time.Sleep(bootTime)
	clk, err := clock.New(clockSetting)
	if err != nil {
		return err
	}
	l, err := boot(d.config, clk)
	if err != nil {
		return err
	}
	d.life = l
	return l.connect(ctx, d.endpoint)
}

var errNoHandshake = errors.New("no handshake")

// confirming is how long the first packet of a new session may take to leave.
const confirming = 100 * time.Millisecond

// awaitHandshake returns when a handshake later than after is complete and the
// server can know it: it sends by the new session only after a packet has come in
// by it, which the initiator's end of a handshake sends at once.
func (l *life) awaitHandshake(ctx context.Context, after time.Time, within time.Duration) (shaken, error) {
	start := time.Now()
	timeout := time.NewTimer(within)
	defer timeout.Stop()
	for {
		st, err := l.status()
		if err != nil {
			return shaken{}, err
		}
		confirmed := l.socket.transported.Load() >= st.lastHandshake.UnixNano() || time.Since(st.lastHandshake) > confirming
		if st.lastHandshake.After(after) && confirmed {
			return shaken{Connected: true, Millis: float64(time.Since(start).Microseconds()) / 1000, Port: st.Port}, nil
		}
		if within == 0 {
			return shaken{Port: st.Port}, nil
		}
		select {
		case <-time.After(2 * time.Millisecond):
		case <-timeout.C:
			return shaken{Port: st.Port}, errNoHandshake
		case <-ctx.Done():
			return shaken{}, ctx.Err()
		}
	}
}

type shaken struct {
	Connected bool    `json:"connected"`
	Millis    float64 `json:"ms"`
	Port      uint16  `json:"port"`
}
