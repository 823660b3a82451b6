// Package clock is a simulated device's idea of the time, which only the
// timestamps of its handshakes show.
package clock

import (
	"fmt"
	"sync"
	"time"
)

// Clock may be read and set by several goroutines.
type Clock struct {
	booted time.Time

	mu      sync.Mutex
	setting string
	offset  time.Duration
}

// New starts at boot, with a setting as Set takes it.
func New(setting string) (*Clock, error) {
	c := &Clock{booted: time.Now()}
	return c, c.Set(setting)
}

// Set takes "now" (right), "1970" (the time since boot, as without SNTP) or a
// signed duration ("-90s", "+24h") by which the clock is wrong.
func (c *Clock) Set(setting string) error {
	offset := time.Duration(0)
	switch setting {
	case "now":
	case "1970":
		offset = -time.Duration(c.booted.UnixNano())
	default:
		var err error
		if offset, err = time.ParseDuration(setting); err != nil {
			return fmt.Errorf("a clock is now, 1970 or a signed duration like -90s, not %q", setting)
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.setting, c.offset = setting, offset
	return nil
}

// Read is the time that the device believes, and whether it is the right one.
func (c *Clock) Read() (now time.Time, right bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.Now().Add(c.offset), c.offset == 0
}

// Uptime is the time since boot.
func (c *Clock) Uptime() time.Duration { return time.Since(c.booted) }

// String is the setting.
func (c *Clock) String() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.setting
}
