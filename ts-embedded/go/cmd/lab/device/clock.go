package device

import (
	"fmt"
	"sync"
	"time"
)

// clock is the chip's idea of the time, which only its handshake timestamps show.
type clock struct {
	booted time.Time

	mu      sync.Mutex
	setting string
	offset  time.Duration
}

// newClock starts at boot, with a setting as set takes it.
func newClock(setting string) (*clock, error) {
	c := &clock{booted: time.Now()}
	return c, c.set(setting)
}

// set takes "now" (right), "1970" (the time since boot, as without SNTP) or a
// signed duration ("-90s", "+24h") by which the clock is wrong.
func (c *clock) set(setting string) error {
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

// read is the time that the chip believes, and whether it is the right one.
func (c *clock) read() (now time.Time, right bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.Now().Add(c.offset), c.offset == 0
}

func (c *clock) String() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.setting
}
