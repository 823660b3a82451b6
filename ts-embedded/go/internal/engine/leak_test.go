package engine

import (
	"os"
	"runtime"
	"runtime/pprof"
	"strings"
	"testing"
	"time"

	"dev.tailbridge/embedded/internal/node"
)

// Each way a node can end gives back its goroutines and descriptors.
func TestNodesLeaveNothingBehind(t *testing.T) {
	tailnet, j := newTailnet(t), newJava(t)
	number := uint64(0)
	config := func(dir string) node.Config {
		number++
		c := tailnet.config(number, "chip")
		c.Dir = dir
		return c
	}
	kept, broken := t.TempDir(), t.TempDir()
	if err := os.Mkdir(broken+"/tailscaled.state", 0o700); err != nil {
		t.Fatal(err)
	}
	for name, cycle := range map[string]func(){
		"stop when ready": func() {
			packets := j.start(config(kept))
			j.awaitReady(number)
			j.stop(number)
			packets.Close()
		},
		"stop at once": func() {
			packets := j.start(config(kept))
			j.stop(number)
			packets.Close()
		},
		"Java closes the pair": func() {
			packets := j.start(config(kept))
			j.awaitReady(number)
			packets.Close()
			j.awaitEnd(number)
		},
		"start fails": func() {
			packets := j.start(config(broken))
			j.awaitEnd(number)
			packets.Close()
		},
	} {
		t.Run(strings.ReplaceAll(name, " ", "-"), func(t *testing.T) {
			for range 3 {
				cycle()
			}
			goroutines, fds := lowest(runtime.NumGoroutine), lowest(openFDs)
			for range 20 {
				cycle()
			}
			if now := fallen(runtime.NumGoroutine, goroutines); now > goroutines {
				t.Errorf("%d goroutines became %d", goroutines, now)
				pprof.Lookup("goroutine").WriteTo(os.Stderr, 1)
			}
			if now := fallen(openFDs, fds); now > fds {
				t.Errorf("%d descriptors became %d", fds, now)
			}
		})
	}
}

const glance = 50 * time.Millisecond

// lowest is the value once it did not fall for a second.
func lowest(value func() int) int {
	least := value()
	for quiet := time.Duration(0); quiet < time.Second; quiet += glance {
		time.Sleep(glance)
		if now := value(); now < least {
			least, quiet = now, 0
		}
	}
	return least
}

// fallen is the value as soon as it is not above want, or what it is when
// patience is at its end: on a busy machine all that ends takes its time.
func fallen(value func() int, want int) int {
	now := value()
	for deadline := time.Now().Add(patience); now > want && time.Now().Before(deadline); now = value() {
		time.Sleep(glance)
	}
	return now
}
