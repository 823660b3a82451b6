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
			goroutines, fds := settled(runtime.NumGoroutine, 0), settled(openFDs, 0)
			for range 20 {
				cycle()
			}
			if now := settled(runtime.NumGoroutine, goroutines); now > goroutines {
				t.Errorf("%d goroutines became %d", goroutines, now)
				pprof.Lookup("goroutine").WriteTo(os.Stderr, 1)
			}
			if now := settled(openFDs, fds); now > fds {
				t.Errorf("%d descriptors became %d", fds, now)
			}
		})
	}
}

// settled is the value once it did not fall for a second, or is not above want.
func settled(value func() int, want int) int {
	least := value()
	for quiet := 0; quiet < 20 && least > want; quiet++ {
		time.Sleep(50 * time.Millisecond)
		if now := value(); now < least {
			least, quiet = now, 0
		}
	}
	return least
}

func openFDs() int {
	entries, _ := os.ReadDir("/proc/self/fd")
	return len(entries)
}
